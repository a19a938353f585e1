package sweep

import (
	"context"
	"encoding/json"
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
	"engram/sweep/search"
)

// ErrPruned is returned by Report where the trial is to be stopped.
var ErrPruned = errors.New("pruned")

// errSuperseded is returned by an attempt whose trial a later attempt has taken over.
var errSuperseded = errors.New("another worker has taken the trial over")

// ownFailure is the error of a trial that would fail on any host, so that no host is set aside because of it.
type ownFailure struct{ error }

// Unwrap returns the error itself.
func (e ownFailure) Unwrap() error { return e.error }

// attempt is an attempt that this worker carries out.
type attempt struct {
	trial, number int
	point         search.Point
	runs          string // the directory for its runs
	worker        *worker
	writer        *writer
	dead          []lock.Holder // the processes of earlier attempts, which died on this machine
	clock         clock

	mutex  sync.Mutex
	step   int64
	memory float64 // the most that the process held, in MB, without left
	left   float64 // what earlier trials left in the process, in MB
	ended  bool
}

// clock adds up an attempt's own time: a share of each stretch, which is less than 1 in a pack and 0 while it waits.
type clock struct {
	mutex   sync.Mutex
	seconds float64 // added up until since
	since   time.Time
	share   float64
}

// read returns the attempt's own seconds so far.
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

// charge begins a stretch of time; the given share of it is the attempt's own.
func (a *attempt) charge(share float64) {
	c := &a.clock
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.seconds, c.since, c.share = c.passed(), time.Now(), share
}

// seconds returns the attempt's own time so far.
func (a *attempt) seconds() float64 { return a.clock.read() }

// report records the scores after a step and asks the pruner. The error wraps ErrPruned or errInfeasible where the
// trial is to be stopped.
func (a *attempt) report(step int64, scores ...float64) error {
	if err := a.record(step, scores...); err != nil {
		return err
	}
	return a.worker.judge(a)
}

// record writes the scores of a trial's seeds after a step, and their interquartile mean, which counts. The error wraps
// errInfeasible where the trial breaks a constraint.
func (a *attempt) record(step int64, scores ...float64) error {
	score, err := iqm(scores)
	if err == nil && !finite(score) {
		err = fmt.Errorf("the score after step %d is %g: it cannot be compared", step, score)
	}
	if err != nil {
		return ownFailure{err}
	}
	l := line{Event: eventReport, Time: now(), Step: step, Score: &score, Seconds: a.seconds()}
	if len(scores) > 1 {
		l.Scores = scores
	}
	a.mutex.Lock()
	a.step = step
	a.memory = max(a.memory, residentMB()-a.left)
	a.mutex.Unlock()
	if err := a.writer.append(l); err != nil {
		return err
	}
	if why := a.worker.study.Goal.exceeded(a.seconds(), a.memory); why != "" {
		return fmt.Errorf("%w: %s", errInfeasible, why)
	}
	return nil
}

// finite reports whether x is neither NaN nor infinite.
func finite(x float64) bool { return x-x == 0 }

// iqm returns the interquartile mean of the scores of a trial's seeds.
func iqm(scores []float64) (float64, error) {
	rows := make([][]float64, len(scores))
	for i, s := range scores {
		rows[i] = []float64{s}
	}
	return analysis.IQM(rows)
}

// finish writes the attempt's end: its value, or the error that ended it. A second call does nothing.
func (a *attempt) finish(value float64, err error) error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.ended {
		return nil
	}
	a.ended = true
	if err == nil && !finite(value) {
		err = ownFailure{fmt.Errorf("the value is %g: it cannot be compared", value)}
	}
	a.memory = max(a.memory, residentMB()-a.left)
	l := line{Event: eventEnd, Time: now(), Step: a.step, Seconds: a.seconds(), MemoryMB: math.Round(a.memory)}
	switch l.State, l.Reason = a.outcome(err); l.State {
	case Complete:
		l.Value = &value
	case Failed:
		var noNumber *json.UnsupportedValueError
		l.Own = errors.As(err, &ownFailure{}) || errors.As(err, &noNumber)
	}
	if errors.As(err, &lock.InUse{}) {
		a.worker.leave(a.trial)
	}
	defer a.worker.release(a, l)
	if errors.Is(err, errSuperseded) {
		return a.writer.close() // the later attempt counts
	}
	return errors.Join(a.writer.append(l), a.writer.close())
}

// drop releases an attempt that could not be finished. It counts as lost, and the next attempt resumes the trial.
func (a *attempt) drop() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if !a.ended {
		a.ended = true
		a.writer.close()
		a.worker.release(a, line{})
	}
}

// outcome returns the state and the reason of an attempt that ended with err; nil: with a value.
func (a *attempt) outcome(err error) (State, string) {
	switch {
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
		return Interrupted, err.Error() // another process carries the trial out: nothing failed
	}
	return Failed, err.Error()
}

// superseded reports whether a later attempt at the trial exists.
func (a *attempt) superseded() bool {
	_, err := os.Stat(filepath.Join(a.worker.dir, attemptsDir, attemptFile(a.trial, a.number+1)))
	return err == nil
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
