package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"engram/internal/durable"
	"engram/internal/lock"
	"engram/sweep/search"
)

// elsewhere returns a process on another machine; container returns one in another container of this machine.
func elsewhere() lock.Holder {
	return lock.Holder{PID: 1, Host: "pod-7", Boot: "another-boot-id", Namespace: "pid:[1]", Started: "1"}
}

func container() lock.Holder {
	h := elsewhere()
	h.Boot = lock.Boot()
	return h
}

// lose lets go of an attempt as if a process had died with it, and with the lock of its run, silent for a while.
func lose(t *testing.T, dir string, a *attempt, was lock.Holder, silent time.Duration) {
	t.Helper()
	a.drop()
	path := filepath.Join(dir, attemptsDir, attemptFile(a.trial, a.number))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(data), "\n")
	var claim line
	if err := json.Unmarshal([]byte(first), &claim); err != nil {
		t.Fatal(err)
	}
	claim.PID, claim.Host, claim.Machine = was.PID, was.Host, was.Boot
	claim.Namespace, claim.Started = was.Namespace, was.Started
	changed, err := json.Marshal(claim)
	if err := errors.Join(err, os.WriteFile(path, []byte(string(changed)+"\n"+rest), 0o644)); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(a.runs, "seed-0")
	held, err := json.Marshal(was)
	if err := errors.Join(err, os.MkdirAll(run, 0o755), os.WriteFile(filepath.Join(run, "run.lock"), held,
		0o644)); err != nil {
		t.Fatal(err)
	}
	age(t, a, silent)
}

// age makes the last signs of life of an attempt and of its run so old.
func age(t *testing.T, a *attempt, silent time.Duration) {
	t.Helper()
	then := time.Now().Add(-silent)
	for _, path := range []string{a.writer.path, filepath.Join(a.runs, "seed-0", "run.lock")} {
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
}

// begun claims trials of a study with a worker of its own.
func begun(t *testing.T, dir string, n int) (*worker, []*attempt) {
	t.Helper()
	w, err := newWorker(dir, goBackend)
	if err != nil {
		t.Fatal(err)
	}
	attempts, err := w.claim(n)
	if err != nil || len(attempts) != n {
		t.Fatalf("%d attempts, %v", len(attempts), err)
	}
	return w, attempts
}

// trainUntil trains an attempt until a cancelled context ends it after an update, with a checkpoint.
func trainUntil(t *testing.T, w *worker, a *attempt, update int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stop := cancelAt{newPack(w.objective.(*training), []*attempt{a}), update, cancel}
	if _, err := stop.train(ctx); err == nil {
		t.Fatal("it was not stopped")
	}
}

// longTraining returns a study of one trial that trains long enough to be stopped.
func longTraining() Study {
	s := quickTraining(1)
	s.Goal.Set["updates"], s.Goal.Set["eval_every"] = "120", "20"
	return s
}

// A trial that is lost on another machine, or in another container of this one, is resumed as soon as it counts as
// lost, and never fails.
func TestLostElsewhereIsTakenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		was   lock.Holder
		ages  []time.Duration // between which a worker looks
		alone int             // of these looks, those that find nothing to do
	}{
		"another machine": {elsewhere(), []time.Duration{70 * time.Second, 110 * time.Second,
			130 * time.Second}, 2},
		"another container, killed a moment ago":    {container(), []time.Duration{5 * time.Second}, 0},
		"another machine, with a clock that is off": {elsewhere(), []time.Duration{-time.Hour}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := made(t, longTraining())
			w, attempts := begun(t, dir, 1)
			trainUntil(t, w, attempts[0], 40)
			lose(t, dir, attempts[0], c.was, c.ages[0])
			for i, silent := range c.ages {
				age(t, attempts[0], silent)
				worked(t, dir, goBackend)
				want := Complete
				if i < c.alone {
					want = Running
				}
				if _, status := checked(t, dir); status.States[want] != 1 {
					t.Fatalf("silent for %s: %s", silent, status.Line())
				}
			}
			r, _ := checked(t, dir)
			second := r.view.trials[0].attempts[1]
			if second.claim.From < 40 || second.curve[0].Step <= second.claim.From {
				t.Errorf("it resumed from %d and first reports %v", second.claim.From, second.curve[0])
			}
		})
	}
}

// An attempt waits for the lock of its run whose holder no claim names: until a dead holder counts as dead, or for a
// while, after which it leaves the trial of a living holder as interrupted.
func TestARunInUseIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		silent   time.Duration
		patience time.Duration
		want     State
	}{
		"dead":   {lock.Silence - 2*time.Second, time.Minute, Complete},
		"living": {0, 50 * time.Millisecond, Interrupted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := made(t, quickTraining(2))
			_, attempts := begun(t, dir, 2)
			attempts[1].drop()
			lose(t, dir, attempts[0], lock.Self(), c.silent)
			held, err := json.Marshal(elsewhere())
			if err := errors.Join(err, os.WriteFile(filepath.Join(attempts[0].runs, "seed-0", "run.lock"), held,
				0o644)); err != nil {
				t.Fatal(err)
			}
			age(t, attempts[0], c.silent)
			o := goBackend
			o.Pack, o.Wait = 2, true
			w, err := newWorker(dir, o)
			if err != nil {
				t.Fatal(err)
			}
			w.runPatience = c.patience
			if err := w.work(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, _ := checked(t, dir)
			trials, err := r.Trials()
			if err != nil {
				t.Fatal(err)
			}
			if trials[0].State != c.want || trials[0].Attempts != 2 || w.failures != 0 || trials[1].State != Complete {
				t.Errorf("%s after %d attempts, %d failures (%s); the other is %s", trials[0].State, trials[0].Attempts,
					w.failures, trials[0].Reason, trials[1].State)
			}
			if named := strings.Contains(trials[0].Reason,
				"in use by process 1 on pod-7"); named != (c.want == Interrupted) {
				t.Errorf("the reason is %q", trials[0].Reason)
			}
		})
	}
}

