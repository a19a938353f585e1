package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"engram/internal/lock"
	"engram/internal/plain"
	"engram/sweep/search"
)

// Backend opens what agents train on and returns its name, as lab.Train takes both.
type Backend func() (compute.Backend, string, error)

// Options say how a study is carried out. They do not change its results.
type Options struct {
	Workers int // attempts, or packs of them, at a time; 0 means 1
	Pack    int // trials that are claimed and trained together; 0 means 1
	// Backend opens the backend of each pack; a goal of kind function needs none. It is passed in, and not opened here,
	// so that package sweep links no XLA: a program that only describes or reads a study, such as a notebook's cell,
	// starts half a second sooner.
	Backend Backend
	// RetryFailed gives each failed trial another attempt, unless it is set aside.
	RetryFailed bool
	// Wait makes workers without a trial wait for the running attempts of others, and take up those that are lost.
	Wait bool
	// Minutes ends the run in good order after a while; 0 means as the study says.
	Minutes float64
	// Patience bounds the time that running trials have for their checkpoints after the context is cancelled: Work then
	// returns, their attempts count as interrupted, and what they still do counts for nothing. 0 means no bound.
	Patience time.Duration
}

// mostTogether bounds workers, the trials of a pack and the agents of a trial: more are a slip.
const mostTogether = 4096

// Check returns an error that names the first invalid number, and the remedy.
func (o Options) Check() error {
	switch {
	case o.Workers < 1 || o.Workers > mostTogether:
		return fmt.Errorf("invalid workers %d: use 1 to %d", o.Workers, mostTogether)
	case o.Pack < 1 || o.Pack > mostTogether:
		return fmt.Errorf("invalid pack %d: use 1 to %d", o.Pack, mostTogether)
	}
	return checkMinutes(o.Minutes)
}

// checkMinutes returns an error unless a number of minutes is one, or 0 for none.
func checkMinutes(minutes float64) error {
	if minutes >= 0 && minutes <= longest/60 {
		return nil
	}
	return fmt.Errorf("invalid minutes %g: use a number above 0 and at most %.0f, or 0 for no limit", minutes,
		longest/60)
}

// filled returns the options with 0 replaced by what it means.
func (o Options) filled() Options {
	o.Workers, o.Pack = cmp.Or(o.Workers, 1), cmp.Or(o.Pack, 1)
	return o
}

// failuresInARow is the number of attempts in a row that must fail on a host before it is set aside.
const failuresInARow = 5

// worker carries attempts of a study out, up to Options.Workers packs at a time.
type worker struct {
	dir       string
	study     Study
	options   Options
	objective objective
	sampler   search.Sampler
	total     int // trials
	host      string
	// runPatience bounds the wait for the lock of a run: a holder that has died is known to be dead by then.
	runPatience time.Duration

	mutex    sync.Mutex // of what follows
	view     *view
	held     map[*attempt]bool
	memory   leftovers
	busy     map[int]bool // trials with a run that another living process writes: they are left to it
	failures int          // since the last success
	reason   string
}

// Work carries out the rest of a study, together with any other workers of its directory, until each trial is settled,
// failed, set aside or running elsewhere, or until the study's minutes are over. Where the context is cancelled, it
// interrupts the running attempts, which another call resumes, and returns the context's error.
func Work(ctx context.Context, dir string, o Options) error {
	w, err := newWorker(dir, o)
	if err != nil {
		return err
	}
	return w.workPatiently(ctx)
}

