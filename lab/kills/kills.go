// Package kills proves that training survives being killed: it trains runs in processes of their own, kills these by
// SIGKILL at random instants, also while they write a checkpoint, lets others go on, and compares what comes of it
// with runs that were left alone.
package kills

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"engram/drqn"
	"engram/lab"
)

// Options are how much is killed.
type Options struct {
	Executable string // engram
	Backend    string
	Dir        string // in which the runs are made
	Kills      int    // at least
	Members    int    // of each population, K
	Updates    int    // of each run
	Seed       uint64 // of the instants, and of the first run
	Watch      func(Run)
}

// Run is what came of one run, or population, that was killed again and again.
type Run struct {
	Kind      string   `json:"kind"` // of its config
	Seed      uint64   `json:"seed"`
	Kills     int      `json:"kills"`
	Writing   int      `json:"writing"`   // of the kills: in the writing of a checkpoint, which was left unfinished
	Starting  int      `json:"starting"`  // of the kills: before there was a checkpoint
	Different []string `json:"different"` // files that are not those of the run that was left alone
}

// kinds are the configs that take turns: between them they have every kind of state.
var kinds = []struct {
	name, preset string
	change       func(*drqn.Config)
}{
	{"trials", "default", func(c *drqn.Config) { c.Task = "TemporalOrder" }},
	{"sessions", "session", func(c *drqn.Config) {
		c.Task, c.Window, c.PassAction, c.PassReward = "DelayMatchSample", 6, true, true
		c.WindowEnd, c.PriorityExponent, c.ImportanceExponent = "prioritized", 0.6, 0.4
	}},
}

// config is the config of run i.
func (o Options) config(i int) (drqn.Config, error) {
	kind := kinds[i%len(kinds)]
	c, err := drqn.Preset(kind.preset)
	if err != nil {
		return c, err
	}
	kind.change(&c)
	c.Hidden, c.InputSize, c.Batch, c.Capacity, c.LearnAfter = 6, 4, 4, 4000, 100
	c.Updates, c.MetricsEvery, c.EvalEvery, c.EvalTrials, c.CheckpointEvery = o.Updates, 10, 40, 5, 20
	c.Seed = o.Seed + uint64(i)
	return c, c.Validate()
}

// All kills until so many kills are done, run by run, and returns what came of each run.
func (o Options) All(ctx context.Context) ([]Run, error) {
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	var runs []Run
	for i, done := 0, 0; done < o.Kills; i++ {
		r, err := o.one(ctx, rng, i, o.Kills-done)
		if err != nil {
			return runs, err
		}
		runs, done = append(runs, r), done+r.Kills
		if o.Watch != nil {
			o.Watch(r)
		}
	}
	return runs, nil
}

// one trains run i alone and again under at most so many kills.
func (o Options) one(ctx context.Context, rng *rand.Rand, i, atMost int) (Run, error) {
	c, err := o.config(i)
	if err != nil {
		return Run{}, err
	}
	r := Run{Kind: kinds[i%len(kinds)].name, Seed: c.Seed, Different: []string{}}
	alone, killed := filepath.Join(o.Dir, fmt.Sprintf("%d-alone", i)), filepath.Join(o.Dir, fmt.Sprintf("%d-killed", i))
	p := &process{options: o, dir: alone, config: c, left: map[string]bool{}}
	if err := p.start(ctx); err != nil {
		return r, err
	}
	begun := p.firstReport()
	if err := p.wait(); err != nil {
		return r, err
	}
	whole := time.Since(p.began)
	p.dir = killed
	for finished := false; !finished; {
		if err := p.start(ctx); err != nil {
			return r, err
		}
		after := time.Duration(rng.Float64() * float64(begun+whole/8))
		if r.Kills == atMost {
			err, finished = p.wait(), true
		} else if finished, err = p.kill(after, rng.IntN(2) == 0); err == nil && !finished {
			err = r.count(p)
		}
		if err != nil {
			return r, err
		}
	}
	r.Different, err = different(p.runs(), (&process{options: o, dir: alone, config: c}).runs())
	return r, err
}

// count counts a kill by what it left, and checks that what a reader sees is whole.
func (r *Run) count(p *process) error {
	r.Kills++
	writing, starting := p.leftUnfinished(), false
	for _, dir := range p.runs() {
		run, err := lab.Open(dir)
		if err != nil { // killed before it was a run
			starting = true
			continue
		}
		updates, err := run.Checkpoints()
		if err != nil {
			return err
		}
		starting = starting || len(updates) == 0
		if err := readable(run); err != nil {
			return err
		}
	}
	if writing {
		r.Writing++
	}
	if starting {
		r.Starting++
	}
	return nil
}

// readable reads a run's journals, whose updates must rise.
func readable(r *lab.Run) error {
	metrics, err := r.Metrics()
	if err != nil {
		return err
	}
	for i, m := range metrics {
		if want := int64((i + 1) * r.Config.MetricsEvery); m.Update != want {
			return fmt.Errorf("%s: line %d of the metrics is of update %d, not %d", r.Dir, i+1, m.Update, want)
		}
	}
	evaluations, err := r.Evaluations()
	if err != nil {
		return err
	}
	for i, e := range evaluations {
		if want := int64(i * r.Config.EvalEvery); e.Update != want {
			return fmt.Errorf("%s: line %d of the evaluations is of update %d, not %d", r.Dir, i+1, e.Update, want)
		}
	}
	return nil
}