// A node that dies with many trials sets no healthy host aside.
func TestLostElsewhereSetsNoHostAside(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		was    lock.Holder
		silent time.Duration
	}{"machine": {elsewhere(), 130 * time.Second}, "container": {container(), 5 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			s := quickTraining(failuresInARow + 1)
			s.Goal.Set["updates"] = "8"
			dir := made(t, s)
			_, attempts := begun(t, dir, failuresInARow)
			for _, a := range attempts {
				lose(t, dir, a, c.was, c.silent)
			}
			w, err := newWorker(dir, goBackend)
			if err != nil {
				t.Fatal(err)
			}
			w.runPatience = 0 // nothing needs to be waited for
			if err := w.work(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, status := checked(t, dir); status.States[Complete] != failuresInARow+1 || len(status.Hosts) > 0 {
				t.Errorf("%s; set aside %v", status.Line(), status.Hosts)
			}
		})
	}
}

// A trial that is lost again and again, each time with a later checkpoint, is not set aside; one that gets nowhere is.
func TestLossesWithProgress(t *testing.T) {
	t.Parallel()
	dir := made(t, longTraining())
	for i := range int64(DefaultMaxAttempts + 1) {
		w, attempts := begun(t, dir, 1)
		trainUntil(t, w, attempts[0], 20+20*i)
		attempts[0].drop()
		if _, status := checked(t, dir); status.States[Lost] != 1 {
			t.Fatalf("after %d losses: %s", i+1, status.Line())
		}
	}
	for i := range DefaultMaxAttempts - 1 { // these get nowhere
		_, attempts := begun(t, dir, 1)
		attempts[0].drop()
		if _, status := checked(t, dir); status.States[Lost] != 1 {
			t.Fatalf("after %d losses without progress: %s", i+1, status.Line())
		}
	}
	worked(t, dir, goBackend)
	if _, status := checked(t, dir); status.States[Complete] != 1 {
		t.Errorf("%s", status.Line())
	}

	dir = made(t, longTraining())
	for range DefaultMaxAttempts {
		_, attempts := begun(t, dir, 1)
		attempts[0].drop()
	}
	if _, status := checked(t, dir); status.States[Aside] != 1 {
		t.Errorf("without progress: %s", status.Line())
	}
}

// An attempt that a later one has replaced stops, writes no end, and is not the host's failure.
func TestASupersededAttemptStops(t *testing.T) {
	t.Parallel()
	dir := made(t, functionStudy("branin", "random", 1))
	w, attempts := begun(t, dir, 1)
	a := attempts[0]
	second, err := claimFile(dir, line{Event: eventClaim, Time: now(), Attempt: 2, Machine: lock.Boot(),
		Values: map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	defer second.close()
	err = a.report(1, 2)
	if !errors.Is(err, errSuperseded) {
		t.Fatalf("its report: %v", err)
	}
	if err := a.finish(0, err); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(a.writer.path)
	if err != nil || strings.Contains(string(data), fmt.Sprintf("%q", eventEnd)) || w.failures != 0 {
		t.Errorf("%v, %d failures: %s", err, w.failures, data)
	}
}

// The wait for a run's lock is bounded, and costs the trial nothing.
func TestAwait(t *testing.T) {
	dir := made(t, functionStudy("branin", "random", 1))
	_, attempts := begun(t, dir, 1)
	a := attempts[0]
	lose(t, dir, a, elsewhere(), 0)
	synctest.Test(t, func(t *testing.T) {
		a.charge(1)
		began := time.Now()
		if err := a.await(t.Context(), filepath.Join(a.runs, "seed-0"), began.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); a.seconds() != 0 || took < time.Minute || took > 2*time.Minute {
			t.Errorf("it waited %s and was charged %g s", took, a.seconds())
		}
	})
}

// An end is on the disk before its attempt counts as ended.
func TestEndsAreFlushed(t *testing.T) {
	dir := made(t, functionStudy("branin", "random", 1))
	w, attempts := begun(t, dir, 1)
	flushed := 0
	stop := durable.Observe(func(step, _ string) {
		if step == "sync" && w.held[attempts[0]] {
			flushed++
		}
	})
	err := attempts[0].finish(1, nil)
	stop()
	if err != nil || flushed != 1 || w.held[attempts[0]] {
		t.Errorf("%d flushes, %v", flushed, err)
	}
}

// A trial's curve has each step once: what is reported again after a checkpoint replaces what was.
func TestCurveOverAttempts(t *testing.T) {
	at := func(loss float64, steps ...int64) *record {
		r := &record{}
		for _, s := range steps {
			r.curve = append(r.curve, search.Report{Step: s, Loss: loss})
		}
		return r
	}
	two := &trial{attempts: []*record{at(1, 10, 20, 30, 40), at(2), at(3, 30, 40, 50)}}
	want := search.Curve{{Step: 10, Loss: 1}, {Step: 20, Loss: 1}, {Step: 30, Loss: 3}, {Step: 40, Loss: 3},
		{Step: 50, Loss: 3}}
	if got := two.curve(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
