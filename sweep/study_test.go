package sweep

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"engram/sweep/search"
)

func TestBadStudiesAreNamedBeforeAnythingRuns(t *testing.T) {
	train := func(goal, space string) string {
		return `{"goal": {"kind": "train", "set": {"task": "GoNogo"}` + goal + `}, "space": [` + space +
			`], "sampler": {"kind": "random"}, "trials": 5}`
	}
	const rate = `{"name": "learning_rate", "kind": "log", "low": 1e-4, "high": 1e-2}`
	const cell = `{"name": "cell", "kind": "choice", "choices": ["mpn", "gru"]}`
	for _, c := range []struct{ study, want string }{
		{train("", rate), ""},
		{`{"version": 2}`, "version 2, and this engram reads 1"},
		{`{"trails": 3}`, `unknown field "trails"`},
		{train("", rate) + "x", "text after the JSON object"},
		{`[]`, "not a study"},
		{``, "not a study: invalid JSON, no text"},
		{strings.Replace(train("", rate), `"trials": 5`, `"trials": -1`, 1), "invalid trials -1"},
		{strings.Replace(train("", rate), `, "trials": 5`, ``, 1), "trials is missing"},
		{strings.Replace(train("", rate), "random", "gp", 1), `sampler "gp" is unknown`},
		{strings.Replace(train("", rate), `"trials": 5`, `"trials": 5, "pruner": {"kind": "asha"}`, 1),
			"pruner asha with first 0"},
		{strings.Replace(train("", rate), `"kind": "train"`, `"kind": "fit"`, 1), `goal kind "fit" is unknown`},
		{train("", ""), "the space has no parameter"},
		{train("", `{"name": "learning_rat", "kind": "log", "low": 1e-4, "high": 1e-2}`),
			`hyperparameter "learning_rat" does not exist: use one that 'engram train --help'`},
		{train("", `{"name": "gamma", "kind": "float", "low": 0.5, "high": 1.5}`),
			"invalid gamma 1.5: use 0 to 1 (with gamma=1.5)"},
		{train("", `{"name": "hidden", "kind": "float", "low": 8, "high": 9.5}`),
			"parameter hidden has the kind float, and hidden is a whole number: use int"},
		{train("", `{"name": "cell", "kind": "choice", "choices": ["mpn", "transformer"]}`),
			"invalid cell transformer"},
		// With gru there is no eta: that shows only where both meet.
		{train("", cell+`, {"name": "eta", "kind": "float", "low": -1, "high": 1}`),
			`eta has no effect with cell = gru`},
		{train("", cell+`, {"name": "eta", "kind": "float", "low": -1, "high": 1,
			"when": {"param": "cell", "in": ["mpn"]}}`), ""},
		{train(`, "measure": "worst"`, rate), `measure "worst" is unknown`},
		{train(`, "threshold": 0.5`, rate), "measure last has no threshold"},
		{train(`, "measure": "updates_to", "threshold": 1.5`, rate), "invalid threshold 1.5"},
		{train(`, "seeds": -2`, rate), "invalid seeds -2: use 1 to 4096"},
		{train(`, "seeds": 1000000000000`, rate), "invalid seeds 1000000000000: use 1 to 4096"},
		{strings.Replace(train("", rate), `"trials": 5`, `"trials": 1000000001`, 1),
			"invalid trials 1000000001: use 1 to 1000000"},
		{strings.Replace(train("", rate), `"trials": 5`, `"trials": 5, "minutes": -1`, 1), "invalid minutes -1"},
		{strings.Replace(train("", rate), `"trials": 5`, `"trials": 5, "seed": -1`, 1),
			"invalid seed, a number -1: use a whole number that fits into 64 bits, 0 or more"},
		{strings.Replace(train("", rate), `1e-2`, `1e-2, "points": 1000000000`, 1),
			"learning_rate has 1000000000 points: use 2 to 1000000"},
		{strings.Replace(train("", rate), `"random"`, `"tpe", "candidates": 1000000000000`, 1),
			"100000 candidates at most"},
		{`{"goal": {"kind": "function", "function": "branin", "steps": 1000000000}, "sampler": {"kind": "random"},
			"trials": 5}`, "invalid steps 1000000000: use 0 to 1000000"},
		// Nothing in a study is ignored.
		{train("", strings.Replace(rate, `1e-2`, `1e-2, "points": 5`, 1)),
			"parameter learning_rate has points, which sampler random has no use for: leave them out, or use grid"},
		{strings.Replace(train("", rate), `"GoNogo"`, `"GoNogo", "cell": "gru", "forget_gate": "row"`, 1),
			"goal: forget_gate has no effect with cell = gru: leave it out"},
		{strings.Replace(train("", cell), `"task": "GoNogo"`, `"task": "GoNogo", "lambda": 0.5`, 1), ""},
		// A float is rounded for no hyperparameter.
		{train("", `{"name": "batch", "kind": "float", "low": 1, "high": 2}`),
			"parameter batch has the kind float, and batch is a whole number: use int"},
		{train("", `{"name": "batch", "kind": "log", "low": 1, "high": 4}`),
			"parameter batch has the kind log, and batch is a whole number: use log_int"},
		{train("", cell+`, {"name": "eta", "kind": "float", "low": -1, "high": 1,
			"when": {"param": "cell", "in": ["zz"]}}`), `depends on cell being "zz", which is not one of mpn, gru`},
		{train(`, "function": "branin"`, rate), "a goal of kind train has no function"},
		{train(`, "preset": "wonder"`, rate), `preset "wonder" is unknown`},
		{train("", `{"name": "task", "kind": "choice", "choices": ["GoNogo"]}`),
			"task is set by the goal and is a parameter of the space"},
		{`{"goal": {"kind": "train", "set": {"task": "GoNogo", "eval_every": 0}, "measure": "best"}, "space": [` +
			rate + `], "sampler": {"kind": "random"}, "trials": 5}`, "measure best needs evaluations"},
		{`{"goal": {"kind": "train"}, "space": [` + rate + `], "sampler": {"kind": "random"}, "trials": 5}`,
			"task is missing"},
		{`{"goal": {"kind": "function", "function": "sphere"}, "sampler": {"kind": "random"}, "trials": 5}`,
			`function "sphere" is unknown`},
		{`{"goal": {"kind": "function", "function": "branin", "seeds": 2}, "sampler": {"kind": "random"}, "trials": 5}`,
			"a goal of kind function has no seeds"},
		{`{"goal": {"kind": "function", "function": "branin"}, "space": [` + rate +
			`], "sampler": {"kind": "random"}, "trials": 5}`, "function branin has other parameters"},
	} {
		t.Run(c.want, func(t *testing.T) {
			_, err := DecodeStudy(strings.NewReader(c.study))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s:\n%v; want %q", c.study, err, c.want)
			}
		})
	}
}

