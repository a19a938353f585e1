package report

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"engram/analysis/neural"
	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
	"engram/lab/record"
)

// A run that keeps its checkpoints is looked back at: before training, and at each of them.
func TestOverTraining(t *testing.T) {
	t.Parallel()
	c, err := drqn.Assemble(drqntest.Small(t), map[string]string{"checkpoint_every": "2"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	r := labtest.TrainAll(t, lab.Job{Dir: dir, Config: c, Keep: 5})[0]
	o := Options{Trials: 20, Seed: 1}
	over, err := OverTraining(t.Context(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	var updates []int64
	for _, at := range over {
		updates = append(updates, at.Update)
		if !(at.H >= 1 && at.H <= 6) || at.State == nil || !(*at.State >= 1) ||
			at.Accuracy < 0 || at.Accuracy > 1 || at.Accuracy*20 != math.Round(at.Accuracy*20) {
			t.Errorf("%+v", at)
		}
	}
	if n := len(updates); n < 6 || updates[0] != 0 || updates[n-1] != 12 || updates[n-5] != 4 {
		t.Errorf("updates %v: want 0, the best if it is older, and the five newest, 4 to 12", updates)
	}
	if table := TrainedTable(over); len(table.Rows) != len(over) {
		t.Errorf("the table has %d rows", len(table.Rows))
	}
	policy, _, err := r.Policy()
	if err != nil {
		t.Fatal(err)
	}
	recording, err := recorded(t.Context(), policy, o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := neural.PCA(sampleOf(recording.H, recording.Hidden()), 0)
	if last := over[len(over)-1]; err != nil || math.Abs(neural.ParticipationRatio(p.Variances)-last.H) > 1e-8 {
		t.Errorf("the last is %+v, by PCA %v, %v", last, neural.ParticipationRatio(p.Variances), err)
	}
	checkPaths(t, over, recording)
	if err := (lab.Job{Dir: dir, Config: c, Keep: -1}).Check(); err == nil {
		t.Error("-1 checkpoints are kept")
	}
}

// checkPaths checks that the mean paths of h lie in one basis, and that the page draws a few of them. recording is that
// of the last moment.
func checkPaths(t *testing.T, over []Trained, recording *record.Recording) {
	t.Helper()
	end := over[len(over)-1]
	if len(end.Labels) < 2 || len(end.Paths) != len(end.Labels) || !strings.HasPrefix(end.Labels[0], "ground_truth ") {
		t.Fatalf("labels %q, %d paths", end.Labels, len(end.Paths))
	}
	rows, hidden := over[0].sample.Dims()
	for _, at := range over {
		rows = min(rows, at.sample.RawMatrix().Rows)
	}
	var pooled []float64 // as many states of each moment, evenly chosen
	for _, at := range over {
		for row := range rows {
			pooled = append(pooled, at.sample.RawRowView(row*at.sample.RawMatrix().Rows/rows)...)
		}
	}
	all := mat.NewDense(len(over)*rows, hidden, pooled)
	basis, err := neural.PCA(all, 2)
	if err != nil {
		t.Fatal(err)
	}
	labels, _, err := recording.Labels("ground_truth")
	if err != nil {
		t.Fatal(err)
	}
	trials, _ := aligned(recording)
	want, count := [2]float64{}, 0.0
	for _, trial := range trials {
		if labels[trial] == labels[trials[0]] {
			at := (recording.Offsets[trial] + 1) * recording.Hidden()
			for k, y := range basis.Project(wide(recording.H[at : at+recording.Hidden()])) {
				want[k] += y
			}
			count++
		}
	}
	got := end.Paths[labels[trials[0]]][1]
	for k := range want {
		if math.Abs(got[k]-want[k]/count) > 1e-6 {
			t.Errorf("after the second step %v, want %v over %v", got, want, count)
		}
	}
	path := filepath.Join(t.TempDir(), "over.html")
	if err := TrainedPage("run", over).Save(path); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	for _, update := range []int{0, 12} {
		if title := fmt.Sprintf("Mean path of h at update %d", update); !strings.Contains(string(page), title) {
			t.Errorf("%v: the page does not have %q", err, title)
		}
	}
	if n := strings.Count(string(page), "<h3"); n > 0 && n != 1+mostDrawn {
		t.Errorf("the page has %d charts", n)
	}
}

// More trials than fit into the memory of any machine are refused before the agent acts, with the remedy.
func TestMoreThanMemory(t *testing.T) {
	t.Parallel()
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	policy, _, err := r.Policy()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Trials: 1 << 40, Seed: 1}
	_, errOver := OverTraining(t.Context(), r, o)
	_, errAnalyse := Analyse(t.Context(), policy, o)
	for _, err := range []error{errOver, errAnalyse} {
		if err == nil || !strings.Contains(err.Error(), "use fewer trials (--trials)") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v", err)
		}
	}
}

// A run without a checkpoint, and one whose checkpoint is damaged, are one line that names the run.
func TestUnfinishedRuns(t *testing.T) {
	t.Parallel()
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	updates, err := r.Checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string) {
		t.Helper()
		_, _, errPolicy := record.Policy(r, "last", nil)
		_, errOver := OverTraining(t.Context(), r, Options{Trials: 5, Seed: 1})
		for _, err := range []error{errPolicy, errOver} {
			if err == nil || !strings.Contains(err.Error(), r.Dir) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: error %v", what, err)
			}
		}
	}
	for _, update := range updates {
		c, err := r.Checkpoint(update)
		if err == nil {
			err = os.WriteFile(filepath.Join(c.Dir, "weights.json"), []byte("[]"), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	refused("damaged")
	for _, update := range updates {
		if err := os.RemoveAll(filepath.Join(r.Dir, "checkpoints", fmt.Sprint(update))); err != nil {
			t.Fatal(err)
		}
	}
	refused("without a checkpoint")
	if _, err := QuestionOf("Recall"); err == nil || !strings.Contains(err.Error(), "analyse RUN --condition NAME") {
		t.Errorf("a task without a question: %v", err)
	}
}
