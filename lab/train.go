package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/internal/sysinfo"
)

// FinalTrials is the number of trials of the evaluation at a run's end.
const FinalTrials = 2000

// FinalSeed is that of the evaluation at a run's end: its stream is no other's.
func FinalSeed(seed uint64) uint64 { return rand.NewPCG(seed, 1<<32).Uint64() }

// Watcher is told what happens in training, as an Observer is, and in one line each what went wrong and was helped,
// such as a damaged checkpoint in place of which an earlier one is used.
type Watcher interface {
	drqn.Observer
	Notice(line string)
}

// Train trains agents, each in a run directory of its own: one, or several together in one compiled program, whose
// configs may differ as drqn.NewTrainer says. Each agent is evaluated over FinalTrials fresh trials at its end.
//
// A directory that does not exist is made. One that holds a run of the same config that was not finished, because
// it was cancelled, killed or failed, is gone on with, from the newest checkpoint that all the runs have; what comes of
// it is, to the last bit, what would have come of it without the interruption, on the same backend and machine and
// with the same population. Finished runs are returned as they are. A run of another config, or one that another
// process writes, is an error.
//
// A cancelled context ends training with a checkpoint, and with the context's error. The watcher, which may be nil,
// is told of what is written.
func Train(ctx context.Context, jobs []Job, b compute.Backend, backend string, w Watcher) ([]*Run, error) {
	if runs, done := finished(jobs); done {
		return runs, nil
	}
	if err := fits(jobs, backend); err != nil {
		return nil, err
	}
	trainer, err := newTrainer(b, jobs)
	if err != nil {
		return nil, err
	}
	p, err := openPopulation(jobs, backend, w)
	if err != nil {
		return nil, err
	}
	defer p.release()
	p.trainer = trainer
	if notice := jobs[0].Config.WindowNotice(); notice != "" && w != nil {
		w.Notice(notice)
	}
	return p.all(), p.finish(ctx, p.train(ctx, b))
}

// finished returns the runs where all are finished, with the jobs' configs.
func finished(jobs []Job) (runs []*Run, done bool) {
	for _, j := range jobs {
		r, err := Open(j.Dir)
		if err != nil || r.About.State != Finished || j.Config.Differences(r.Config) != "" {
			return nil, false
		}
		runs = append(runs, r)
	}
	return runs, len(jobs) > 0
}

func newTrainer(b compute.Backend, jobs []Job) (*drqn.Trainer, error) {
	var configs []drqn.Config
	for _, j := range jobs {
		configs = append(configs, j.Config)
	}
	return drqn.NewTrainer(b, configs...)
}

// train goes on from the newest common checkpoint to the end.
func (p *population) train(ctx context.Context, b compute.Backend) error {
	err := p.restore(b)
	if err != nil {
		return err
	}
	every := int64(p.runs[0].Config.CheckpointEvery)
	for !p.trainer.Done() && err == nil {
		err = p.trainer.TrainUntil(ctx, (p.trainer.Update()/every+1)*every, p)
		if err == nil || interrupted(ctx, err) {
			err = cmp.Or(p.checkpoint(), err)
		}
	}
	if saved := p.saved(); err == nil || interrupted(ctx, err) {
		err = cmp.Or(saved, err)
	}
	if err != nil {
		return err
	}
	return p.conclude(ctx)
}

// interrupted says whether an error is only that of the cancelled context.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// conclude evaluates the trained agents that are not yet.
func (p *population) conclude(ctx context.Context) error {
	for k, r := range p.runs {
		if r.About.State == Finished { // its journal was cut to the last checkpoint
			if err := r.writeFinal(*r.About.Result); err != nil {
				return err
			}
			continue
		}
		e, err := r.Evaluate(ctx, FinalTrials, FinalSeed(r.Config.Seed))
		if err != nil {
			return err
		}
		if r.About.Trials, r.About.Reward, err = r.earned(); err != nil {
			return err
		}
		trials, reward := p.trainer.Untold(k)
		r.About.Trials, r.About.Reward = r.About.Trials+trials, r.About.Reward+reward
		if err := r.writeFinal(e); err != nil {
			return err
		}
		r.About.Result, r.About.State, r.About.Error = &e, Finished, ""
		if err := writeJSON(filepath.Join(r.Dir, runFile), r.About); err != nil {
			return err
		}
	}
	return nil
}

// writeFinal appends the evaluation at a run's end to its evaluations, before run.json says that the run is finished:
// who is killed between the two writes it again.
func (r *opened) writeFinal(e drqn.Evaluation) error {
	e.Final = true
	if err := r.lock.Check(); err != nil {
		return err
	}
	if err := r.journal.evaluation(e); err != nil {
		return err
	}
	return r.journal.sync()
}

// earned sums up the trials that ended in training, as far as the metrics tell of them, and their rewards.
func (r *Run) earned() (trials int64, reward float64, err error) {
	metrics, err := r.Metrics()
	for _, m := range metrics {
		trials, reward = trials+m.Trials, reward+float64(m.Trials)*m.RewardPerTrial
	}
	return trials, reward, err
}

// finish says in each run how training ended, and returns the error with what is to be done about it.
func (p *population) finish(ctx context.Context, err error) error {
	for k, r := range p.runs {
		if r.About.State == Finished || r.lock.Check() != nil {
			continue // or it is another process's now, or nobody's
		}
		r.About.State, r.About.Error = Failed, fmt.Sprint(err)
		if interrupted(ctx, err) {
			r.About.State, r.About.Error = Interrupted, ""
		}
		var d *drqn.Divergence
		if errors.As(err, &d) && d.Member == k {
			err = errors.Join(err,
				r.keepDivergence(d, tensorsOf("", p.trainer.Network().Params(), p.trainer.Weights(k))))
		}
		_ = writeJSON(filepath.Join(r.Dir, runFile), r.About) // the error that counts is the one that training came to
	}
	if err == nil || interrupted(ctx, err) {
		return err
	}
	return p.explain(err)
}

// Evaluate acts greedily with the run's newest checkpoint on fresh trials.
func (r *Run) Evaluate(ctx context.Context, trials int, seed uint64) (drqn.Evaluation, error) {
	policy, update, err := r.Policy()
	if err != nil {
		return drqn.Evaluation{}, err
	}
	e, err := policy.Evaluate(ctx, trials, seed)
	e.Update = update
	return e, err
}

func newAbout(backend string) About {
	self := sysinfo.Self()
	return About{Format: formatState, Backend: backend, Engram: self.Version, Go: self.Go,
		GoMLX: self.Modules["github.com/gomlx/gomlx"], Machine: sysinfo.Machine(),
		Created: time.Now().UTC().Truncate(time.Second), State: Running}
}
