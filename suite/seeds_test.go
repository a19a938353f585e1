package suite

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"engram/internal/lock"
	"engram/lab"
)

// result returns a run of agent a on task t.
func result(seed uint64, share float64, updatesTo float64) Result {
	return Result{Assignment: Assignment{Task: "t", Agent: "a", Seed: seed}, Share: share, UpdatesTo: updatesTo,
		StepsTo: math.NaN(), MinutesTo: math.NaN(), Lambda: math.NaN(),
		Updates: []float64{100, 200}, Shares: []float64{share / 2, share}}
}

// TestOneSeedHasNoInterval checks that no interval is in the JSON, the curves or the sums over tasks. Two equal seeds
// have one of no width.
func TestOneSeedHasNoInterval(t *testing.T) {
	t.Parallel()
	p := Plan{Tasks: []string{"t"}, Agents: []Agent{{Name: "a"}}, Seeds: 1}
	one := []Result{result(0, 0.9, math.NaN())}
	rows, err := Table(p, one)
	if err != nil || rows[0].Low != nil || rows[0].High != nil || *rows[0].IQM != 0.9 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if data, err := json.Marshal(rows); err != nil || !strings.Contains(string(data), `"low":null,"high":null`) {
		t.Errorf("%s, %v", data, err)
	}
	curves, err := Curves(p, one, "t")
	if err != nil || len(curves) != 1 || fmt.Sprint(curves[0]) != "{a [100 200] [{0.45 NaN NaN} {0.9 NaN NaN}]}" {
		t.Errorf("curves %+v, %v", curves, err)
	}
	across, err := AcrossTasks(p, one)
	if err != nil || fmt.Sprint(across[0].IQM, across[0].Improvement) != "{0.9 NaN NaN} {0.5 NaN NaN}" {
		t.Errorf("across %+v, %v", across, err)
	}
	if profile, err := across[0].Profile([]float64{0, 0.95}); err != nil ||
		fmt.Sprint(profile) != "[{1 NaN NaN} {0 NaN NaN}]" {
		t.Errorf("profile %+v, %v", profile, err)
	}
	p.Seeds = 2
	rows, err = Table(p, append(one, result(1, 0.9, math.NaN())))
	if err != nil || rows[0].Low == nil || *rows[0].Low != 0.9 || *rows[0].High != 0.9 {
		t.Errorf("two equal seeds: %+v, %v", rows, err)
	}
}

// TestMediansAreOfTheSeedsThatReached checks that with an upper bound of the ceiling no seed counts.
func TestMediansAreOfTheSeedsThatReached(t *testing.T) {
	t.Parallel()
	p := Plan{Tasks: []string{"t"}, Agents: []Agent{{Name: "a"}}, Seeds: 3}
	results := []Result{result(0, 0.96, 200), result(1, 0.5, math.NaN()), result(2, 0.9, 400)}
	rows, err := Table(p, results)
	if err != nil || rows[0].Timed != 2 || *rows[0].UpdatesTo != 300 || rows[0].Reached != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	for i := range results {
		results[i].CeilingBound = true
	}
	if rows, err = Table(p, results); err != nil || rows[0].Reached != 0 || !rows[0].CeilingBound {
		t.Errorf("%+v, %v", rows, err)
	}
}

