package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"engram/drqn"
	"engram/internal/plain"
	"engram/lab"
)

// progress shows a run as it goes: a live bar on a terminal, else a plain line now and then. What cannot be shown,
// because the reader has gone or a disk is full, is dropped: training goes on, and the run directory has it all.
type progress struct {
	out       io.Writer
	bar       *progressbar.ProgressBar // nil where not on a terminal
	updates   int
	began     time.Time
	nextPlain time.Time
	evaluated string
	names     []string // of the members, to begin a line with; of one agent empty
	first     int64    // update of the first metrics seen: what was done before has another rate
}

// plainEvery is the time between two plain lines.
const plainEvery = 10 * time.Second

func newProgress(out *os.File, jobs []lab.Job) *progress {
	c := jobs[0].Config
	p := &progress{out: out, updates: c.Updates, names: make([]string, len(jobs)), began: time.Now(),
		nextPlain: time.Now().Add(plainEvery)}
	for i, j := range jobs {
		if len(jobs) > 1 {
			p.names[i] = plain.Text(j.Dir) + ": "
		}
	}
	if !term.IsTerminal(int(out.Fd())) {
		return p
	}
	p.bar = progressbar.NewOptions(c.Updates, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("updates"), progressbar.OptionSetPredictTime(true),
		progressbar.OptionFullWidth(), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetDescription("compiling"), progressbar.OptionClearOnFinish())
	return p
}

// Metrics implements drqn.Observer.
func (p *progress) Metrics(m drqn.Metrics) error {
	if p.first == 0 {
		p.first, p.began = m.Update, time.Now()
	}
	line := fmt.Sprintf("loss %.4f  reward %+.3f/trial  eps %.2f%s", m.Loss, m.RewardPerTrial, m.Epsilon, p.evaluated)
	if p.bar != nil {
		p.bar.Describe(line)
		p.bar.Set64(m.Update)
		return nil
	}
	if time.Now().Before(p.nextPlain) || m.Update == p.first {
		return nil
	}
	p.nextPlain = time.Now().Add(plainEvery)
	elapsed := time.Since(p.began)
	rate := float64(m.Update-p.first) / elapsed.Seconds()
	left := time.Duration(float64(p.updates-int(m.Update)) / rate * float64(time.Second))
	fmt.Fprintf(p.out, "update %d of %d  %.0f/s  at most %s left  %s\n", m.Update, p.updates, rate,
		left.Round(time.Second), line)
	return nil
}

// Evaluation implements drqn.Observer.
func (p *progress) Evaluation(member int, e drqn.Evaluation) error {
	p.evaluated = fmt.Sprintf("  greedy %.3f (%.0f %%)", e.RewardPerTrial, 100*e.ShareOfCeiling)
	if p.bar != nil {
		return nil
	}
	fmt.Fprintf(p.out, "%supdate %d: greedy %.3f a trial over %d trials, %.1f %% of the ceiling\n", p.names[member],
		e.Update, e.RewardPerTrial, e.Trials, 100*e.ShareOfCeiling)
	return nil
}

// Notice implements lab.Watcher.
func (p *progress) Notice(line string) {
	p.done()
	fmt.Fprintln(p.out, plain.Text(line))
}

// notices is a lab.Watcher that shows nothing but what went wrong and was helped.
type notices struct{ out io.Writer }

func (notices) Metrics(drqn.Metrics) error            { return nil }
func (notices) Evaluation(int, drqn.Evaluation) error { return nil }
func (n notices) Notice(line string)                  { fmt.Fprintln(n.out, plain.Text(line)) }

var _, _ lab.Watcher = (*progress)(nil), notices{}

// done clears the bar.
func (p *progress) done() {
	if p.bar != nil {
		p.bar.Clear()
	}
}
