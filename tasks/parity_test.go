package tasks

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// recordings are what testdata/record_traces.py recorded of NeuroGym.
type recordings struct {
	Versions map[string]string `json:"versions"`
	Cases    []struct {
		Task    string                    `json:"task"`
		Options json.RawMessage           `json:"options"`
		Trials  []recordedTrial           `json:"trials"`
		Draws   map[string]map[string]int `json:"draws"` // of "params" and of each period: value -> count
	} `json:"cases"`
}

type recordedTrial struct {
	Policy      string          `json:"policy"`
	Params      json.RawMessage `json:"params"`
	Durations   []int           `json:"durations"` // of each period, in steps
	Noise       []float64       `json:"noise"`     // standard normal, in the order drawn
	Performance int             `json:"performance"`
	Steps       []struct {
		Observation []float32 `json:"observation"`
		GroundTruth int       `json:"gt"`
		Action      int       `json:"action"`
		Reward      float64   `json:"reward"`
	} `json:"steps"`
}

func readRecordings(t *testing.T) recordings {
	t.Helper()
	var r recordings
	readPacked(t, "testdata/traces.json.gz", &r)
	if r.Versions["neurogym"] != "2.3.1" {
		t.Fatalf("recorded from neurogym %q, want 2.3.1", r.Versions["neurogym"])
	}
	return r
}

// recordedNoise replays recorded draws.
type recordedNoise struct{ rest []float64 }

func (n *recordedNoise) NormFloat64() float64 {
	x := n.rest[0]
	n.rest = n.rest[1:]
	return x
}

// TestParityWithNeuroGym gives the engine each recorded trial's parameters, durations and noise, takes the
// recorded actions, and wants every observation, ground truth, reward and trial end exactly.
func TestParityWithNeuroGym(t *testing.T) {
	trials := map[string]int{}
	for _, c := range readRecordings(t).Cases {
		t.Run(c.Task+string(c.Options), func(t *testing.T) {
			task := uncheckedTask(t, c.Task, c.Options)
			env := NewEnv(task).(*trialEnv)
			for i, trial := range c.Trials {
				if err := env.replay(trial); err != nil {
					t.Fatalf("trial %d (%s): %v", i, trial.Policy, err)
				}
				trials[c.Task]++
			}
		})
	}
	for _, name := range Names() {
		if !slices.Contains(notOfNeuroGym, name) && trials[name] < 50 {
			t.Errorf("%s: %d trials compared, want 50", name, trials[name])
		}
	}
}

// uncheckedTask makes a task also of options that NewTask refuses, because nothing could be answered in it: NeuroGym
// takes those, and was recorded with some.
func uncheckedTask(t *testing.T, name string, options json.RawMessage) Task {
	t.Helper()
	task := entries[indexOf(entries, name)].construct()
	if err := readOptions(options, task); err != nil {
		t.Fatal(err)
	}
	return task
}

// notOfNeuroGym are the tasks that NeuroGym does not have. MemoryLength is compared with bsuite's.
var notOfNeuroGym = []string{"TemporalOrder", "MemoryLength", "Integration", "TwoArmedBandit"}

// replay runs a recorded trial and returns the first difference.
func (e *trialEnv) replay(want recordedTrial) error {
	if err := json.Unmarshal(want.Params, e.task.Params()); err != nil {
		return err
	}
	durations, _ := json.Marshal(map[string]any{"durations": want.Durations})
	if err := json.Unmarshal(durations, e.task.Params()); err != nil {
		return err
	}
	noise := recordedNoise{want.Noise}
	e.trial.begin(len(e.spec.Observations))
	e.task.Build(&e.trial, &noise)
	if len(noise.rest) != 0 {
		return fmt.Errorf("%d of %d draws of noise left", len(noise.rest), len(want.Noise))
	}
	for i, w := range want.Steps {
		if got := e.trial.Current(); !slices.Equal(got, w.Observation) {
			return fmt.Errorf("step %d: observation %v, want %v", i, got, w.Observation)
		}
		got, err := e.Step(w.Action)
		if err != nil {
			return err
		}
		if got.Reward != float32(w.Reward) || got.Info.GroundTruth != w.GroundTruth || got.Terminated || got.Truncated {
			return fmt.Errorf("step %d, action %d: %+v, want reward %v, ground truth %d", i, w.Action, got, w.Reward,
				w.GroundTruth)
		}
		last := i == len(want.Steps)-1
		if got.Info.TrialEnd != last {
			return fmt.Errorf("step %d of %d: trial end %v", i, len(want.Steps), got.Info.TrialEnd)
		}
		if last {
			return e.compareCorrect(want, got.Info.Correct)
		}
	}
	return fmt.Errorf("no steps were recorded")
}

