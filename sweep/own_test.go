package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A trial whose score or value cannot be compared fails by itself: however many do, no host is set aside.
func TestAScoreThatIsNoNumberIsTheTrialsFailure(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(a *attempt) error{
		"score":          func(a *attempt) error { return a.finish(1, a.report(1, math.NaN())) },
		"score of a few": func(a *attempt) error { return a.finish(1, a.report(1, 0.5, math.Inf(1))) },
		"value":          func(a *attempt) error { return a.finish(math.Inf(-1), nil) },
		"run":            func(a *attempt) error { return a.finish(0, ownFailure{errNoEvaluation}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := made(t, functionStudy("branin", "random", failuresInARow+1))
			w, attempts := begun(t, dir, failuresInARow+1)
			for _, a := range attempts {
				if err := fail(a); err != nil {
					t.Fatal(err)
				}
			}
			_, s := checked(t, dir)
			if err := w.failing(); err != nil || s.States[Failed] != failuresInARow+1 || len(s.Hosts) > 0 {
				t.Errorf("%v, hosts %v, %s: %+v", err, s.Hosts, s.Line(), s.Failed)
			}
		})
	}
	w, attempts := begun(t, made(t, functionStudy("branin", "random", failuresInARow)), failuresInARow)
	for _, a := range attempts {
		if err := a.finish(0, errors.New("the disk is slow")); err != nil {
			t.Fatal(err)
		}
	}
	if w.failing() == nil {
		t.Error("other failures do not set the host aside")
	}
}

// hungry is a function whose trials take memory while they run; one keeps it.
type hungry struct {
	*function
	megabytes, kept []int // of each trial
	holds           [][]byte
}

func (h *hungry) run(ctx context.Context, attempts []*attempt) error {
	for _, a := range attempts {
		taken := touched(h.megabytes[a.trial])
		if err := a.record(1, 1); err != nil {
			return err
		}
		h.holds = append(h.holds, touched(h.kept[a.trial]))
		if err := a.finish(float64(len(taken)), nil); err != nil {
			return err
		}
	}
	return nil
}

// touched returns so many megabytes that the process really holds.
func touched(megabytes int) []byte {
	all := make([]byte, megabytes<<20)
	for i := 0; i < len(all); i += 4096 {
		all[i] = 1
	}
	return all
}

// A trial's memory is its own: neither what trials before it left in the process, nor less because they left room.
func TestMemoryIsTheTrialsOwn(t *testing.T) {
	h := &hungry{megabytes: []int{0, 200, 0, 0, 0, 200, 0}, kept: []int{0, 0, 0, 200, 200, 0, 0}}
	dir := made(t, functionStudy("branin", "random", len(h.kept)))
	w, err := newWorker(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	h.function, w.objective = w.objective.(*function), h
	if err := w.work(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, _ := checked(t, dir)
	trials, err := r.Trials()
	if err != nil {
		t.Fatal(err)
	}
	for i, trial := range trials {
		least, most := 140.0, 480.0 // for 200 MB; the race detector holds about as much again
		if h.megabytes[i]+h.kept[i] == 0 {
			least, most = -60, 60
		}
		if own := trial.MemoryMB - w.memory.base; own < least || own > most {
			t.Errorf("trial %d took %.0f MB beyond the worker's %.0f, want %g to %g", i, own, w.memory.base, least,
				most)
		}
	}
}

// The status says why no further trial begins, in each case.
func TestTheStatusSaysWhatIsWaitedFor(t *testing.T) {
	t.Parallel()
	claim := func(t *testing.T, dir string, trials int) []*attempt {
		_, attempts := begun(t, dir, trials)
		t.Cleanup(func() {
			for _, a := range attempts {
				a.drop()
			}
		})
		return attempts
	}
	finish := func(t *testing.T, a *attempt, err error) {
		if err := a.finish(1, err); err != nil {
			t.Fatal(err)
		}
	}
	trains := quickTraining(2)
	nobody := "no worker is alive: 'engram sweep resume DIR' starts one here, 'engram sweep submit' on a cluster"
	for name, c := range map[string]struct {
		study Study
		do    func(*testing.T, string)
		want  string // of the only sentences; "" for no text
	}{
		"nobody works": {want: nobody},
		"all run": {do: func(t *testing.T, dir string) { claim(t, dir, 2) },
			want: "every trial that is left is running: nothing waits for a worker"},
		"one runs": {do: func(t *testing.T, dir string) { claim(t, dir, 1) },
			want: "1 wait until one of the 1 that run ends, or for more workers"},
		"done": {do: func(t *testing.T, dir string) { worked(t, dir, Options{}) }},
		"failed": {do: func(t *testing.T, dir string) {
			attempts := claim(t, dir, 2)
			finish(t, attempts[0], errors.New("no"))
			finish(t, attempts[1], nil)
		}, want: "1 failed: 'engram sweep resume DIR --retry-failed' tries them again"},
		"set aside": {do: func(t *testing.T, dir string) {
			for range DefaultMaxAttempts {
				claim(t, dir, 1)[0].drop()
			}
			worked(t, dir, Options{})
		}, want: "1 are set aside, after 3 attempts each that failed or were lost without progress, " +
			"and are not tried again"},
		"silent elsewhere": {do: func(t *testing.T, dir string) {
			s := functionStudy("branin", "random", 2)
			claimed(t, dir, line{Attempt: 1, Values: firstValues(t, s)}, 50*time.Second)
			claim(t, dir, 1)
		}, want: "every trial that is left is running: nothing waits for a worker\n" +
			"trial 0 on host elsewhere gave no sign of life for 50s: it is lost after 1m0s"},
		"a run is in use": {study: trains, do: func(t *testing.T, dir string) {
			attempts := claim(t, dir, 2)
			finish(t, attempts[1], nil)
			lose(t, dir, attempts[0], container(), 0)
		}, want: nobody + "\n" +
			"trial 0 waits for its run DIR/runs/000000/seed-0, which process 1 on pod-7 writes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.study.Trials == 0 {
				c.study = functionStudy("branin", "random", 2)
			}
			dir := made(t, c.study)
			if c.do != nil {
				c.do(t, dir)
			}
			_, s := checked(t, dir)
			if got := strings.ReplaceAll(strings.Join(s.Waiting, "\n"), dir, "DIR"); got != c.want {
				t.Errorf("it says\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// The status of a study names a full disk.
func TestTheStatusNamesAFullDisk(t *testing.T) {
	disk := smallDisk(t)
	dir := filepath.Join(disk, "study")
	if err := Create(dir, functionStudy("branin", "random", 2)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, 1<<20), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	want := fmt.Sprintf("the disk of %s is full: it has 0 KB left", dir)
	if _, s := checked(t, dir); len(s.Waiting) != 2 || s.Waiting[1] != want {
		t.Errorf("it says %q, want %q", s.Waiting, want)
	}
}
