package bridge

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"engram/tasks"
)

// TestWorkers shares five environments between two processes: they give what one process gives, and take their steps at
// the same time, because each waits for the other.
func TestWorkers(t *testing.T) {
	t.Setenv("ENGRAM_TEST_MEETS", t.TempDir())
	describePlain(t, "testdata.odd:meets", nil)
	play := func(workers, name string) (all [][]tasks.Step) {
		t.Helper()
		t.Setenv(WorkersVariable, workers)
		envs, err := tasks.NewVector(5, func() (tasks.Env, error) { return tasks.New(name, nil) })
		if err != nil {
			t.Fatal(err)
		}
		defer envs.Close()
		if err := envs.Reset(4); err != nil {
			t.Fatal(err)
		}
		for i := range 25 {
			steps, err := envs.Step([]int{i % 3, 1, 2, 0, (i + 1) % 3})
			if err != nil {
				t.Fatal(err)
			}
			own := make([]tasks.Step, len(steps))
			for k, s := range steps {
				own[k] = s
				own[k].Observation = append([]float32(nil), s.Observation...)
			}
			all = append(all, own)
		}
		return all
	}
	want := play("1", "testdata.odd:Plain")
	for _, name := range []string{"testdata.odd:Plain", "testdata.odd:meets"} {
		if got := play("2", name); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: two processes give other steps", name)
		}
	}
}

// TestWorkerOfMany checks that an error names the environment by its number in the vector, whichever process it is in,
// and that a step asked for twice, or reset before it was answered, leaves the frames in order.
func TestWorkerOfMany(t *testing.T) {
	t.Setenv(WorkersVariable, "2")
	options := json.RawMessage(`{"at":4}`)
	describePlain(t, "testdata.odd:raises", options)
	env, err := open("testdata.odd:raises", options)
	if err != nil {
		t.Fatal(err)
	}
	envs, err := env.(tasks.Asked).Copies(4)
	if err != nil {
		t.Fatal(err)
	}
	defer tasks.Close(envs[0])
	last := envs[3].(tasks.Asked)
	if err := last.Ask(1); err == nil || !strings.Contains(err.Error(), "must be reset first") {
		t.Errorf("before a reset: %v", err)
	}
	for _, e := range envs[2:] {
		if _, err := e.Reset(1); err != nil {
			t.Fatal(err)
		}
		if err := e.(tasks.Asked).Ask(1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := last.Reset(2); err != nil { // its step is on its way
		t.Fatal(err)
	}
	for range 3 {
		if _, err := last.Step(2); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := last.Step(2); err == nil || !strings.Contains(err.Error(), "environment 3, action 2: ValueError") {
		t.Errorf("the last environment fails with %v", err)
	}
}