// A finished suite is made larger: seeds, tasks and agents are added, and what was trained is left as it is.
func TestASuiteIsMadeLarger(t *testing.T) {
	dir, path := ofOne(t)
	run(t, dir, nil)
	p, err := ReadPlan(dir)
	if err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(path, "run.json")
	before, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	p.Seeds = 3
	p.Agents = append(Cells("gru"), p.Agents...)
	p.Agents[1].Why = "what is said of an agent is not compared"
	p.Tasks = []string{"TemporalOrder", "GoNogo"}
	if err := Create(dir, p); err != nil {
		t.Fatal(err)
	}
	trained, skipped := 0, 0
	run(t, dir, func(e Event) {
		if e.Done && e.Skipped {
			skipped++
		} else if e.Done && e.Err == nil {
			trained++
		}
	})
	after, err := os.Stat(first)
	if err != nil || !after.ModTime().Equal(before.ModTime()) || trained != 11 || skipped != 1 {
		t.Errorf("%d trained and %d left as they were, want 11 and 1 (%v)", trained, skipped, err)
	}
	larger, results, err := Results(dir)
	if err != nil || len(results) != 12 || !slices.Equal(larger.Tasks, []string{"GoNogo", "TemporalOrder"}) ||
		names(larger.Agents) != "frozen,gru" {
		t.Errorf("%d results of %+v, %v", len(results), larger, err)
	}
	if err := Archive(dir, filepath.Join(t.TempDir(), "archive")); err != nil {
		t.Error(err)
	}
}

// A suite that somebody runs is not made larger under their feet.
func TestASuiteInUseIsNotMadeLarger(t *testing.T) {
	p := small()
	dir := create(t, p)
	held, err := lock.Acquire("suite", dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	p.Seeds++
	if err := Create(dir, p); err == nil || !strings.Contains(err.Error(), "is in use by process") {
		t.Errorf("error %v", err)
	}
	if there, err := ReadPlan(dir); err != nil || there.Seeds != 2 {
		t.Errorf("%+v, %v", there, err)
	}
}

// A run that another process trains, such as the child of a killed suite, is waited for and resumed.
func TestARunInUseIsWaitedFor(t *testing.T) {
	dir, path := ofOne(t)
	if err := os.MkdirAll(path, 0o777); err != nil {
		t.Fatal(err)
	}
	held, err := lock.Acquire("run", path, nil)
	if err != nil {
		t.Fatal(err)
	}
	free := time.AfterFunc(700*time.Millisecond, held.Release)
	defer free.Stop()
	if failed := run(t, dir, nil); failed != 0 {
		t.Errorf("%d runs failed", failed)
	}
	if r, err := lab.Open(path); err != nil || r.About.State != lab.Finished {
		t.Errorf("%+v, %v", r, err)
	}
}

// A curve has the updates at which every seed was evaluated, and agents are held against the first one.
func TestCurvesAndTheFirstAgent(t *testing.T) {
	p := Plan{Tasks: []string{"t"}, Agents: []Agent{{Name: "a"}, {Name: "b"}}, Seeds: 2}
	results := []Result{result(0, 0.8, math.NaN()), result(1, 0.6, math.NaN())}
	results[1].Updates, results[1].Shares = results[1].Updates[1:], results[1].Shares[1:]
	curves, err := Curves(p, results, "t")
	if err != nil || len(curves) != 1 || !slices.Equal(curves[0].Updates, []float64{200}) ||
		math.IsNaN(curves[0].Shares[0].Low) {
		t.Errorf("%+v, %v", curves, err)
	}
	for _, better := range []Result{result(0, 0.9, math.NaN()), result(1, 0.95, math.NaN())} {
		better.Agent = "b"
		results = append(results, better)
	}
	across, err := AcrossTasks(p, results)
	if err != nil || across[0].Improvement.Point != 0.5 || across[1].Improvement.Point != 1 {
		t.Errorf("%+v, %v", across, err)
	}
}

// An update that was evaluated twice, as for a confirmation, is in a curve once.
func TestAnUpdateIsOnceInACurve(t *testing.T) {
	dir, path := ofOne(t)
	run(t, dir, nil)
	path = filepath.Join(path, "evals.jsonl")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(data), "\n")
	if err := os.WriteFile(path, []byte(first+"\n"+string(data)), 0o644); err != nil {
		t.Fatal(err)
	}
	_, results, err := Results(dir)
	if err != nil || len(results) != 1 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if got := results[0].Updates; !slices.Equal(got, slices.Compact(slices.Clone(got))) ||
		len(got) != len(results[0].Shares) {
		t.Errorf("updates %v, shares %v", got, results[0].Shares)
	}
}
