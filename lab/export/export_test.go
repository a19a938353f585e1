package export

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
)

// trained trains a small run.
func trained(t *testing.T) *lab.Run {
	t.Helper()
	return labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
}

// read is what Python's packages found in an export.
type read struct {
	NPZ         map[string]array `json:"npz"`
	Safetensors map[string]array
	Metadata    map[string]string
	TensorBoard map[string]map[string][][3]float64 // by folder and tag: step, time, value
	CSV         map[string]struct {
		Header []string
		Rows   [][]any
	}
}

type array struct {
	Type  string `json:"dtype"`
	Shape []int
	Data  []float32
}

// TestReadByOthers exports a run in every format and reads the files with NumPy, safetensors and TensorBoard.
func TestReadByOthers(t *testing.T) {
	r, dir := trained(t), t.TempDir()
	for _, format := range Formats() {
		paths, err := Write(r, format, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		}
	}
	python := exec.Command("../../scripts/env/python.sh", "readers", "testdata/read.py", dir)
	python.Stderr = os.Stderr
	out, err := python.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got read
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	checkTensors(t, r, got)
	checkEvents(t, r, got.TensorBoard["tensorboard"])
	checkTables(t, r, got)
}

func checkTensors(t *testing.T, r *lab.Run, got read) {
	policy, _, err := r.Policy()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]array{}
	for _, p := range policy.Tensors() {
		want[p.Name] = array{"float32", append([]int{}, p.Shape...), p.Data}
	}
	if len(want) < 7 || len(want["W"].Shape) != 2 {
		t.Fatalf("the run has the parameters %v", want)
	}
	if !reflect.DeepEqual(got.NPZ, want) {
		t.Errorf("NumPy reads %v, want %v", got.NPZ, want)
	}
	if !reflect.DeepEqual(got.Safetensors, want) {
		t.Errorf("safetensors reads %v, want %v", got.Safetensors, want)
	}
	config, err := drqn.DecodeConfig(strings.NewReader(got.Metadata["config"]), drqn.Config{})
	if err != nil || config.Task != "GoNogo" || got.Metadata["update"] != "12" {
		t.Errorf("the metadata are %v, %v", got.Metadata, err)
	}
}

// checkEvents compares each scalar, and the clock.
func checkEvents(t *testing.T, r *lab.Run, got map[string][][3]float64) {
	metrics, err := r.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	evaluations, err := r.Evaluations()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][][2]float64{}
	for _, m := range metrics {
		for name, x := range map[string]float64{"train/loss": m.Loss, "train/epsilon": m.Epsilon,
			"train/environment_steps": float64(m.EnvironmentSteps)} {
			want[name] = append(want[name], [2]float64{float64(m.Update), float64(float32(x))})
		}
	}
	for _, e := range evaluations {
		want["eval/reward_per_trial"] = append(want["eval/reward_per_trial"],
			[2]float64{float64(e.Update), float64(float32(e.RewardPerTrial))})
	}
	for name, points := range want {
		var found [][2]float64
		for _, p := range got[name] {
			found = append(found, [2]float64{p[0], p[2]})
		}
		if !reflect.DeepEqual(found, points) {
			t.Errorf("TensorBoard reads %s as %v, want %v", name, found, points)
		}
	}
	timing, err := r.Timing()
	if err != nil || len(timing) != 4 {
		t.Fatalf("timing %v, %v", timing, err)
	}
	for i, p := range got["train/loss"] {
		if passed := p[1] - float64(r.About.Created.Unix()); math.Abs(passed-timing[i].Seconds) > 1e-3 {
			t.Errorf("update %v was %v s after the beginning, want %v", p[0], passed, timing[i].Seconds)
		}
	}
	if _, found := got["train/update"]; found {
		t.Error("the step is a scalar, too")
	}
}

// checkTables compares the CSV as NumPy reads it with the JSONL, column by column.
func checkTables(t *testing.T, r *lab.Run, got read) {
	for name, skipped := range map[string]int{"metrics": 0, "evals": 1, "timing": 0} { // the task's name is no number
		data, err := os.ReadFile(filepath.Join(r.Dir, name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		table := got.CSV[name]
		if len(table.Rows) != len(lines) {
			t.Fatalf("%s.csv has %d rows, want %d", name, len(table.Rows), len(lines))
		}
		for i, line := range lines {
			var want map[string]any
			if err := json.Unmarshal([]byte(line), &want); err != nil {
				t.Fatal(err)
			}
			if name == "evals" { // marks are left out where they do not hold, and are numbers in the table
				for _, mark := range []string{"confirmation", "final", "no_ceiling"} {
					holds := want[mark] == true
					if want[mark] = 0.0; holds {
						want[mark] = 1.0
					}
				}
			}
			for column := range want {
				if !slices.Contains(table.Header, column) {
					t.Errorf("%s.csv has the columns %v, want those of %s", name, table.Header, line)
				}
			}
			for c, column := range table.Header[skipped:] {
				if table.Rows[i][c] != want[column] {
					t.Errorf("%s.csv, row %d: %s is %v, want %v", name, i, column, table.Rows[i][c], want[column])
				}
			}
		}
	}
}

// TestMemberOfAPopulation checks that an agent that was trained together with others is a run like any other.
func TestMemberOfAPopulation(t *testing.T) {
	var jobs []lab.Job
	for i := range 2 {
		c := drqntest.Small(t)
		c.Seed = uint64(i)
		jobs = append(jobs, lab.Job{Dir: filepath.Join(t.TempDir(), "run"), Config: c})
	}
	for _, r := range labtest.TrainAll(t, jobs...) {
		paths, err := Write(r, "tensorboard", t.TempDir())
		if err != nil || len(paths) != 1 || filepath.Base(filepath.Dir(paths[0])) != "tensorboard" {
			t.Errorf("it is written as %v, %v", paths, err)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := Write(nil, "hdf5", t.TempDir()); err == nil || !strings.Contains(err.Error(), "safetensors") {
		t.Errorf("error %v", err)
	}
}

// A run that has only begun has tables without rows, and no weights.
func TestRunWithoutWeights(t *testing.T) {
	r, dir := trained(t), t.TempDir()
	for _, name := range []string{"metrics.jsonl", "evals.jsonl", "timing.jsonl"} {
		if err := os.WriteFile(filepath.Join(r.Dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(r.Dir, "checkpoints", "12")); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"safetensors", "npz"} {
		if _, err := Write(r, format, dir); err == nil || !strings.Contains(err.Error(), "no checkpoint") {
			t.Errorf("%s: error %v", format, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := Write(r, "csv", dir); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, "timing.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if rows, err := csv.NewReader(file).ReadAll(); err != nil ||
		!reflect.DeepEqual(rows, [][]string{{"update", "seconds"}}) {
		t.Errorf("timing.csv is %v, %v", rows, err)
	}
}
