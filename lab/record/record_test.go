package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
)

// small returns the policy of a preset with few units.
func small(t testing.TB, preset, task, cell string) *drqn.Policy {
	t.Helper()
	return drqntest.Policy(t, preset, map[string]string{"task": task, "cell": cell, "hidden": "6"})
}

// recorded writes a recording and reads it.
func recorded(t testing.TB, p *drqn.Policy, o Options) *Recording {
	t.Helper()
	path := filepath.Join(t.TempDir(), "r.npz")
	about, err := Write(t.Context(), p, path, o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(about, r.About) || r.Trials != o.Trials {
		t.Errorf("written %+v, read %+v", about, r.About)
	}
	info, err := os.Stat(path)
	if most := Size(p, o) + 20_000; err != nil || float64(info.Size()) > most {
		t.Errorf("it has %d bytes, said were at most %.0f", info.Size(), most)
	}
	return r
}

// TestRecordingIsTheRollout compares recordings of every cell, preset and several tasks with Policy.Rollout.
func TestRecordingIsTheRollout(t *testing.T) {
	t.Parallel()
	for _, preset := range drqn.PresetNames() {
		for _, cell := range drqn.CellNames() {
			for _, task := range []string{"GoNogo", "ReadySetGo", "MemoryLength"} {
				t.Run(preset+" "+cell+" "+task, func(t *testing.T) {
					t.Parallel()
					p := small(t, preset, task, cell)
					r := recorded(t, p, Options{Trials: 7, Seed: 5, State: State{Kind: All}})
					traces, err := p.Rollout(t.Context(), 7, 5)
					if err != nil {
						t.Fatal(err)
					}
					for n, trace := range traces {
						r.same(t, n, trace)
					}
					for n, fresh := range r.Fresh {
						oneATrial := p.Config().Episode == drqn.EpisodeTrial || task == "MemoryLength"
						if want := n == 0 || oneATrial; fresh != want {
							t.Errorf("trial %d is fresh: %v", n, fresh)
						}
					}
				})
			}
		}
	}
}

// same compares a trial with a trace.
func (r *Recording) same(t *testing.T, n int, trace drqn.TrialTrace) {
	t.Helper()
	from, to := r.Offsets[n], r.Offsets[n+1]
	if to-from != len(trace.Actions) || r.Correct[n] != trace.Correct {
		t.Fatalf("trial %d has %d steps, correct %v; want %d, %v", n, to-from, r.Correct[n], len(trace.Actions),
			trace.Correct)
	}
	size := len(r.State) / max(1, len(r.StateStep))
	for step := range trace.Actions {
		at := from + step
		row := func(x []float32, width int) []float32 { return x[at*width:][:width] }
		if !slices.Equal(row(r.Observation, len(r.Observations)), trace.Observations[step]) ||
			!slices.Equal(row(r.Q, len(r.Actions)), trace.Q[step]) ||
			!slices.Equal(row(r.H, r.Hidden()), trace.Hidden[step]) || int(r.Action[at]) != trace.Actions[step] ||
			r.Reward[at] != trace.Rewards[step] || int(r.GroundTruth[at]) != trace.GroundTruth[step] {
			t.Fatalf("trial %d, step %d differs", n, step)
		}
		if size > 0 && (r.StateStep[at] != at || !slices.Equal(row(r.State, size), trace.States[step])) {
			t.Fatalf("trial %d, step %d: the state differs", n, step)
		}
		period, want := r.Period[at], periodOf(trace.Periods, step)
		if (period < 0) != (want < 0) || period >= 0 && r.Periods[period] != trace.Periods[want].Name {
			t.Fatalf("trial %d, step %d: period %d", n, step, period)
		}
	}
}

// Every K-th step is that of the whole recording, and all components together are, too.
func TestLessOfTheState(t *testing.T) {
	t.Parallel()
	p := small(t, "default", "DelayMatchSample", "mpn")
	whole := recorded(t, p, Options{Trials: 5, Seed: 2, State: State{Kind: All}})
	if whole.StateName != "M" || !slices.Equal(whole.StateShape, []int{6, 10}) {
		t.Errorf("the state is %s of shape %v", whole.StateName, whole.StateShape)
	}
	fifth := recorded(t, p, Options{Trials: 5, Seed: 2, State: State{EveryKth, 5}})
	var steps []int
	for n := range whole.Trials {
		for at := whole.Offsets[n]; at < whole.Offsets[n+1]; at += 5 {
			steps = append(steps, at)
		}
	}
	if !slices.Equal(fifth.StateStep, steps) || !slices.Equal(fifth.H, whole.H) {
		t.Fatalf("every fifth step is %v, want %v", fifth.StateStep, steps)
	}
	for i, at := range steps {
		if !slices.Equal(fifth.State[i*60:][:60], whole.State[at*60:][:60]) {
			t.Errorf("the state of step %d differs", at)
		}
	}
	none := recorded(t, p, Options{Trials: 5, Seed: 2, State: State{Kind: None}})
	if none.StateName != "" || len(none.State) != 0 || !slices.Equal(none.Q, whole.Q) {
		t.Errorf("without the state: %s", none.StateName)
	}
	parts := recorded(t, p, Options{Trials: 5, Seed: 2, State: State{Components, 4}})
	if parts.StateName != "M_pca" || !slices.Equal(parts.StateShape, []int{4}) || len(parts.StateStep) != whole.Steps {
		t.Errorf("components: %s of shape %v at %d steps", parts.StateName, parts.StateShape, len(parts.StateStep))
	}
	// Distances along 4 components are at most those of the whole, and along all components the same.
	all := recorded(t, p, Options{Trials: 5, Seed: 2, State: State{Components, 60}})
	k := all.StateShape[0]
	for at := 1; at < whole.Steps; at++ {
		distance := func(x []float32, size int) (sum float64) {
			for i := range size {
				d := float64(x[at*size+i]) - float64(x[i])
				sum += d * d
			}
			return math.Sqrt(sum)
		}
		if d, w := distance(all.State, k), distance(whole.State, 60); math.Abs(d-w) > 1e-4*(1+w) {
			t.Fatalf("step %d is %v from the first along all components, want %v", at, d, w)
		}
		if d, w := distance(parts.State, 4), distance(whole.State, 60); d > w+1e-4 {
			t.Fatalf("step %d is %v from the first along 4 components, of %v", at, d, w)
		}
	}
}

// Every task's parameters are conditions by their names, numbers as numbers.
func TestConditions(t *testing.T) {
	t.Parallel()
	for task, want := range map[string][]string{
		"GoNogo": {"durations.0", "durations.1", "durations.2", "durations.3", "ground_truth"},
		"DelayComparison": {"durations.0", "durations.1", "durations.2", "durations.3", "durations.4", "ground_truth",
			"vpair.0", "vpair.1"},
		"ContextDecisionMaking": {"coh_1", "coh_2", "context", "durations.0", "durations.1", "durations.2",
			"durations.3", "ground_truth", "other_choice"},
	} {
		t.Run(task, func(t *testing.T) {
			r := recorded(t, small(t, "default", task, "frozen"), Options{Trials: 40, Seed: 3,
				State: State{Kind: All}})
			if !slices.Equal(r.Conditions(), want) {
				t.Errorf("%s has the conditions %q", task, r.Conditions())
			}
		})
	}
	r := recorded(t, small(t, "default", "ContextDecisionMaking", "frozen"), Options{Trials: 60, Seed: 3,
		State: State{Kind: None}})
	labels, names, err := r.Labels("coh_1")
	if err != nil || !slices.Equal(names, []string{"5", "15", "50"}) || slices.Max(labels) != 2 {
		t.Errorf("labels %v of %v, %v", labels, names, err)
	}
	r.conditions["odd"] = condition{numbers: make([]float64, r.Trials)}
	r.conditions["odd"].numbers[3] = math.NaN()
	for name, want := range map[string]string{
		"odd":         "condition odd is NaN in 1 of 60 trials: use another condition",
		"colour":      `unknown condition "colour" of ContextDecisionMaking: use one of coh_1, coh_2, context`,
		"context":     "condition context is the same in all 60 trials: use another condition",
		"durations.0": "is the same",
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := r.Labels(name); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v", name, err)
			}
		})
	}
}

