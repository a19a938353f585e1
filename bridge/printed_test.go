package bridge

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"engram/tasks"
)

// An error has the last lines that an environment printed, also one that no line ended. However much was printed or
// raised, the error is short.
func TestPrintedInErrors(t *testing.T) {
	t.Parallel()
	options := json.RawMessage(`{"at":4}`)
	describePlain(t, "testdata.odd:chatters", options)
	for _, options := range []json.RawMessage{nil, options} { // at the start, and later
		err := played("testdata.odd:chatters", options)
		if err == nil {
			t.Fatal("no error")
		}
		said := err.Error()
		_, printed, _ := strings.Cut(said, "printed last: ")
		if !strings.HasPrefix(printed, "word 3\nword 4\n") || !strings.Contains(printed, "word 11\nred long long") ||
			!strings.Contains(said, "ValueError: after words, many") || len(said) > 6000 ||
			strings.Contains(said, "\x1b") {
			t.Errorf("options %s: %d bytes, %q", options, len(said), said)
		}
	}
}

// What an environment printed and warned of is read after it was closed, by its name and options.
func TestPrinted(t *testing.T) {
	t.Parallel()
	const name = "testdata.odd:says"
	if err := played(name, json.RawMessage(`{"at":1}`)); err != nil {
		t.Fatal(err)
	}
	if lines := Printed(name, nil); lines != nil {
		t.Errorf("without options it printed %q", lines)
	}
	lines := Printed(name, json.RawMessage(`{ "at": 1 }`))
	if !slices.Contains(lines, "hello\x1b[2J") || !slices.ContainsFunc(lines, func(line string) bool {
		return strings.HasSuffix(line, "UserWarning: look out")
	}) {
		t.Errorf("it printed %q", lines)
	}
	if lines := Printed(name, json.RawMessage("[")); lines != nil {
		t.Errorf("of wrong options it printed %q", lines)
	}
}

// A start that takes too long names its limit, which is no shorter than that of a step, and what was printed.
func TestStartLimit(t *testing.T) {
	t.Parallel()
	for step, want := range map[time.Duration]time.Duration{3 * time.Second: startWithin, time.Hour: time.Hour} {
		if got := (&worker{limit: step}).startLimit(); got != want {
			t.Errorf("a step has %v, the start %v, want %v", step, got, want)
		}
	}
	w, err := launch(hello{Protocol: protocol, Name: "testdata.odd:waits", Options: json.RawMessage("{}"),
		Environments: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.kill()
	for len(w.printed.lines()) == 0 {
		time.Sleep(time.Millisecond)
	}
	_, err = w.readWithin(30 * time.Millisecond)
	const want = "its start (import, making, a few steps) took more than 30ms: it may hang; '--env-timeout 60ms' " +
		"gives it more time\nprinted last: I wait"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}

// Whether an environment is reproducible is tried for some seconds only, and how few steps showed it is said.
func TestSlowStart(t *testing.T) {
	t.Parallel()
	d, err := Describe("testdata.odd:slow", nil)
	if err != nil || d.NotExact != "" || d.ExactSteps != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err = Describe("testdata.odd:Plain", nil); err != nil || d.ExactSteps != 0 {
		t.Errorf("an environment that is not slow: %+v, %v", d, err)
	}
}

// A program that is no Python is named in a short error.
func TestNoPython(t *testing.T) {
	for _, program := range []string{"/bin/ls", "/bin/echo"} {
		t.Setenv(PythonVariable, program)
		_, err := Describe("testdata.odd:Plain", json.RawMessage(`{"at":77}`))
		if err == nil || len(err.Error()) > 600 || !strings.Contains(err.Error(), "ended: ") && // before it was asked
			!strings.Contains(err.Error(), `it answered "-c \"\"\"engram's worker: `) {
			t.Errorf("%s: %.1000v", program, err)
		}
		if _, err := Packages(t.Context()); err == nil || len(err.Error()) > 600 {
			t.Errorf("the packages of %s: %.1000v", program, err)
		}
	}
}

// An environment may change the action that it is given: it is given a new one the next time.
func TestActionsAreCopies(t *testing.T) {
	t.Parallel()
	rewards := func(name string) (all []float32) {
		t.Helper()
		env, err := tasks.New(name, json.RawMessage(`{"at":-7}`))
		if err != nil {
			t.Fatal(err)
		}
		defer tasks.Close(env)
		for range 2 {
			for action := range env.Spec().Actions {
				if _, err := env.Reset(1); err != nil {
					t.Fatal(err)
				}
				step, err := env.Step(action)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, step.Reward)
			}
		}
		return all
	}
	if got, want := rewards("testdata.odd:Spoils"), rewards("testdata.odd:Mixed"); !slices.Equal(got, want) {
		t.Errorf("rewards %v, want %v", got, want)
	}
}

// A description has what an environment is given for each action, unless that is the action's number.
func TestActionValues(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"testdata.odd:Plain": "[]",
		"testdata.odd:Mixed": `[[1, [0, 0], {"a": [0]}] [1, [0, 0], {"a": [1]}] [1, [0, 1], {"a": [0]}] [1, `,
		"testdata.odd:third": "[3 4]",
	} {
		d, err := Describe(name, nil)
		if got := fmt.Sprintf("%s", d.ActionValues); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want)
		}
	}
}

// The example of docs/python.md, as it is there, ends its episodes whatever the agent does.
func TestExampleEnds(t *testing.T) {
	page, err := os.ReadFile("../docs/python.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(page), "```python\nimport gymnasium, numpy as np\n")
	code, _, found := strings.Cut(code, "```")
	dir := t.TempDir()
	err = errors.Join(err, os.WriteFile(dir+"/mine.py", []byte("import gymnasium, numpy as np\n"+code), 0o666))
	if !found || err != nil {
		t.Fatalf("the page has no example, or %v", err)
	}
	t.Setenv("PYTHONPATH", dir)
	env, err := tasks.New("mine:Corridor", json.RawMessage(`{"length":6}`))
	if err != nil {
		t.Fatal(err)
	}
	defer tasks.Close(env)
	for action, want := range map[int]tasks.Step{0: {Truncated: true}, 1: {Reward: 1, Terminated: true}} {
		if _, err := env.Reset(1); err != nil {
			t.Fatal(err)
		}
		var s tasks.Step
		for range 100 {
			if s, err = env.Step(action); err != nil {
				t.Fatal(err)
			}
			if s.Terminated || s.Truncated {
				break
			}
		}
		if s.Terminated != want.Terminated || s.Truncated != want.Truncated || s.Reward != want.Reward {
			t.Errorf("action %d ends with %+v", action, s)
		}
	}
}
