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

// FinalTrials is the number of trials in the evaluation at the end of a run whose environment has trials.
const FinalTrials = 2000

// FinalTrials returns the number of trials, or of whole episodes, in the evaluation at the run's end.
func (r *Run) FinalTrials() (int, error) {
	goal, err := r.Config.Goal()
	return goal.FinalTrials(), err
}

// FinalSeed returns the seed of the evaluation at the end of a run, whose trials no other evaluation draws.
func FinalSeed(seed uint64) uint64 { return rand.NewPCG(seed, 1<<32).Uint64() }

// Watcher observes training. Besides metrics and evaluations it gets notices, in one line each, of trouble that Train
// worked around, such as a damaged checkpoint, which it replaces by an earlier one. A watcher that is a
// drqn.CompileObserver also learns when XLA compiles.
type Watcher interface {
	drqn.Observer
	Notice(line string)
}

// Train trains agents, each in its own run directory: one, or several together in one compiled program, whose configs
// may differ as drqn.NewTrainer documents. At the end it evaluates each agent over FinalTrials fresh trials.
//
// Train creates a directory that does not exist. An unfinished run of the same config, which was cancelled, killed or
// failed, it resumes from the newest checkpoint that all the runs have; the result is, to the last bit, that of
// training without the interruption, on the same backend and machine and with the same population. Finished runs are
// returned unchanged. A run of another config, or one that another process writes, is an error.
//
// A cancelled context ends training with a checkpoint and the context's error. The watcher, which may be nil, gets what
// is written.
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
	defer trainer.Close()
	p, err := openPopulation(jobs, backend, w)
	if err != nil {
		return nil, err
	}
	defer p.release()
	p.trainer = trainer
	for _, notice := range []string{jobs[0].Config.WindowNotice(), inexactNotice(jobs[0].Config)} {
		if notice != "" && w != nil {
			w.Notice(notice)
		}
	}
	return p.all(), p.finish(ctx, p.train(ctx, b))
}

// inexactNotice returns a line for a run that cannot be resumed exactly, which says why; else nothing.
func inexactNotice(c drqn.Config) string {
	goal, err := c.Goal()
	if err != nil || goal.NotExact == "" {
		return ""
	}
	return fmt.Sprintf("%s: a run that is stopped and resumed is not, to the last bit, the one that was not stopped: "+
		"its episodes begin again, for %s", c.Task, goal.NotExact)
}

// finished returns the runs of the jobs if all are finished and have the jobs' configs.
func finished(jobs []Job) (runs []*Run, done bool) {
	for _, j := range jobs {
		r, err := Open(j.Dir)
		if err != nil || r.About.State != Finished || j.Config.Differences(r.Config) != "" ||
			j.Start.check(r) != nil {
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

// train trains from the newest common checkpoint, or from the beginning, to the end.
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

// interrupted reports whether an error is only that of the cancelled context.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// conclude evaluates the trained agents that were not yet evaluated, and marks their runs as finished.
func (p *population) conclude(ctx context.Context) error {
	for k, r := range p.runs {
		if r.About.State == Finished { // its journal was cut to the last checkpoint, before the final evaluation
			if err := r.writeFinal(*r.About.Result); err != nil {
				return err
			}
			continue
		}
		trials, err := r.FinalTrials()
		if err != nil {
			return err
		}
		e, err := r.Evaluate(ctx, trials, FinalSeed(r.Config.Seed))
		if err != nil {
			return err
		}
		if r.About.Random, err = random(ctx, r.Config); interrupted(ctx, err) {
			return err
		} else if err != nil { // the agent is trained and evaluated nevertheless
			p.notice(fmt.Sprintf("run %s: what acting at random earns could not be measured: %v", r.Dir, err))
		}
		if r.About.Trials, r.About.Reward, err = r.earned(); err != nil {
			return err
		}
		untold, reward := p.trainer.Untold(k)
		r.About.Trials, r.About.Reward = r.About.Trials+untold, r.About.Reward+reward
		if err := r.writeFinal(e); err != nil {
			return err
		}
		r.About.Result, r.About.State, r.About.Error, r.About.Remedy = &e, Finished, "", ""
		if err := writeJSON(filepath.Join(r.Dir, runFile), r.About); err != nil {
			return err
		}
	}
	return nil
}

// writeFinal appends the evaluation at a run's end to its evaluations. Only then does run.json mark the run as
// finished, so that a process killed between the two writes the evaluation again.
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

// earned sums the trials that ended in training, as far as the metrics count them, and their rewards.
func (r *Run) earned() (trials int64, reward float64, err error) {
	metrics, err := r.Metrics()
	for _, m := range metrics {
		trials, reward = trials+m.Trials, reward+float64(m.Trials)*m.RewardPerTrial
	}
	return trials, reward, err
}

// finish records in each run how training ended, and returns the error with advice.
func (p *population) finish(ctx context.Context, err error) error {
	for k, r := range p.runs {
		if r.About.State == Finished || r.lock.Check() != nil {
			continue // if the lock is lost, the run is another process's now, or nobody's
		}
		r.About.State, r.About.Error, r.About.Remedy, r.About.Compiling = Interrupted, "", "", false
		if !interrupted(ctx, err) {
			r.About.State, r.About.Error, r.About.Remedy = Failed, fmt.Sprint(err), p.remedy(err)
		}
		var d *drqn.Divergence
		if errors.As(err, &d) && d.Member == k {
			err = errors.Join(err,
				r.keepDivergence(d, tensorsOf("", p.trainer.Network().Params(), p.trainer.Weights(k))))
		}
		_ = writeJSON(filepath.Join(r.Dir, runFile), r.About) // the error of training is the one to return
	}
	if err == nil || interrupted(ctx, err) {
		return err
	}
	return p.explain(err)
}

// Evaluate lets the agent of the run's newest checkpoint act greedily on fresh trials, and returns what it earned.
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