// What is no number, or no list of one length, is text.
func TestColumns(t *testing.T) {
	t.Parallel()
	var c columns
	type params struct {
		A int     `json:"a"`
		B float64 `json:"b"`
		C []int
		D string
		E map[string]int
		F bool `json:"-"`
		G uint8
		H bool
	}
	list := []int{1}
	for _, p := range []params{{A: 1, C: list, D: "x"}, {A: 2, B: 0.5, C: []int{1, 2}, D: "y\x1b", G: 3, H: true}} {
		c.add(&p)
	}
	list[0] = 9 // the task uses its memory again
	want := []column{
		{"a", []int{2}, []int64{1, 2}, nil}, {"b", []int{2}, []float64{0, 0.5}, nil},
		{"C", []int{2}, nil, []string{"[1]", "[1 2]"}}, {"D", []int{2}, nil, []string{"x", "y\x1b"}},
		{"E", []int{2}, nil, []string{"map[]", "map[]"}}, {"G", []int{2}, []int64{0, 3}, nil},
		{"H", []int{2}, []bool{false, true}, nil},
	}
	if got := c.all(); !reflect.DeepEqual(got, want) {
		t.Errorf("columns %+v", got)
	}
	var none columns
	if none.add(nil); len(none.all()) != 0 {
		t.Errorf("no parameters: %+v", none.all())
	}
}

