package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"engram/tasks"
)

// TestMain installs the Python of the tests where it is missing, as make python-env does.
func TestMain(m *testing.M) {
	if out, err := exec.Command("../scripts/env/python.sh", "environments", "-c", "").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %s\n", err, out)
		os.Exit(1)
	}
	python, err := filepath.Abs("../.venv-environments/bin/python")
	if err != nil {
		panic(err)
	}
	os.Setenv(PythonVariable, python)
	os.Setenv(TimeoutVariable, "20s")
	os.Unsetenv("PYTHONUNBUFFERED")
	code := m.Run()
	CloseIdle()
	os.Exit(code)
}

// TestEqualsGymnasium plays episodes through a worker and in plain Gymnasium: observations, rewards and ends are equal
// to the last bit, for each kind of space.
func TestEqualsGymnasium(t *testing.T) {
	t.Parallel()
	for name, actions := range map[string]int{
		"gymnasium:CartPole-v1": 2, "popgym:popgym-RepeatPreviousEasy-v0": 4, "popgym:popgym-AutoencodeEasy-v0": 4,
		"popgym:popgym-BattleshipEasy-v0": 64, "popgym:popgym-MineSweeperEasy-v0": 16, "testdata.odd:Mixed": 24,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, err := tasks.New(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer tasks.Close(env)
			if got := len(env.Spec().Actions); got != actions {
				t.Fatalf("%d actions, want %d", got, actions)
			}
			rng := rand.New(rand.NewPCG(1, 2))
			module, id, _ := strings.Cut(name, ":")
			const seed = 1<<33 + 12345 // the worker takes its lowest 31 bits
			args := []string{"testdata/play.py", module, id, "12345"}
			var chosen []int
			for range 60 {
				chosen = append(chosen, rng.IntN(actions))
				args = append(args, fmt.Sprint(chosen[len(chosen)-1]))
			}
			out, err := exec.Command(Python(), args...).Output()
			if err != nil {
				t.Fatal(err)
			}
			var want []tasks.Step
			if err := json.Unmarshal(out, &want); err != nil {
				t.Fatal(err)
			}
			first, err := env.Reset(seed)
			if err != nil || !reflect.DeepEqual(first, want[0].Observation) {
				t.Fatalf("reset gave %v, %v; want %v", first, err, want[0].Observation)
			}
			for i, w := range want[1:] {
				got, err := env.Step(chosen[i])
				if err != nil {
					t.Fatal(err)
				}
				if got.Info = (tasks.Info{}); !reflect.DeepEqual(got, w) {
					t.Fatalf("step %d gave %+v, want %+v", i, got, w)
				}
			}
		})
	}
}