// workPatiently works, and after the context is cancelled waits no longer than the options say.
func (w *worker) workPatiently(ctx context.Context) error {
	if w.options.Patience == 0 {
		return w.work(ctx)
	}
	done := make(chan error, 1)
	go func() { done <- w.work(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(w.options.Patience):
	}
	if err := w.interrupt(); err != nil {
		return err
	}
	return ctx.Err()
}

func (w *worker) work(ctx context.Context) error {
	if w.objective.measures().Trains && w.options.Backend == nil {
		return fmt.Errorf("study %s trains agents, and its options have no Backend to train them on: in a notebook, "+
			"use live.Backend", w.dir)
	}
	limited, cancel := w.limit(ctx)
	defer cancel()
	beating, stop := context.WithCancel(context.Background())
	var beats sync.WaitGroup
	beats.Go(func() { w.beat(beating) })
	defer beats.Wait()
	defer stop()

	var group sync.WaitGroup
	errs := make([]error, w.workers())
	for i := range errs {
		group.Go(func() {
			if errs[i] = w.loop(limited); errs[i] != nil {
				cancel() // one that cannot continue ends all
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	return ctx.Err()
}

// workers returns the number of packs that are carried out at a time, no more than there are trials.
func (w *worker) workers() int { return min(w.options.Workers, max(1, w.total)) }

func newWorker(dir string, o Options) (*worker, error) {
	o = o.filled()
	if err := o.Check(); err != nil {
		return nil, err
	}
	s, err := openStudy(dir)
	if err != nil {
		return nil, err
	}
	w := &worker{dir: dir, study: s, options: o, held: map[*attempt]bool{}, busy: map[int]bool{},
		runPatience: lock.Silence + 2*lock.Beat}
	if w.sampler, w.total, err = s.plan(); err != nil {
		return nil, err
	}
	if w.objective, err = s.Goal.objective(s.Space, o.Backend); err != nil {
		return nil, err
	}
	w.host, _ = os.Hostname() // "" is a name too
	w.view = newView(dir, s, w.objective)
	return w, w.view.refresh()
}

// limit returns a context that ends with the minutes of the options or of the study.
func (w *worker) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	minutes := w.options.Minutes
	if minutes == 0 {
		minutes = w.study.Minutes
	}
	if minutes == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Duration(minutes*float64(time.Minute)))
}

// loop claims and carries out trials until none is left.
func (w *worker) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		attempts, err := w.claim(w.options.Pack)
		if err != nil {
			return err
		}
		if len(attempts) == 0 {
			if more, err := w.idle(ctx); err != nil || !more {
				return err
			}
			continue
		}
		if err := w.carryOut(ctx, attempts); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// carryOut runs attempts, those of equal keys together.
func (w *worker) carryOut(ctx context.Context, attempts []*attempt) error {
	var keys []string
	groups := map[string][]*attempt{}
	for _, a := range attempts {
		key := w.objective.key(a.point)
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], a)
	}
	for _, key := range keys {
		w.discount(groups[key], len(attempts))
		err := w.objective.run(ctx, groups[key])
		for _, a := range groups[key] {
			a.drop() // if it could not be finished
		}
		if err != nil {
			return err
		}
	}
	return w.failing()
}

// failing returns an error where the last attempts of this process, failuresInARow or more, all failed.
func (w *worker) failing() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.failures < failuresInARow {
		return nil
	}
	return fmt.Errorf("host %s is set aside: its last %d attempts failed, the last one with: %s; see "+
		"'engram sweep status %s'", w.host, w.failures, w.reason, plain.Path(w.dir))
}

// waitBetween is the time between two looks at what others do.
const waitBetween = time.Second

// idle waits for a moment where Options.Wait is set and others still run trials; more is false where it did not wait.
func (w *worker) idle(ctx context.Context) (more bool, err error) {
	if !w.options.Wait {
		return false, nil
	}
	w.mutex.Lock()
	running := false
	for _, t := range w.view.open {
		running = running || t.last().end == nil
	}
	w.mutex.Unlock()
	if !running {
		return false, nil
	}
	return true, wait(ctx, waitBetween)
}

// judge asks the pruner about an attempt after a report. The error wraps ErrPruned where the trial is to be stopped.
func (w *worker) judge(a *attempt) error {
	if a.superseded() {
		return errSuperseded
	}
	if w.study.Pruner == (search.Rule{}) {
		return nil
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if err := w.view.refresh(); err != nil {
		return err
	}
	if why := w.study.Pruner.Judge(w.view.trials[a.trial].curve(), w.view.curves(a.trial)); why != "" {
		return fmt.Errorf("%w: %s", ErrPruned, why)
	}
	return nil
}

// beat writes signs of life into the files of this process's attempts until the context ends.
func (w *worker) beat(ctx context.Context) {
	for wait(ctx, w.study.staleAfter()/6) == nil {
		w.mutex.Lock()
		var held []*attempt
		for a := range w.held {
			held = append(held, a)
		}
		w.mutex.Unlock()
		for _, a := range held {
			_ = a.writer.append(line{Event: eventBeat, Time: now()}) // an error comes again with the next report
		}
	}
}

// interrupt ends the running attempts at once, as interrupted; the next ones resume from their last checkpoints.
func (w *worker) interrupt() error {
	w.mutex.Lock()
	held := slices.Collect(maps.Keys(w.held))
	w.mutex.Unlock()
	var err error
	for _, a := range held {
		err = errors.Join(err, a.finish(0, context.Canceled))
	}
	return err
}

// release removes an attempt that has ended with the line l, and counts failures in a row.
func (w *worker) release(a *attempt, l line) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.held, a)
	switch l.State {
	case Failed:
		if !l.Own {
			w.failures, w.reason = w.failures+1, l.Reason
		}
	case Complete, Pruned, Infeasible:
		w.failures = 0
	}
}

// leave makes this worker claim a trial no more.
func (w *worker) leave(trial int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.busy[trial] = true
}