// What a trial does not have is NaN among numbers and nothing among texts; whole numbers beside others are numbers.
func TestColumnsOfMaps(t *testing.T) {
	t.Parallel()
	var c columns
	for _, trial := range []map[string]any{
		{"whole": int64(1), "n": 2.5, "text": "x", "list": []int64{1, 2}, "none": nil},
		{"whole": int64(2), "n": int64(3), "list": []float64{0.5, 1}, "none": nil, "later": 7.5, "mark": true},
		{"whole": int64(9), "dropped": true},
		{"whole": int64(3), "n": nil, "text": int64(4), "list": []int64{3, 4}, "none": nil, "later": int64(8)},
	} {
		if c.add(trial); trial["dropped"] == true {
			c.drop()
		}
	}
	nan := math.NaN()
	want := []column{
		{"list", []int{3, 2}, []float64{1, 2, 0.5, 1, 3, 4}, nil}, {"n", []int{3}, []float64{2.5, 3, nan}, nil},
		{"none", []int{3}, nil, []string{"", "", ""}}, {"text", []int{3}, nil, []string{"x", "", "4"}},
		{"whole", []int{3}, []int64{1, 2, 3}, nil}, {"later", []int{3}, []float64{nan, 7.5, 8}, nil},
		{"mark", []int{3}, nil, []string{"", "true", ""}}, {"dropped", []int{3}, nil, []string{"", "", ""}},
	}
	if got := c.all(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("columns %v, want %v", got, want)
	}
}

