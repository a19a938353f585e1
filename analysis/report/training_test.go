package report

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		if !(at.H >= 1 && at.H <= 6) || at.State == nil || !(*at.State >= 1) || at.Accuracy < 0 || at.Accuracy > 1 {
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
	if err := (lab.Job{Dir: dir, Config: c, Keep: -1}).Check(); err == nil {
		t.Error("-1 checkpoints are kept")
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