func TestADirectoryHoldsOneStudy(t *testing.T) {
	s := functionStudy("branin", "random", 3)
	dir := made(t, s)
	if err := Create(dir, s); err != nil {
		t.Errorf("the same study again: %v", err)
	}
	s.Seed = 1
	if err := Create(dir, s); err == nil || !strings.Contains(err.Error(), "holds another study") {
		t.Errorf("another study: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "notes.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Create(other, s); err == nil || !strings.Contains(err.Error(), "exists and is no study") {
		t.Errorf("a directory of something else: %v", err)
	}
	if _, err := Open(other); err == nil || !strings.Contains(err.Error(), "it has no study.json") {
		t.Errorf("opened: %v", err)
	}
}

func TestRangesReadBack(t *testing.T) {
	for text, trials := range map[string][]ended{
		"":              nil,
		"3":             {{3, 1}},
		"0-2,5,7:2,8-9": {{0, 1}, {1, 1}, {2, 1}, {5, 1}, {7, 2}, {8, 1}, {9, 1}},
	} {
		t.Run(text, func(t *testing.T) {
			if got := ranges(trials); got != text {
				t.Errorf("%v is written as %q, want %q", trials, got, text)
			}
			if got, err := parseRanges(text); err != nil || !slices.Equal(got, trials) {
				t.Errorf("%q reads as %v, %v", text, got, err)
			}
		})
	}
	for _, bad := range []string{"a", "3-1", "1:x", "1,,2", "-"} {
		if _, err := parseRanges(bad); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestPacksAgreeInWhatAProgramIsCompiledFor(t *testing.T) {
	space := search.Space{search.Log("learning_rate", 1e-4, 1e-2), search.Int("hidden", 8, 16),
		search.Choice("gamma", "0.9", "0.95")}
	o, err := newTraining(Goal{Kind: "train", Set: Settings{"task": "GoNogo"}}, space, nil)
	if err != nil {
		t.Fatal(err)
	}
	base := search.Point{1e-3, 8, 0}
	if a, b := o.key(base), o.key(search.Point{2e-3, 8, 1}); a != b {
		t.Error("learning rate and gamma, inputs of the program, keep trials apart")
	}
	if a, b := o.key(base), o.key(search.Point{1e-3, 9, 0}); a == b {
		t.Error("two sizes are put together")
	}
	stopping, err := newTraining(Goal{Kind: "train", Set: Settings{"task": "GoNogo", "stop_at": "0.9"}}, space, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := stopping.key(base), stopping.key(search.Point{2e-3, 8, 1}); a == b {
		t.Error("trials that may end early are put together")
	}
}

// TestAStudyIsMadeLarger checks that more trials of the same study are carried out, and nothing again; that another
// study, or fewer trials, is refused by name.
func TestAStudyIsMadeLarger(t *testing.T) {
	s := functionStudy("branin", "tpe", 20)
	dir := made(t, s)
	work := func() Status {
		t.Helper()
		if err := Work(t.Context(), dir, Options{}); err != nil {
			t.Fatal(err)
		}
		r, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		status, err := r.Status()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := r.Audit(); err != nil || n != s.Trials {
			t.Errorf("the audit of %d trials: %v", n, err)
		}
		return status
	}
	if status := work(); status.States[Complete] != 20 {
		t.Fatalf("%+v", status)
	}
	s.Trials = 24
	if err := Create(dir, s); err != nil {
		t.Fatal(err)
	}
	if status := work(); status.States[Complete] != 24 || status.Attempts != 24 || !status.Done {
		t.Errorf("%+v", status)
	}
	s.Trials = 10
	if err := Create(dir, s); err == nil || !strings.Contains(err.Error(), "can only be made larger") {
		t.Errorf("fewer trials: %v", err)
	}
	s.Trials, s.Seed = 30, 9
	if err := Create(dir, s); err == nil || !strings.Contains(err.Error(), "differs in seed") {
		t.Errorf("another seed: %v", err)
	}
}

// TestAllPointsOfTheSpace checks that a study of a finite space ends when all points are tried, and says so.
func TestAllPointsOfTheSpace(t *testing.T) {
	study := `{"goal": {"kind": "train", "set": {"task": "GoNogo", "hidden": 4, "readout": 0, "batch": 2, "updates": 4,
			"learn_after": 40, "eval_every": 0}},
		"space": [{"name": "cell", "kind": "choice", "choices": ["mpn", "gru", "rnn"]}], "sampler": {"kind": "random"},
		"trials": 20}`
	s, err := DecodeStudy(strings.NewReader(study))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(made(t, s))
	if err != nil {
		t.Fatal(err)
	}
	status, err := r.Status()
	if want := "3 of 20 trials, which are all points of the space"; err != nil ||
		!strings.HasPrefix(status.Line(), want) {
		t.Errorf("%q, %v", status.Line(), err)
	}
}

// Of processes that make the same study at once each succeeds, and they agree on what is there.
func TestMadeAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := filepath.Join(t.TempDir(), "study")
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if err := Create(dir, functionStudy("branin", "random", 3)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
}