// Environments that share a worker do what each does alone, also after some were restored.
func TestTogether(t *testing.T) {
	t.Parallel()
	const name, n = "gymnasium:CartPole-v1", 3
	construct := func() (tasks.Env, error) { return tasks.New(name, nil) }
	together, err := tasks.NewVector(n, construct)
	if err != nil {
		t.Fatal(err)
	}
	defer together.Close()
	var alone []tasks.Env
	for range n {
		env, err := construct()
		if err != nil {
			t.Fatal(err)
		}
		defer tasks.Close(env)
		alone = append(alone, env)
	}
	if err := together.Reset(9); err != nil {
		t.Fatal(err)
	}
	state, err := together.State()
	if err != nil {
		t.Fatal(err)
	}
	for i, env := range alone {
		if err := env.(tasks.Stateful).SetState(state.Environments[i]); err != nil {
			t.Fatal(err)
		}
	}
	rng, ended := rand.New(rand.NewPCG(3, 3)), 0
	for round := range 60 {
		if round == 20 { // in mid-episode, in another process
			if state, err = together.State(); err != nil {
				t.Fatal(err)
			}
			if err := together.SetState(state); err != nil {
				t.Fatal(err)
			}
		}
		actions := []int{rng.IntN(2), rng.IntN(2), rng.IntN(2)}
		steps, err := together.Step(actions)
		if err != nil {
			t.Fatal(err)
		}
		for i, env := range alone {
			want, err := env.Step(actions[i])
			if err != nil || !reflect.DeepEqual(steps[i], want) {
				t.Fatalf("round %d, environment %d: %+v, want %+v, %v", round, i, steps[i], want, err)
			}
			if want.Terminated {
				ended++
				if state, err = together.State(); err != nil {
					t.Fatal(err)
				}
				if err := env.(tasks.Stateful).SetState(state.Environments[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if ended == 0 {
		t.Error("no episode ended")
	}
}

// Whatever goes wrong in Python is one error that says what, its last line first.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"testdata.odd:raises": {
			"testdata.odd:raises: environment 0, action 1: ValueError: the reactor is gone\n", "odd.py"},
		"testdata.odd:kills":      {"ended: signal: killed (out of memory?)"},
		"testdata.odd:exits":      {"ended: exit status 7"},
		"testdata.odd:wide":       {"ValueError: invalid observation: an array of float32 of shape (3,)"},
		"testdata.odd:texts":      {"(list), where the space Box("},
		"testdata.odd:continuous": {"is continuous", "wrap the environment"},
		"testdata.odd:graph":      {"observation space Graph(", "has no fixed number of numbers: wrap"},
		"testdata.odd:spaceless":  {"observation space None has no fixed number of numbers: wrap"},
		"testdata.odd:unpaid":     {"reward None is no number"},
		"testdata.odd:many":       {"has more than 1024 actions"},
		"testdata.odd:needs":      {"argument: 'size': give it by the task's options", "--task-options"},
		"testdata.odd:lacks":      {"argument: 'size': give it by the task's options", "--task-options"},
		"testdata.odd:old_step":   {"step returned 4 values, where Gymnasium has 5", "wrap the environment"},
		"testdata.odd:old_reset":  {"reset returned no pair of observation and info", "wrap the environment"},
		"testdata.odd:rewards":    {"reward array([1., 1.]) is no number"},
		"testdata.odd:nothing":    {"returned int, which is no environment"},
		"testdata.odd:absent":     {"absent"},
		"nopackage:X-v0": {"ModuleNotFoundError: No module named 'nopackage' (",
			"a module of your own is found in the folder in which engram is called", "PYTHONPATH",
			"choose another Python by --python"},
		"testdata.odd:mixed": {"LookupError: module testdata.odd has no callable 'mixed' (but Mixed",
			"no environment of that name is registered: Environment `mixed` doesn't exist"},
		"testdata.odd:Outer.inner": {"has no callable 'Outer.inner'"},
		"testdata.odd:instance":    {"testdata.odd.instance cannot be called (Plain): name a class"},
		"testdata.odd:a_class":     {"returned the class Plain and no environment of it: return Plain()"},
		"gymnasium:Nothing-v0":     {"Nothing"},
		":":                        {"Empty module name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := json.RawMessage(nil)
			if odd := strings.TrimPrefix(name, "testdata.odd:"); slices.Contains([]string{"raises", "kills", "exits"},
				odd) {
				options = json.RawMessage(`{"at":4}`)
				describePlain(t, name, options)
			}
			err := played(name, options)
			for _, text := range want {
				if err == nil || !strings.Contains(err.Error(), text) {
					t.Errorf("%v, want %q", err, text)
				}
			}
		})
	}
}

// describePlain makes an environment known that would fail while Python is asked what it is.
func describePlain(t *testing.T, name string, options json.RawMessage) {
	t.Helper()
	d, err := Describe("testdata.odd:Plain", nil)
	if err == nil {
		err = Remember(name, options, d)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// played plays ten steps of an environment.
func played(name string, options json.RawMessage) error {
	env, err := tasks.New(name, options)
	if err != nil {
		return err
	}
	defer tasks.Close(env)
	if _, err := env.Reset(1); err != nil {
		return err
	}
	for range 10 {
		if _, err := env.Step(1); err != nil {
			return err
		}
	}
	return nil
}

// An environment that prints to stdout, as text and as bytes, works; so do options, and an environment
// that is not decided by its seed and actions says so.
func TestOddButFine(t *testing.T) {
	t.Parallel()
	if err := played("testdata.odd:prints", nil); err != nil {
		t.Error(err)
	}
	if err := played("testdata.odd:raises", json.RawMessage(`{ "at": 99 }`)); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"seed_number", "seed_nothing", "shares", "Outer.Inner"} {
		if err := played("testdata.odd:"+name, nil); err != nil {
			t.Error(err)
		}
	}
	if err := played("testdata.odd:needs_more", nil); err == nil || strings.Contains(err.Error(), "task's options") {
		t.Errorf("a reset that needs more than a seed: %v", err)
	}
	if err := played("testdata.odd:raises", json.RawMessage(`[1]`)); err == nil ||
		!strings.Contains(err.Error(), "no JSON object") {
		t.Errorf("options that are a list: %v", err)
	}
	env, err := tasks.New("testdata.odd:unlucky", nil)
	if err != nil {
		t.Fatal(err)
	}
	if why := tasks.NotExact(env); !strings.Contains(why, "more than their seeds") {
		t.Errorf("an unreproducible environment says %q", why)
	}
	said, err := tasks.New("testdata.registers:own/Drifts-v0", nil)
	if err != nil || !strings.Contains(tasks.NotExact(said), "nondeterministic") {
		t.Errorf("an environment that says so itself says %q, %v", tasks.NotExact(said), err)
	}
	other, err := tasks.New("testdata.odd:Plain", nil)
	if err != nil || tasks.NotExact(other) != "" {
		t.Errorf("a reproducible environment says %q, %v", tasks.NotExact(other), err)
	}
}

// A step that does not end is an error within the time limit, and its process is gone.
func TestHang(t *testing.T) {
	d, err := Describe("testdata.odd:hangs", json.RawMessage(`{"at":99}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := Remember("testdata.odd:hangs", nil, d); err != nil { // asking would hang, too
		t.Fatal(err)
	}
	t.Setenv(TimeoutVariable, "300ms")
	if err := played("testdata.odd:hangs", nil); err == nil ||
		!strings.Contains(err.Error(), "no answer within 300ms: it may hang; '--env-timeout 600ms' gives a step more") {
		t.Errorf("a step that hangs: %v", err)
	}
	for _, wrong := range []string{"soon", "-1s", "0"} {
		t.Setenv(TimeoutVariable, wrong)
		t.Setenv(WorkersVariable, wrong)
		if _, err := workers(); err == nil || !strings.Contains(err.Error(), "invalid env-workers") {
			t.Errorf("workers %s: %v", wrong, err)
		}
		if _, err := launch(hello{}); err == nil || !strings.Contains(err.Error(), "invalid env-timeout") {
			t.Errorf("time limit %s: %v", wrong, err)
		}
		t.Setenv(TimeoutVariable, "1s")
		if _, err := launch(hello{}); err == nil || !strings.Contains(err.Error(), "invalid env-workers") {
			t.Errorf("a worker of %s: %v", wrong, err)
		}
	}
}

// What stops engram is sent to its processes, too; a worker goes on, so that engram can write its
// checkpoint, and ends when its stdin does.
func TestStopSignals(t *testing.T) {
	t.Parallel()
	r, err := newRequest("testdata.odd:Plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := startWorker(r, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	defer w.kill()
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if err := w.process.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	w.frame = resetFrame(w.frame, 0, 1)
	if err := w.exchange(); err != nil {
		t.Error(err)
	}
	w.in.Close()
	if err := w.process.Wait(); err != nil {
		t.Errorf("at the end of its stdin: %v", err)
	}
}

// A description that is remembered is used without Python; where Python then has another environment,
// that is an error, and so is a damaged description.
func TestRemember(t *testing.T) {
	d := Description{Protocol: 1, Observations: []string{"a"}, Actions: []string{"b"}, ActionSpace: "Discrete(1)"}
	if err := Remember("testdata.odd:prints", json.RawMessage(`{"at":5}`), d); err != nil {
		t.Fatal(err)
	}
	env, err := tasks.New("testdata.odd:prints", json.RawMessage(`{"at": 5}`))
	if err != nil || len(env.Spec().Observations) != 1 {
		t.Fatalf("%v, %v", env, err)
	}
	const want = "another environment than before: observations  and actions Discrete(1) (), and now observations Box"
	if _, err := env.Reset(1); err == nil || !strings.Contains(err.Error(), want) ||
		!strings.Contains(err.Error(), "Discrete(3) (testdata): use the version that the run began with") {
		t.Errorf("another environment: %v", err)
	}
	d.Actions = make([]string, mostActions+1)
	if err := Remember("x:y", nil, d); err == nil || !strings.Contains(err.Error(), "1025 actions") {
		t.Errorf("too many actions: %v", err)
	}
	d.Actions, d.ActionValues = []string{"b"}, make([]json.RawMessage, 2)
	if err := Remember("x:y", nil, d); err == nil || !strings.Contains(err.Error(), "2 values of 1 actions") {
		t.Errorf("too many values of actions: %v", err)
	}
	t.Setenv(PythonVariable, "/nowhere/python")
	if err := played("testdata.odd:Mixed", json.RawMessage(`{"at":-1}`)); err == nil ||
		!strings.Contains(err.Error(), "name one by --python") {
		t.Errorf("without Python: %v", err)
	}
	if _, err := Packages(t.Context()); err == nil {
		t.Error("packages of no Python")
	}
}

// TestList lists POPGym's environments: those of continuous actions say why they cannot be used.
func TestList(t *testing.T) {
	t.Parallel()
	list, err := List("popgym")
	if err != nil {
		t.Fatal(err)
	}
	usable := map[string]bool{}
	for _, l := range list {
		usable[l.Name] = l.Error == "" && l.Observations > 0 && l.Actions > 0
	}
	if !usable["popgym:popgym-BattleshipEasy-v0"] || usable["popgym:popgym-PositionOnlyPendulumEasy-v0"] ||
		len(list) < 40 {
		t.Errorf("%+v", list)
	}
	list, err = List("testdata.registers")
	if err != nil || len(list) != 3 || list[0].Name != "testdata.registers:Cart-v0" || list[0].Actions != 2 ||
		list[1].Name != "testdata.registers:own/Drifts-v0" || list[2].Name != "testdata.registers:own/Plain-v0" {
		t.Errorf("a module of one's own has %+v, %v", list, err)
	}
	if list, err = List("testdata.odd"); err != nil || list == nil || len(list) != 0 {
		t.Errorf("a module that registers nothing has %#v, %v", list, err)
	}
	if _, err := List("nopackage"); err == nil || !strings.Contains(err.Error(), "No module named 'nopackage'") {
		t.Errorf("a package that is missing: %v", err)
	}
}

// TestFrames writes frames by hand and reads them.
func TestFrames(t *testing.T) {
	t.Parallel()
	if got := resetFrame(nil, 2, 1<<40+5); !bytes.Equal(got, []byte{0, 12, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0,
		0}) {
		t.Errorf("reset %v", got)
	}
	if got := stepFrame(nil, []int32{3, -1}); !bytes.Equal(got, []byte{1, 8, 0, 0, 0, 3, 0, 0, 0, 255, 255, 255, 255}) {
		t.Errorf("step %v", got)
	}
	one := []byte{0, 0, 128, 63} // 1 as float32
	frame := []byte{0, 17, 0, 0, 0}
	frame = append(frame, one...)
	frame = append(frame, one...)
	frame = append(frame, one...)
	frame = append(frame, 2, 0, 0, 0, 1|2|4|16)
	a := newAnswers(1, 2)
	if err := a.read(bytes.NewReader(frame)); err != nil {
		t.Fatal(err)
	}
	want := tasks.Step{Observation: []float32{1, 1}, Reward: 1, Terminated: true,
		Info: tasks.Info{TrialEnd: true, HasTruth: true, GroundTruth: 2}}
	if got := a.step(0, make([]float32, 2)); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// FuzzFrames reads any bytes as a worker's frames: each is an answer or an error, without a panic or a large
// allocation.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 9, 0, 0, 0, '{', '"', 'e', '"', ':', '1', '}', ' ', ' '})
	f.Add([]byte{1, 255, 255, 255, 255})
	f.Add([]byte{2, 2, 0, 0, 0, '{', '}'})
	f.Add([]byte{2, 255, 255, 255, 255})
	f.Add(append([]byte{0, 26, 0, 0, 0}, make([]byte, 26)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, r := newAnswers(2, 1), bytes.NewReader(data)
		if text, err := a.readText(bytes.NewReader(data)); err == nil && len(text) > len(data) {
			t.Fatalf("%d bytes have a text of %d", len(data), len(text))
		}
		for {
			err := a.read(r)
			if errors.Is(err, io.EOF) || err != nil {
				return
			}
			for i := range 2 {
				if s := a.step(i, make([]float32, 1)); s.Terminated && s.Truncated {
					t.Fatalf("%+v", s)
				}
			}
		}
	})
}
