package sweep

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"engram/drqn"
	"engram/internal/lock"
	"engram/lab"
)

// run implements objective. All attempts train as one population; once the pruner has stopped a quarter of them, the
// others continue from a checkpoint as a smaller population.
func (t *training) run(ctx context.Context, attempts []*attempt) error {
	live := attempts
	for len(live) > 0 {
		p := newPack(t, live)
		runs, err := p.train(ctx)
		if err != nil && !p.stopping() && ctx.Err() == nil && len(live) > 1 {
			return t.runAlone(ctx, live) // so that only the one that fails does
		}
		if live, err = p.finish(ctx, runs, err); err != nil {
			return err
		}
	}
	return nil
}

// runAlone runs attempts one after another.
func (t *training) runAlone(ctx context.Context, attempts []*attempt) error {
	for _, a := range attempts {
		a.charge(0) // until its turn
	}
	for _, a := range attempts {
		a.worker.discount([]*attempt{a}, len(attempts))
		if err := t.run(ctx, []*attempt{a}); err != nil {
			return err
		}
	}
	return nil
}

// pack trains the agents of some attempts together and reports their evaluations. It is a lab.Watcher.
type pack struct {
	training *training
	attempts []*attempt
	cancel   context.CancelFunc

	scores  [][]float64 // [attempts][seeds] after update; NaN: not yet evaluated
	update  int64
	stopped []error // [attempts] the reason; nil: it continues
}

// stopShare is the share of a pack that must be stopped before the others continue without them: a smaller population
// is another program, which takes seconds to compile.
const stopShare = 0.25

func newPack(t *training, attempts []*attempt) *pack {
	p := &pack{training: t, attempts: attempts, stopped: make([]error, len(attempts)), cancel: func() {}, update: -1}
	for _, a := range attempts {
		a.charge(1 / float64(len(attempts)))
	}
	return p
}

// train trains to the end, or until enough attempts are stopped. A lone attempt waits for the locks of its runs.
func (p *pack) train(ctx context.Context) ([]*lab.Run, error) {
	p.bury()
	runs, err := p.trainWatched(ctx, p)
	var held lock.InUse
	for latest := time.Now().Add(p.attempts[0].worker.runPatience); errors.As(err, &held) && len(p.attempts) == 1 &&
		time.Now().Before(latest); {
		if err := p.attempts[0].await(ctx, held.Dir, latest); err != nil {
			return nil, err
		}
		runs, err = p.trainWatched(ctx, p)
	}
	return runs, err
}

// trainWatched trains all agents of the pack and reports to the watcher.
func (p *pack) trainWatched(ctx context.Context, w lab.Watcher) ([]*lab.Run, error) {
	var jobs []lab.Job
	for _, a := range p.attempts {
		for seed := range p.training.goal.Seeds {
			c, err := p.training.config(a.point, seed)
			if err != nil {
				return nil, ownFailure{err}
			}
			jobs = append(jobs, lab.Job{Dir: p.training.dir(a, seed), Config: c})
		}
	}
	b, backend, err := p.training.open()
	if err != nil {
		return nil, err
	}
	ctx, p.cancel = context.WithCancel(ctx)
	defer p.cancel()
	return lab.Train(ctx, jobs, b, backend, w)
}

// Metrics implements drqn.Observer.
func (p *pack) Metrics(drqn.Metrics) error { return nil }

// Notice implements lab.Watcher.
func (p *pack) Notice(string) {}

// Evaluation implements drqn.Observer. An attempt reports once all its seeds have been evaluated; the evaluation before
// the first update, confirmations and final evaluations do not count.
func (p *pack) Evaluation(member int, e drqn.Evaluation) error {
	if e.Update == 0 || e.Confirmation || e.Final {
		return nil
	}
	seeds := p.training.goal.Seeds
	if e.Update != p.update {
		p.update, p.scores = e.Update, nil
		for range p.attempts {
			p.scores = append(p.scores, slices.Repeat([]float64{math.NaN()}, seeds))
		}
	}
	i, seed := member/seeds, member%seeds
	if !math.IsNaN(p.scores[i][seed]) { // the first evaluation after an update counts
		return nil
	}
	p.scores[i][seed] = e.Score()
	if slices.ContainsFunc(p.scores[i], math.IsNaN) {
		return nil
	}
	if err := p.unlessStopped(i, func(a *attempt) error { return a.record(p.update, p.scores[i]...) }); err != nil {
		return err
	}
	if i < len(p.attempts)-1 {
		return nil
	}
	return p.judge()
}