// A recording that was cut anywhere, or of which a byte of the values was altered, is refused by name, and
// the file that is there stays as it is if a recording fails.
func TestCut(t *testing.T) {
	t.Parallel()
	p := small(t, "default", "GoNogo", "mpn")
	path := filepath.Join(t.TempDir(), "r.npz")
	if _, err := Write(t.Context(), p, path, Options{Trials: 2, Seed: 1, State: State{Kind: All}}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.npz")
	for n := 0; n < len(data); n += 97 {
		if err := os.WriteFile(cut, data[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		var damaged Damaged
		if _, err := Read(cut); !errors.As(err, &damaged) || !strings.Contains(err.Error(), cut) {
			t.Fatalf("%d of %d bytes: %v", n, len(data), err)
		}
	}
	if _, err := Write(t.Context(), p, path, Options{Trials: 0}); err == nil {
		t.Error("0 trials are recorded")
	}
	if after, err := os.ReadFile(path); err != nil || !slices.Equal(after, data) {
		t.Errorf("a recording that failed changed the file: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left beside it: %v, %v", left, err)
	}
	if _, err := read(path, 100); err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("more memory than is free: %v", err)
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	for bad, want := range map[string]string{"": "give it one", path + "/a.npz": "name one in a folder",
		filepath.Join(t.TempDir(), "none", "r.npz"): "make it", t.TempDir(): "is a folder: name a file"} {
		if _, err := Write(t.Context(), nil, bad, Options{Trials: 1}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", bad, err, want)
		}
	}
}

// Ten times the trials take no more memory than their conditions and marks.
func TestMemoryIsBounded(t *testing.T) {
	p := small(t, "default", "GoNogo", "mpn")
	took := func(trials int) uint64 {
		var m runtime.MemStats
		most := uint64(0)
		w, err := newWriter(t.Context(), p, t.TempDir(), Options{State: State{Kind: All}})
		if err != nil {
			t.Fatal(err)
		}
		defer w.close()
		err = p.Act(t.Context(), trials, 1, drqn.Hooks{Begin: w.begin, Describe: w.describe, Each: w.add})
		if err != nil || w.failed != nil {
			t.Fatal(err, w.failed)
		}
		runtime.GC()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
		runtime.KeepAlive(w)
		return most
	}
	few, many := took(100), took(1100)
	if many > few+1000*600 { // its steps have 1000 * 15 * 300 bytes
		t.Errorf("100 trials take %d bytes, 1100 take %d", few, many)
	}
}

// TestReadByPython reads recordings with NumPy, pandas and xarray.
func TestReadByPython(t *testing.T) {
	t.Parallel()
	run := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	for _, checkpoint := range []string{"last", "12"} {
		p, update, err := Policy(run, checkpoint, json.RawMessage(`{"timing":{"delay":[300,600]}}`))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "r.npz")
		about, err := Write(t.Context(), p, path, Options{Trials: 30, Seed: 4, State: State{EveryKth, 2}, Run: run.Dir,
			Update: update})
		if err != nil {
			t.Fatal(err)
		}
		python := exec.Command("../../scripts/env/python.sh", "readers", "testdata/read.py", path)
		python.Stderr = os.Stderr
		out, err := python.Output()
		if err != nil {
			t.Fatal(err)
		}
		checkPython(t, p, path, about, out)
	}
	for checkpoint, want := range map[string]string{"first": "use last, best or an update", "7": "7"} {
		t.Run(checkpoint, func(t *testing.T) {
			if _, _, err := Policy(run, checkpoint, nil); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("checkpoint %s: %v", checkpoint, err)
			}
		})
	}
	if _, _, err := Policy(run, "last", json.RawMessage(`{"timing":{"pause":1}}`)); err == nil {
		t.Error("a period that does not exist is used")
	}
}

func checkPython(t *testing.T, p *drqn.Policy, path string, about About, out []byte) {
	t.Helper()
	var got struct {
		About     About
		Types     map[string][2]any
		Reward    float64            `json:"reward_per_trial"`
		Accuracy  map[string]float64 `json:"accuracy_by_ground_truth"`
		MeanH     [][]float64        `json:"mean_h_by_ground_truth"`
		Periods   []string
		Actions   []int32
		State     []float32
		StateStep []int `json:"state_step"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	r, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var options bytes.Buffer // Python writes spaces
	if err := json.Compact(&options, got.About.TaskOptions); err != nil {
		t.Fatal(err)
	}
	if got.About.TaskOptions = options.Bytes(); !reflect.DeepEqual(got.About, about) {
		t.Errorf("Python reads %+v, want %+v", got.About, about)
	}
	if !slices.Equal(got.Actions, r.Action) || !slices.Equal(got.State, r.State) ||
		!slices.Equal(got.StateStep, r.StateStep) {
		t.Errorf("Python reads %d actions and %d states of other values", len(got.Actions), len(got.StateStep))
	}
	e, err := p.Evaluate(t.Context(), about.Trials, about.Seed)
	if err != nil || math.Abs(e.RewardPerTrial-got.Reward) > 1e-6 {
		t.Errorf("pandas counts %v a trial, want %v, %v", got.Reward, e.RewardPerTrial, err)
	}
	labels, names, err := r.Labels("ground_truth")
	if err != nil || len(got.Accuracy) != len(names) || len(got.MeanH) != len(names) {
		t.Fatal(err, got.Accuracy, names)
	}
	sum, n := make([]float64, r.Hidden()), 0.0
	for trial, label := range labels {
		for at := r.Offsets[trial]; at < r.Offsets[trial+1] && label == 0; at++ {
			for i := range sum {
				sum[i] += float64(r.H[at*len(sum)+i])
			}
			n++
		}
	}
	for i := range sum {
		if math.Abs(sum[i]/n-got.MeanH[0][i]) > 1e-4 {
			t.Errorf("xarray's mean of unit %d is %v, want %v", i, got.MeanH[0][i], sum[i]/n)
		}
	}
	for at, name := range got.Periods {
		if name != r.Periods[r.Period[at]] {
			t.Fatalf("step %d is of the period %s", at, name)
		}
	}
	if kind := got.Types["condition_durations"]; kind[0] != "i" || fmt.Sprint(kind[1]) != "[30 4]" {
		t.Errorf("durations are %v", kind)
	}
}

// BenchmarkRecord records 1,000 trials of GoNogo with the default preset: at most a second is asked for.
func BenchmarkRecord(b *testing.B) {
	p := drqntest.Policy(b, "default", map[string]string{"task": "GoNogo"})
	for b.Loop() {
		if _, err := Write(b.Context(), p, filepath.Join(b.TempDir(), "r.npz"), Options{Trials: 1000, Seed: 1,
			State: State{Kind: All}}); err != nil {
			b.Fatal(err)
		}
	}
}

// The evidence of a recording is the running sum of what its task says of each step, and other tasks have none.
func TestEvidence(t *testing.T) {
	t.Parallel()
	p := drqntest.Policy(t, "default", map[string]string{"task": "Integration", "hidden": "6"})
	r := recorded(t, p, Options{Trials: 9, Seed: 3, State: State{Kind: None}})
	if len(r.Evidence) != r.Steps {
		t.Fatalf("%d values of evidence for %d steps", len(r.Evidence), r.Steps)
	}
	for n := range r.Trials {
		sum := float32(0)
		for at := r.Offsets[n]; at < r.Offsets[n+1]; at++ {
			if step := at - r.Offsets[n]; step < 20 {
				input := r.conditions[fmt.Sprintf("inputs.%d", step)].numbers[n]
				sum += map[float64]float32{0: 1, 1: -1}[input]
			}
			if r.Evidence[at] != sum {
				t.Fatalf("trial %d: evidence %v at step %d, want %v", n, r.Evidence[at], at-r.Offsets[n], sum)
			}
		}
		if last := r.GroundTruth[r.Offsets[n+1]-1]; (sum < 0) != (last == 1) {
			t.Errorf("trial %d: evidence %v, the truth is %d", n, sum, last)
		}
	}
	other := recorded(t, small(t, "default", "GoNogo", "mpn"), Options{Trials: 3, Seed: 3, State: State{Kind: None}})
	if other.Evidence != nil {
		t.Errorf("GoNogo has evidence %v", other.Evidence)
	}
}
