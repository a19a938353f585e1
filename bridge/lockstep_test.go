package bridge

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"engram/tasks"
)

// countStarts counts the starts of the tests' Python, of which each writes a letter.
func countStarts(t *testing.T) func() int {
	t.Helper()
	counted, started := filepath.Join(t.TempDir(), "starts"), filepath.Join(t.TempDir(), "python")
	text := "#!/bin/sh\nprintf . >>'" + counted + "'\nexec '" + Python() + "' \"$@\"\n"
	if err := os.WriteFile(started, []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv(PythonVariable, started)
	return func() int {
		t.Helper()
		dots, err := os.ReadFile(counted)
		if err != nil {
			t.Fatal(err)
		}
		return len(dots)
	}
}

// One Python describes an environment, trains in n copies of it and evaluates in another, in turns: each does what it
// does alone, also where the turn of one comes while the other's answer is on its way.
func TestOneStart(t *testing.T) {
	const name = "testdata.odd:Plain"
	vector := func() []tasks.Env {
		t.Helper()
		env, err := open(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		envs, err := env.(tasks.Asked).Copies(3)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range envs {
			if _, err := e.Reset(uint64(i)); err != nil {
				t.Fatal(err)
			}
		}
		return envs
	}
	ask := func(envs []tasks.Env, k int) {
		t.Helper()
		for i, e := range envs {
			if err := e.(tasks.Asked).Ask((i + k) % 3); err != nil {
				t.Fatal(err)
			}
		}
	}
	answers := func(envs []tasks.Env) (all []tasks.Step) {
		t.Helper()
		for _, e := range envs {
			s, err := e.(tasks.Asked).Answer()
			if err != nil {
				t.Fatal(err)
			}
			s.Observation = append([]float32(nil), s.Observation...)
			all = append(all, s)
		}
		return all
	}
	play := func(between func()) (all [][]tasks.Step) {
		t.Helper()
		envs := vector()
		defer tasks.Close(envs[0])
		for k := range 20 {
			ask(envs, k)
			between()
			all = append(all, answers(envs))
		}
		ask(envs, 1) // nobody reads this answer
		return all
	}
	Forget()
	alone := play(func() {})
	Forget()
	starts := countStarts(t)
	other, err := open(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tasks.Close(other)
	var evaluated [2][]tasks.Step
	for round := range evaluated {
		beside := play(func() {
			if len(evaluated[round])%5 == 0 {
				if _, err := other.Reset(9); err != nil {
					t.Fatal(err)
				}
			}
			s, err := other.Step(2)
			if err != nil {
				t.Fatal(err)
			}
			s.Observation = append([]float32(nil), s.Observation...)
			if evaluated[round] = append(evaluated[round], s); other.(*env).about.Trials {
				t.Fatal("it has trials")
			}
			if _, err := other.(*env).DescribeTrial(); err != nil {
				t.Fatal(err)
			}
		})
		if !reflect.DeepEqual(beside, alone) {
			t.Errorf("round %d: beside an evaluation the steps are others", round)
		}
	}
	if !reflect.DeepEqual(evaluated[0], evaluated[1]) || !reflect.DeepEqual(evaluated[0][:5], evaluated[0][5:10]) {
		t.Error("the evaluation depends on what it is beside")
	}
	if n := starts(); n != 1 {
		t.Errorf("Python was started %d times, want once", n)
	}
	begin := func() {
		t.Helper()
		tasks.Close(other)
		CloseIdle() // a run that is resumed knows the description, and its vector begins
		envs := vector()
		if _, err := other.Reset(9); err != nil {
			t.Fatal(err)
		}
		for _, e := range envs {
			tasks.Close(e)
		}
	}
	if begin(); starts() != 2 {
		t.Errorf("Python was started %d times, want once more", starts()-1)
	}
	t.Setenv(WorkersVariable, "3") // which step at the same time
	if begin(); starts() != 2+3 {
		t.Errorf("Python was started %d times for three workers", starts()-2)
	}
	tasks.Close(other)
	t.Setenv(PythonVariable, "/nowhere/python") // the idle workers are of another Python
	if _, err := other.Reset(9); err == nil || !strings.Contains(err.Error(), "/nowhere/python") {
		t.Errorf("with another Python: %v", err)
	}
}

// An error ends the process for both, and is said to both with the number of the environment that raised it; a vector
// that is made again has a new process.
func TestErrorOfOther(t *testing.T) {
	const name = "testdata.odd:raises"
	options := json.RawMessage(`{"at":4}`)
	Forget()
	starts := countStarts(t)
	describePlain(t, name, options)
	one, err := open(name, options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Reset(1); err != nil {
		t.Fatal(err)
	}
	if err := tasks.Close(one); err != nil { // so that its process is idle
		t.Fatal(err)
	}
	envs, err := one.(tasks.Asked).Copies(2)
	if err != nil {
		t.Fatal(err)
	}
	before := starts()
	for _, e := range append(envs, one) {
		if _, err := e.Reset(1); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := envs[1].Step(2); err != nil {
			t.Fatal(err)
		}
	}
	if err := envs[1].(tasks.Asked).Ask(2); err != nil { // the fourth, which raises
		t.Fatal(err)
	}
	if err := envs[0].(tasks.Asked).Ask(0); err != nil {
		t.Fatal(err)
	}
	const want = "environment 1, action 2: ValueError"
	if _, err := one.Step(1); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the other lockstep has %v, want %q", err, want)
	}
	if _, err := envs[1].(tasks.Asked).Answer(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("it has %v, want %q", err, want)
	}
	if _, err := one.Reset(1); err != nil {
		t.Errorf("a new process: %v", err)
	}
	if n := starts(); n != before+1 {
		t.Errorf("Python was started %d times, want once more than %d", n, before)
	}
	tasks.Close(one)
}

// The frame after a lockstep was made goes to the one that sends it.
func TestFrameAfterMake(t *testing.T) {
	Forget()
	d, err := Describe("testdata.odd:Plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRequest("testdata.odd:Plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	several, errSeveral := take(r, 3, false, d)
	one, errOne := take(r, 1, false, d)
	if err := errors.Join(errSeveral, errOne); err != nil {
		t.Fatal(err)
	}
	defer giveBack(several)
	defer giveBack(one)
	if one.worker != several.worker {
		t.Fatal("they are in two processes")
	}
	one.frame = resetFrame(nil, 0, 1)
	if err := one.exchange(); err != nil {
		t.Error(err)
	}
}