// judge asks the pruner about every attempt once all have reported, so that each is compared with all others.
func (p *pack) judge() error {
	for i := range p.attempts {
		if err := p.unlessStopped(i, func(a *attempt) error { return a.worker.judge(a) }); err != nil {
			return err
		}
	}
	if p.stopping() {
		p.cancel()
	}
	return nil
}

// unlessStopped calls do with an attempt that is not stopped, and records an error by which it is to be stopped.
func (p *pack) unlessStopped(i int, do func(*attempt) error) error {
	if p.stopped[i] != nil {
		return nil
	}
	err := do(p.attempts[i])
	if errors.Is(err, ErrPruned) || errors.Is(err, errInfeasible) || errors.Is(err, errSuperseded) {
		p.stopped[i], err = err, nil
	}
	return err
}

// stopping reports whether enough attempts are stopped for the others to continue without them.
func (p *pack) stopping() bool {
	n := 0
	for _, err := range p.stopped {
		if err != nil {
			n++
		}
	}
	return n > 0 && float64(n) >= stopShare*float64(len(p.attempts))
}

// finish finishes the attempts that are done, after training ended with the error trained, and returns the others.
func (p *pack) finish(ctx context.Context, runs []*lab.Run, trained error) (live []*attempt, err error) {
	seeds := p.training.goal.Seeds
	for i, a := range p.attempts {
		value, why := 0.0, p.stopped[i]
		switch {
		case why != nil:
		case trained == nil:
			if value, why = p.training.value(runs[i*seeds : (i+1)*seeds]); errors.Is(why, errNoEvaluation) {
				why = ownFailure{why}
			}
		case ctx.Err() != nil:
			why = ctx.Err()
		case p.stopping():
			live = append(live, a)
			continue
		default:
			why = trained
		}
		if err := a.finish(value, why); err != nil {
			return nil, err
		}
	}
	return live, nil
}

// value returns the value of a trial, given the runs of its seeds.
func (t *training) value(runs []*lab.Run) (float64, error) {
	if t.goal.Measure == measureLast {
		var shares []float64
		for _, r := range runs {
			if r.About.Result == nil {
				return 0, errNoEvaluation
			}
			shares = append(shares, r.About.Result.Score())
		}
		return iqm(shares)
	}
	updates, shares, err := learningCurve(runs)
	if err != nil {
		return 0, err
	}
	if t.goal.Measure == measureBest {
		return slices.Max(shares), nil
	}
	for i, share := range shares {
		if share >= t.threshold() {
			return float64(updates[i]), nil
		}
	}
	return 2 * float64(runs[0].Config.Updates), nil // it never did: see Goal.Measure
}

// learningCurve returns the interquartile mean over runs of the share of the ceiling, at each update after which all
// runs were evaluated.
func learningCurve(runs []*lab.Run) (updates []int64, shares []float64, err error) {
	at := map[int64][]float64{}
	for i, r := range runs {
		evaluations, err := r.Evaluations()
		if err != nil {
			return nil, nil, err
		}
		for _, e := range evaluations {
			if e.Update > 0 && !e.Final && !e.Confirmation && len(at[e.Update]) == i {
				at[e.Update] = append(at[e.Update], e.Score())
			}
		}
	}
	for update, scores := range at {
		if len(scores) == len(runs) {
			updates = append(updates, update)
		}
	}
	if len(updates) == 0 {
		return nil, nil, errNoEvaluation
	}
	slices.Sort(updates)
	for _, u := range updates {
		share, err := iqm(at[u])
		if err != nil {
			return nil, nil, err
		}
		shares = append(shares, share)
	}
	return updates, shares, nil
}