// compareCorrect compares with NeuroGym's performance, except the departure that the package documents:
// NeuroGym reports 0 for a no-go trial that ran out, as it should.
func (e *trialEnv) compareCorrect(want recordedTrial, got bool) error {
	wanted := want.Performance == 1
	length := 0
	for _, steps := range want.Durations {
		length += steps
	}
	answered := want.Durations[len(want.Durations)-1] > 0 && want.Steps[len(want.Steps)-1].Action != 0
	var params struct {
		Answer int `json:"ground_truth"`
	}
	if err := json.Unmarshal(want.Params, &params); err != nil {
		return err
	}
	if _, ok := e.task.(*GoNogo); ok && params.Answer == 0 && len(want.Steps) == length && !answered {
		if wanted {
			return fmt.Errorf("NeuroGym reports a performance of 1 for a no-go trial that ran out: the departure " +
				"is gone")
		}
		wanted = true
	}
	if got != wanted {
		return fmt.Errorf("correct %v, want %v", got, wanted)
	}
	return nil
}

// TestDrawsAreNeuroGyms compares how often each combination of parameters and each duration was drawn with a
// chi-squared test of two samples. The seeds are fixed, so the outcome is; over all comparisons (about 70, of
// which 40 have something to draw) the smallest p would lie below 1e-4 by chance once in 250 choices of seed.
func TestDrawsAreNeuroGyms(t *testing.T) {
	compared := 0
	for _, c := range readRecordings(t).Cases {
		task := uncheckedTask(t, c.Task, c.Options)
		const trials = 8000
		for name, drawn := range drawHistograms(t, task, trials) {
			want, ok := c.Draws[name]
			if !ok {
				t.Errorf("%s: NeuroGym has no %q", c.Task, name)
				continue
			}
			p, freedom := twoSamples(drawn, normalized(t, want))
			if p < 1e-4 {
				t.Errorf("%s %s, %s: p = %.2g over %d degrees of freedom\n ours      %v\n NeuroGym's %v", c.Task,
					c.Options, name, p, freedom, drawn, want)
			}
			if freedom > 0 {
				compared++
			}
		}
	}
	if compared < 20 {
		t.Errorf("%d distributions compared, want 20", compared)
	}
}

// drawHistograms counts the parameters (together) and the duration of each period over trials.
func drawHistograms(t *testing.T, task Task, trials int) map[string]map[string]int {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 0))
	seen := map[string]map[string]int{}
	count := func(name, value string) {
		if seen[name] == nil {
			seen[name] = map[string]int{}
		}
		seen[name][value]++
	}
	order := baseOf(t, task).order
	for range trials {
		task.Draw(rng)
		encoded, err := json.Marshal(task.Params())
		if err != nil {
			t.Fatal(err)
		}
		params := map[string]any{}
		if err := json.Unmarshal(encoded, &params); err != nil {
			t.Fatal(err)
		}
		for i, steps := range params["durations"].([]any) {
			count(order[i], fmt.Sprint(steps))
		}
		delete(params, "durations")
		sorted, err := json.Marshal(params) // by name, as NeuroGym's were recorded
		if err != nil {
			t.Fatal(err)
		}
		count("params", string(sorted))
	}
	return seen
}

// baseOf returns the options a task embeds.
func baseOf(t *testing.T, task Task) *Base {
	t.Helper()
	base, ok := task.(interface{ base() *Base })
	if !ok {
		t.Fatalf("%s embeds no Base", task.Spec().Name)
	}
	return base.base()
}

func (b *Base) base() *Base { return b }

// twoSamples returns the p value of Pearson's chi-squared test that two histograms come from one distribution, and
// its degrees of freedom; cells that expect fewer than 5 are pooled.
func twoSamples(a, b map[string]int) (p float64, freedom int) {
	totalA, totalB := total(a), total(b)
	var statistic, poolA, poolB float64
	cells := 0
	add := func(x, y float64) {
		share := (x + y) / (totalA + totalB)
		statistic += (x-share*totalA)*(x-share*totalA)/(share*totalA) + (y-share*totalB)*(y-share*totalB)/(share*totalB)
		cells++
	}
	values := map[string]bool{}
	for v := range a {
		values[v] = true
	}
	for v := range b {
		values[v] = true
	}
	for v := range values {
		x, y := float64(a[v]), float64(b[v])
		if (x+y)*min(totalA, totalB)/(totalA+totalB) < 5 {
			poolA, poolB = poolA+x, poolB+y
			continue
		}
		add(x, y)
	}
	if poolA+poolB > 0 {
		add(poolA, poolB)
	}
	if cells < 2 {
		return 1, 0
	}
	return distuv.ChiSquared{K: float64(cells - 1)}.Survival(statistic), cells - 1
}

func total(histogram map[string]int) (n float64) {
	for _, count := range histogram {
		n += float64(count)
	}
	return n
}

// normalized writes the values of a histogram as Go's JSON does.
func normalized(t *testing.T, histogram map[string]int) map[string]int {
	t.Helper()
	out := map[string]int{}
	for value, count := range histogram {
		var decoded any
		if err := json.Unmarshal([]byte(value), &decoded); err != nil {
			t.Fatal(err)
		}
		encoded, err := json.Marshal(decoded)
		if err != nil {
			t.Fatal(err)
		}
		out[string(encoded)] += count
	}
	return out
}

// readPacked reads a packed JSON file.
func readPacked(t *testing.T, path string, into any) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(unpacked).Decode(into); err != nil {
		t.Fatal(err)
	}
}
