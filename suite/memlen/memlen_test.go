package memlen

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/labtest"
	"engram/lab"
	"engram/plots"
	"engram/suite"
	"engram/suite/suitetest"
)

// TestCompare trains two cells for a moment on two lengths, then gives the runs other results: the comparison follows
// what the runs say, by bsuite's rules.
func TestCompare(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{Task}, Seeds: 2}
	for _, cell := range []string{"mpn", "frozen"} {
		for _, length := range []int{3, 1} {
			p.Agents = append(p.Agents, suite.Agent{Name: fmt.Sprint(cell, "-", length),
				Set: map[string]string{"cell": cell, "task_options": fmt.Sprintf(`{"memory_length":%d}`, length)}})
		}
	}
	dir := suitetest.Train(t, p, labtest.Train)
	for _, m := range memoryLengths(t, dir) {
		for i, length := range []int{1, 3} {
			if want := trainedRegret(t, dir, m.Cell, length); m.Lengths[i].Length != length ||
				math.Abs(m.Lengths[i].Regret-want) > 1e-12 {
				t.Errorf("%s: %+v, want length %d of regret %v", m.Cell, m.Lengths[i], length, want)
			}
		}
	}
	for cell, c := range map[string]struct {
		reward, share1, share3 float64
		want                   Memory
	}{
		// A reward of 200 in 1,000 trials: 600 right, a regret of 400/0.5/1000. Of 300: 350/0.5/1000.
		"mpn": {reward: 300, share1: 1, share3: 0.96,
			want: Memory{Score: 1, Longest: 3, Lengths: []Length{{1, 0.7, 1}, {3, 0.7, 0.96}}}},
		"frozen": {reward: 200, share1: 0.95, share3: 0.94,
			want: Memory{Score: 0, Longest: 1, Lengths: []Length{{1, 0.8, 0.95}, {3, 0.8, 0.94}}}},
	} {
		t.Run(cell, func(t *testing.T) {
			for _, seed := range []string{"seed-0", "seed-1"} {
				setMemory(t, filepath.Join(dir, "MemoryLength", cell+"-1", seed), c.reward, c.share1)
				setMemory(t, filepath.Join(dir, "MemoryLength", cell+"-3", seed), c.reward, c.share3)
			}
			all := memoryLengths(t, dir)
			got := all[slices.IndexFunc(all, func(m Memory) bool { return m.Cell == cell })]
			if got.Score != c.want.Score || got.Longest != c.want.Longest ||
				!slices.Equal(got.Lengths, c.want.Lengths) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
	want := [][]string{{"memory length", "mpn (46 parameters)", "frozen (44 parameters)"},
		{"1", "0.70 (1.000)", "0.80 (0.950)"}, {"3", "0.70 (0.960)", "0.80 (0.940)"},
		{"bsuite's score", "1.00", "0.00"}, {"solved up to length", "3", "1"}}
	section, err := Section(dir, results(t, dir))
	if err != nil || section.Charts[0].(plots.Lines).Title != "Regret by memory length" {
		t.Errorf("the section %+v, %v", section, err)
	}
	if got := append([][]string{section.Table.Header}, section.Table.Rows...); !reflect.DeepEqual(got, want) {
		t.Errorf("the table is\n%q, want\n%q", got, want)
	}
}

// results reads the finished runs of a suite.
func results(t *testing.T, dir string) []suite.Result {
	t.Helper()
	_, results, err := suite.Results(dir)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func memoryLengths(t *testing.T, dir string) []Memory {
	t.Helper()
	all, err := Compare(dir, results(t, dir))
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	return all
}

// trainedRegret computes a regret from the metrics of both seeds: the mean of wrong answers over 0.5, by the episodes.
// Where one seed has more episodes, it alone counts.
func trainedRegret(t *testing.T, dir, cell string, length int) float64 {
	t.Helper()
	regrets := map[int64][]float64{} // by episodes
	for _, seed := range []string{"seed-0", "seed-1"} {
		r, err := lab.Open(filepath.Join(dir, "MemoryLength", fmt.Sprint(cell, "-", length), seed))
		if err != nil {
			t.Fatal(err)
		}
		metrics, err := r.Metrics()
		if err != nil {
			t.Fatal(err)
		}
		trials, wrong := int64(0), 0.0
		for _, m := range metrics {
			trials += m.Trials
			wrong += float64(m.Trials) * (1 - m.RewardPerTrial) / 2
		}
		regrets[trials] = append(regrets[trials], math.Round(wrong)/0.5/float64(trials))
	}
	most := slices.Max(slices.Collect(maps.Keys(regrets)))
	sum := 0.0
	for _, r := range regrets[most] {
		sum += r
	}
	return sum / float64(len(regrets[most]))
}

// setMemory writes other results into a run's description.
func setMemory(t *testing.T, dir string, reward, share float64) {
	t.Helper()
	r, err := lab.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.About.Trials, r.About.Reward, r.About.Result.ShareOfCeiling = 1000, reward, share
	data, err := json.Marshal(r.About)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "run.json"), data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestMemoryLengthsWithoutRuns(t *testing.T) {
	if _, err := Compare("runs/none", nil); err == nil ||
		!strings.Contains(err.Error(), "runs/none has no finished run of MemoryLength") {
		t.Errorf("error %v", err)
	}
}

// TestTimes checks the medians over the seeds that reached it, that a gated cell stands by itself, and what is written
// of a cell that never did, or was not trained at a length.
func TestTimes(t *testing.T) {
	t.Parallel()
	result := func(gate drqn.ForgetGate, length int, steps, minutes float64) suite.Result {
		r := suite.Result{StepsTo: steps, MinutesTo: minutes, Trials: 10}
		r.Task, r.Config = Task, drqn.Config{Cell: "mpn", ForgetGate: gate,
			TaskOptions: json.RawMessage(fmt.Sprintf(`{"memory_length":%d}`, length))}
		return r
	}
	nan := math.NaN()
	all, err := Compare("x", []suite.Result{result("none", 16, 300, 3), result("none", 16, nan, nan),
		result("none", 16, 100, 1), result("row", 16, nan, nan), result("row", 32, 5, 0.5)})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"16", "200 (2.0 min; 2 of 3)", "0 of 1"}, {"32", "–", "5 (0.5 min; 1 of 1)"}}
	if got := TimesTable(all); !reflect.DeepEqual(got.Rows, want) || got.Header[2] != "mpn, row gate (0 parameters)" {
		t.Errorf("%q, want %q; header %q", got.Rows, want, got.Header)
	}
}
