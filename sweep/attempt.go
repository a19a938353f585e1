package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"engram/analysis"
	"engram/drqn"
	"engram/internal/lock"
	"engram/internal/numbers"
	"engram/sweep/search"
)

// ErrPruned is returned by Report where the trial is to be stopped.
var ErrPruned = errors.New("pruned")

// errSuperseded is returned where a later attempt has taken the trial over.
var errSuperseded = errors.New("another worker has taken the trial over")

// attempt is one that this worker carries out.
type attempt struct {
	trial, number int
	point         search.Point
	runs          string // the directory for its runs
	worker        *worker
	writer        *writer
	dead          []lock.Holder // the processes of earlier attempts that died on this machine
	clock         clock

	mutex  sync.Mutex
	step   int64
	memory float64
	ended  bool
}

// clock adds up the time that is an attempt's own: of each stretch a share, less than 1 in a pack, 0 while it waits.
type clock struct {
	mutex   sync.Mutex
	seconds float64 // until since
	since   time.Time
	share   float64
}

// read returns the seconds so far.
func (c *clock) read() float64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.passed()
}

func (c *clock) passed() float64 {
	if c.share == 0 {
		return c.seconds
	}
	return c.seconds + c.share*time.Since(c.since).Seconds()
}

// charge begins a stretch of which a share is the attempt's own.
func (a *attempt) charge(share float64) {
	c := &a.clock
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.seconds, c.since, c.share = c.passed(), time.Now(), share
}

// seconds is the time the attempt took so far.
func (a *attempt) seconds() float64 { return a.clock.read() }

// report records scores and asks the pruner. The error wraps ErrPruned, or errInfeasible, where the trial is to be
// stopped.
func (a *attempt) report(step int64, scores ...float64) error {
	if err := a.record(step, scores...); err != nil {
		return err
	}
	return a.worker.judge(a)
}

// record records the scores of the seeds after a step, of which the interquartile mean counts. The error wraps
// errInfeasible where a constraint is not kept.
func (a *attempt) record(step int64, scores ...float64) error {
	score, err := iqm(scores)
	if err != nil {
		return err
	}
	l := line{Event: eventReport, Time: now(), Step: step, Score: &score, Seconds: a.seconds()}
	if len(scores) > 1 {
		l.Scores = scores
	}
	a.mutex.Lock()
	a.step = step
	a.memory = max(a.memory, residentMB())
	a.mutex.Unlock()
	if err := a.writer.append(l); err != nil {
		return err
	}
	if why := a.worker.study.Goal.exceeded(a.seconds(), a.memory); why != "" {
		return fmt.Errorf("%w: %s", errInfeasible, why)
	}
	return nil
}

// iqm is the interquartile mean of a trial's seeds.
func iqm(scores []float64) (float64, error) {
	rows := make([][]float64, len(scores))
	for i, s := range scores {
		rows[i] = []float64{s}
	}
	return analysis.IQM(rows)
}

// finish records how the attempt ended: with a value, or by the error that ended it.
func (a *attempt) finish(value float64, err error) error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.ended {
		return nil
	}
	a.ended = true
	a.memory = max(a.memory, residentMB())
	l := line{Event: eventEnd, Time: now(), Step: a.step, Seconds: a.seconds(), MemoryMB: math.Round(a.memory)}
	l.State, l.Reason = a.outcome(value, err)
	if l.State == Complete {
		l.Value = &value
	}
	if errors.As(err, &lock.InUse{}) {
		a.worker.leave(a.trial)
	}
	defer a.worker.release(a, l)
	if errors.Is(err, errSuperseded) {
		return a.writer.close() // it has no say any more
	}
	return errors.Join(a.writer.append(l), a.writer.close())
}

// drop lets go of an attempt that could not be finished; it is lost, and another one goes on.
func (a *attempt) drop() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if !a.ended {
		a.ended = true
		a.writer.close()
		a.worker.release(a, line{})
	}
}

// outcome names how an attempt ended.
func (a *attempt) outcome(value float64, err error) (State, string) {
	switch {
	case err == nil && !numbers.Finite(value):
		return Failed, fmt.Sprintf("the value is %g: not a number to compare", value)
	case err == nil:
		if why := a.worker.study.Goal.exceeded(a.seconds(), a.memory); why != "" {
			return Infeasible, why
		}
		return Complete, ""
	case errors.Is(err, ErrPruned):
		return Pruned, err.Error()
	case errors.Is(err, errInfeasible), errors.Is(err, drqn.ErrDiverged):
		return Infeasible, err.Error()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Interrupted, ""
	case errors.As(err, &lock.InUse{}), errors.Is(err, lock.ErrLost), errors.Is(err, errSuperseded):
		return Interrupted, err.Error() // another process goes on: nothing failed
	}
	return Failed, err.Error()
}

// superseded says whether a later attempt exists.
func (a *attempt) superseded() bool {
	_, err := os.Stat(filepath.Join(a.worker.dir, attemptsDir, attemptFile(a.trial, a.number+1)))
	return err == nil
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
