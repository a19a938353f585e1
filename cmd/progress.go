package cmd

import (
	"fmt"
	"os"
	"time"

	"charm.land/lipgloss/v2"
	"golang.org/x/term"

	"engram/drqn"
	"engram/internal/plain"
	"engram/lab"
	"engram/lab/watch"
)

// progress shows a run while it trains: a bar on a terminal, elsewhere a line now and then. Output that cannot be
// written, because its reader has left or a disk is full, is dropped: training continues, and the run directory has
// all.
type progress struct {
	out       *os.File
	bar       bool // out is a terminal
	drawn     bool // the bar is on it
	updates   int
	began     time.Time
	next      time.Time // when to show metrics again
	evaluated string
	names     []string // of the members, to begin a line with; empty for one agent
	unit      string   // what is counted: trial or episode
	first     int64    // update of the first metrics seen: what was done before it had another rate
}

// The times between two drawings of the bar, and between two lines.
const (
	barEvery   = 100 * time.Millisecond
	plainEvery = 10 * time.Second
)

func newProgress(out *os.File, jobs []lab.Job) *progress {
	p := &progress{out: out, bar: term.IsTerminal(int(out.Fd())), updates: jobs[0].Config.Updates,
		names: make([]string, len(jobs)), unit: "trial", began: time.Now(), next: time.Now().Add(plainEvery)}
	if goal, err := jobs[0].Config.Goal(); err == nil {
		p.unit = goal.Unit()
	}
	for i, j := range jobs {
		if len(jobs) > 1 {
			p.names[i] = plain.Text(j.Dir) + ": "
		}
	}
	return p
}

// Metrics implements drqn.Observer.
func (p *progress) Metrics(m drqn.Metrics) error {
	if p.first == 0 {
		p.first, p.began = m.Update, time.Now()
	}
	now := time.Now()
	rate := float64(m.Update-p.first) / now.Sub(p.began).Seconds()
	if m.Update == p.first {
		rate = 0
	}
	left := float64(p.updates-int(m.Update)) / rate
	line := fmt.Sprintf("loss %.4f  reward %+.3f/%s  eps %.2f%s", m.Loss, m.RewardPerTrial, p.unit, m.Epsilon,
		p.evaluated)
	switch {
	case p.bar && (now.After(p.next) || !p.drawn):
		p.next = now.Add(barEvery)
		p.draw(watch.View{State: lab.Running, Update: m.Update, Updates: int64(p.updates), Rate: rate,
			Left: left}, line)
	case !p.bar && rate > 0 && now.After(p.next):
		p.next = now.Add(plainEvery)
		fmt.Fprintf(p.out, "update %d of %d  %.0f/s  at most %s left  %s\n", m.Update, p.updates, rate,
			time.Duration(left*float64(time.Second)).Round(time.Second), line)
	}
	return nil
}

// draw draws the bar over the one before, followed by a line about the agent if there is room for both.
func (p *progress) draw(v watch.View, line string) {
	const gap, narrowest = "  ", 40
	width, _, err := term.GetSize(int(p.out.Fd()))
	if err != nil {
		return
	}
	width-- // a full line would wrap
	bar := v.Bar(width)
	if room := width - lipgloss.Width(gap+line); room >= narrowest {
		bar = v.Bar(room) + gap + line
	}
	p.done()
	_, err = lipgloss.Fprint(p.out, bar)
	p.drawn = err == nil
}

// Evaluation implements drqn.Observer.
func (p *progress) Evaluation(member int, e drqn.Evaluation) error {
	p.evaluated = "  greedy " + e.Brief()
	if !p.bar {
		fmt.Fprintf(p.out, "%supdate %d: greedy %s\n", p.names[member], e.Update, e.Text())
	}
	return nil
}

// Compiling implements drqn.CompileObserver: a bar that shows nothing of the program's progress, which is not known.
func (p *progress) Compiling(now bool) error {
	p.done()
	if !now {
		return nil
	}
	p.Notice(compiling)
	if p.bar {
		p.draw(watch.View{State: lab.Running, Updates: int64(p.updates)}, "compiling the train step")
	}
	return nil
}

// Notice implements lab.Watcher.
func (p *progress) Notice(line string) {
	p.done()
	fmt.Fprintln(p.out, plain.Text(line))
}

// done clears the bar.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	p.drawn = false
}

// notices is a lab.Watcher that shows only what went wrong and was mended.
type notices struct{ out *os.File }

func (notices) Metrics(drqn.Metrics) error            { return nil }
func (notices) Evaluation(int, drqn.Evaluation) error { return nil }
func (n notices) Notice(line string)                  { fmt.Fprintln(n.out, plain.Text(line)) }

var _, _ lab.Watcher = (*progress)(nil), notices{}

var _ drqn.CompileObserver = (*progress)(nil)