// different are the files that differ between the runs of two lists.
func different(killed, alone []string) ([]string, error) {
	names := []string{}
	for i := range alone {
		got, err := fingerprint(killed[i])
		if err != nil {
			return nil, err
		}
		want, err := fingerprint(alone[i])
		if err != nil {
			return nil, err
		}
		for name, sum := range want {
			if got[name] != sum {
				names = append(names, filepath.Join(killed[i], name))
			}
		}
	}
	return names, nil
}

// fingerprint is the SHA-256 of all that a run came to, by what it is: its journals, its result, and every file of its
// last checkpoint: weights, target network and moments, where acting stood, and the replay ring.
func fingerprint(dir string) (map[string]string, error) {
	r, err := lab.Open(dir)
	if err != nil {
		return nil, err
	}
	if r.About.State != lab.Finished {
		return nil, fmt.Errorf("run %s is %s, not finished: %s", dir, r.About.State, r.About.Error)
	}
	updates, err := r.Checkpoints()
	if err != nil || len(updates) == 0 {
		return nil, fmt.Errorf("run %s has no checkpoint: %w", dir, err)
	}
	last, err := r.Checkpoint(updates[len(updates)-1])
	if err != nil {
		return nil, err
	}
	result, err := json.Marshal(r.About.Result)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{"the result": sum(result), "the last checkpoint's update": fmt.Sprint(last.Update)}
	for name, sha := range last.Files {
		sums[name] = sha
	}
	for _, name := range []string{"config.json", "metrics.jsonl", "evals.jsonl"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		sums[name] = sum(data)
	}
	return sums, nil
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// process trains in a process of its own.
type process struct {
	options Options
	dir     string
	config  drqn.Config

	began   time.Time
	command *exec.Cmd
	said    bytes.Buffer
	ended   chan error
	left    map[string]bool // checkpoints that were left unfinished
}

// runs are the directories of the population's runs.
func (p *process) runs() []string {
	if p.options.Members == 1 {
		return []string{p.dir}
	}
	var dirs []string
	for k := range p.options.Members {
		dirs = append(dirs, filepath.Join(p.dir, fmt.Sprintf("seed-%d", p.config.Seed+uint64(k))))
	}
	return dirs
}

// start begins the run, or goes on with it by the same command.
func (p *process) start(ctx context.Context) error {
	config, err := json.Marshal(p.config)
	if err != nil {
		return err
	}
	p.command = exec.CommandContext(ctx, p.options.Executable, "train", "--run", p.dir, "--members", fmt.Sprint(p.options.Members),
		"--backend", p.options.Backend, "--config", "-", "--quiet", "--json", "--no-report")
	p.said.Reset()
	p.command.Stdin, p.command.Stderr = bytes.NewReader(config), &p.said
	p.began, p.ended = time.Now(), make(chan error, 1)
	if err := p.command.Start(); err != nil {
		return err
	}
	go func(command *exec.Cmd, ended chan error) { ended <- command.Wait() }(p.command, p.ended)
	return nil
}

// firstReport waits until training has said something, and returns how long that took.
func (p *process) firstReport() time.Duration {
	for len(p.ended) == 0 {
		if info, err := os.Stat(filepath.Join(p.runs()[0], "metrics.jsonl")); err == nil && info.Size() > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(p.began)
}

// wait waits for the process to end by itself.
func (p *process) wait() error { return p.failed(<-p.ended) }

func (p *process) failed(err error) error {
	if err != nil {
		return fmt.Errorf("training into %s: %w: %s", p.dir, err, bytes.TrimSpace(p.said.Bytes()))
	}
	return nil
}

// kill kills the process after a time, or then as soon as it is seen to write a checkpoint; finished says that it had
// ended before.
func (p *process) kill(after time.Duration, writing bool) (finished bool, err error) {
	time.Sleep(after)
	for writing && len(p.ended) == 0 && !p.writes() {
		time.Sleep(50 * time.Microsecond)
	}
	select {
	case err := <-p.ended:
		return true, p.failed(err)
	default:
	}
	if err := p.command.Process.Kill(); err != nil {
		return false, err
	}
	<-p.ended
	if p.command.ProcessState.Success() { // it ended in the same instant
		return true, nil
	}
	return false, nil
}

// leftUnfinished says whether the process that was killed left a checkpoint unfinished.
func (p *process) leftUnfinished() bool {
	found := false
	for _, dir := range p.runs() {
		paths, _ := filepath.Glob(filepath.Join(dir, "checkpoints", ".new-*")) // the pattern is good
		for _, path := range paths {
			found = found || !p.left[path]
			p.left[path] = true
		}
	}
	return found
}

// writes says whether a checkpoint is being written.
func (p *process) writes() bool {
	for _, dir := range p.runs() {
		entries, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
		if err == nil && len(entries) > 0 && entries[0].Name()[0] == '.' { // they are in order
			return true
		}
	}
	return false
}
