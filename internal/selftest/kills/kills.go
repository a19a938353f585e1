// Package kills proves that training survives being killed: it trains runs in separate processes, kills these with
// SIGKILL at random instants, some while they write a checkpoint, resumes the runs in new processes, and compares the
// results with undisturbed runs.
package kills

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"engram/drqn"
	"engram/lab"
)

// Options say how much is killed.
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

// Run is the result of one run, or population, that was killed again and again.
type Run struct {
	Kind      string   `json:"kind"` // of its config
	Seed      uint64   `json:"seed"`
	Kills     int      `json:"kills"`
	Writing   int      `json:"writing"`   // kills that left a checkpoint unfinished
	Starting  int      `json:"starting"`  // kills before there was a checkpoint
	Different []string `json:"different"` // files that differ from those of the undisturbed run
	// Alone and Killed are the digests (lab.Run.Digest) of the undisturbed runs, and of those that were killed.
	Alone   []string `json:"alone"`
	Killed  []string `json:"killed"`
	Members int      `json:"members"` // of the population, K
	Backend string   `json:"backend"`
}

// kinds are the configs that take turns: between them they have every kind of state.
var kinds = []struct {
	name, preset string
	change       func(*drqn.Config)
}{
	{"trials", "default", func(c *drqn.Config) { c.Task = "TemporalOrder" }},
	{"sessions", "session", func(c *drqn.Config) {
		c.Task, c.Window, c.PassAction, c.PassReward = "DelayMatchSample", 6, true, true
		c.BurnIn, c.WindowEnd, c.PriorityExponent, c.ImportanceExponent = 5, "prioritized", 0.6, 0.4
	}},
}

// config returns the config of run i.
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

// All kills run after run until the number of kills is reached, and returns the result of each run.
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

// one trains run i undisturbed, and again under at most so many kills.
func (o Options) one(ctx context.Context, rng *rand.Rand, i, atMost int) (Run, error) {
	c, err := o.config(i)
	if err != nil {
		return Run{}, err
	}
	r := Run{Kind: kinds[i%len(kinds)].name, Seed: c.Seed, Members: o.Members, Backend: o.Backend,
		Different: []string{}}
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
	return r, r.compare(p.runs(), (&process{options: o, dir: alone, config: c}).runs())
}

// count counts a kill by what it left, and checks that a reader sees the run whole.
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
