package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
)

// jobs returns k jobs with runs below a directory.
func jobs(t testing.TB, dir string, k int) []Job {
	t.Helper()
	var list []Job
	for i := range k {
		c := drqntest.Small(t)
		c.Seed, c.CheckpointEvery = uint64(i), 2
		list = append(list, Job{Dir: filepath.Join(dir, fmt.Sprint("run-", i)), Config: c})
	}
	return list
}

// witness keeps the notices, and cancels at an update's metrics.
type witness struct {
	notices []string
	at      int64
	cancel  context.CancelFunc
}

func (w *witness) Metrics(m drqn.Metrics) error {
	if w.cancel != nil && m.Update == w.at {
		w.cancel()
	}
	return nil
}
func (w *witness) Evaluation(int, drqn.Evaluation) error { return nil }
func (w *witness) Notice(line string)                    { w.notices = append(w.notices, line) }

// trainTo trains jobs until the metrics of an update, or to the end where that is 0.
func trainTo(t testing.TB, b compute.Backend, list []Job, update int64) (notices []string) {
	t.Helper()
	w := &witness{at: update}
	ctx := context.Background()
	if update > 0 {
		ctx, w.cancel = context.WithCancel(ctx)
		defer w.cancel()
	}
	_, err := Train(ctx, list, b, "go", w)
	if update > 0 && !errors.Is(err, context.Canceled) || update == 0 && err != nil {
		t.Fatalf("trained to update %d: %v", update, err)
	}
	return w.notices
}

// results returns the files of a run that hold its results and no times.
func results(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	updates, err := r.Checkpoints()
	if err != nil || len(updates) == 0 {
		t.Fatalf("checkpoints %v, %v", updates, err)
	}
	last := filepath.Join(checkpointsDir, fmt.Sprint(updates[len(updates)-1]))
	result, err := json.Marshal(r.About.Result)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"result": result}
	names := []string{configFile, metricsFile, evaluationsFile}
	for _, name := range stateFiles {
		names = append(names, filepath.Join(last, name))
	}
	for _, name := range names {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil || len(files[name]) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(files[name]), err)
		}
	}
	return files
}

// equalRuns compares the runs of two lists, byte by byte.
func equalRuns(t testing.TB, what string, got, want []Job) {
	t.Helper()
	for i := range want {
		g, w := results(t, got[i].Dir), results(t, want[i].Dir)
		for name := range w {
			if !bytes.Equal(g[name], w[name]) {
				t.Errorf("%s, member %d: %s is another", what, i, name)
			}
		}
	}
}

// TestResume stops runs again and again, of one agent and of four, and resumes them: they become what they become
// without.
func TestResume(t *testing.T) {
	t.Parallel()
	for name, members := range map[string][]int{backend.Go: {1, 4}, backend.XLACPU: {4}} {
		t.Run(name, func(t *testing.T) {
			b := backendtest.Open(t, name)
			for _, k := range members {
				whole, stopped := jobs(t, t.TempDir(), k), jobs(t, t.TempDir(), k)
				trainTo(t, b, whole, 0)
				for _, update := range []int64{3, 6, 9, 12, 0, 0} {
					if notices := trainTo(t, b, stopped, update); len(notices) > 0 {
						t.Errorf("it said %q", notices)
					}
				}
				equalRuns(t, fmt.Sprintf("%s, K = %d", name, k), stopped, whole)
				r, err := Open(stopped[0].Dir)
				if err != nil || r.About.State != Finished || r.About.Updates != 12 || len(r.About.Population) != k &&
					k > 1 {
					t.Errorf("%+v, %v", r.About, err)
				}
			}
		})
	}
}

// TestOtherConfigIsRefused checks that the difference is shown, and the run stays as it is.
func TestOtherConfigIsRefused(t *testing.T) {
	b, list := backendtest.Open(t, backend.Go), jobs(t, t.TempDir(), 1)
	trainTo(t, b, list, 6)
	list[0].Config.Hidden, list[0].Config.Gamma = 7, 0.5
	_, err := Train(context.Background(), list, b, backend.Go, nil)
	if err == nil || !strings.Contains(err.Error(), "hidden is 6, not 7") ||
		!strings.Contains(err.Error(), "gamma is 0.97, not 0.5") {
		t.Errorf("error %v", err)
	}
	list[0].Config.Hidden, list[0].Config.Gamma = 6, 0.97
	trainTo(t, b, list, 0)
}

// TestPopulationIsKnown checks that any member names the others, in their order, wherever the directories have moved
// together.
func TestPopulationIsKnown(t *testing.T) {
	dir := t.TempDir()
	list := jobs(t, filepath.Join(dir, "a"), 3)
	trainTo(t, backendtest.Open(t, backend.Go), list, 6)
	if err := os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	found, name, err := JobsOf(filepath.Join(dir, "b", "run-1"))
	if err != nil || name != "go" || len(found) != 3 {
		t.Fatalf("%+v, %q, %v", found, name, err)
	}
	for i, j := range found {
		if j.Dir != filepath.Join(dir, "b", fmt.Sprint("run-", i)) || j.Config.Seed != uint64(i) {
			t.Errorf("member %d is %s with seed %d", i, j.Dir, j.Config.Seed)
		}
	}
}

// TestCheckpointsKept checks that the newest three and the best are kept.
func TestCheckpointsKept(t *testing.T) {
	list := jobs(t, t.TempDir(), 1)
	c := &list[0].Config
	c.Updates, c.EvalEvery, c.EvalTrials, c.CheckpointEvery = 40, 2, 40, 2
	trainTo(t, backendtest.Open(t, backend.Go), list, 0)
	r, err := Open(list[0].Dir)
	if err != nil {
		t.Fatal(err)
	}
	evaluations, err := r.Evaluations()
	if err != nil {
		t.Fatal(err)
	}
	best := evaluations[1]
	for _, e := range evaluations[1 : len(evaluations)-1] { // all except the final one
		if e.ShareOfCeiling >= best.ShareOfCeiling {
			best = e
		}
	}
	if update, err := r.Best(); err != nil || update != best.Update {
		t.Errorf("the best is that of update %d, %v; want %+v", update, err, best)
	}
	want := []int64{36, 38, 40}
	if !slices.Contains(want, best.Update) {
		want = append([]int64{best.Update}, want...)
	}
	if updates, err := r.Checkpoints(); err != nil || !slices.Equal(updates, want) {
		t.Errorf("checkpoints of %v are kept, %v; want %v (best: %v)", updates, err, want, best)
	}
}

// TestPartOfAPopulation checks that a member can be resumed alone, with a notice of what that means for its numbers.
func TestPartOfAPopulation(t *testing.T) {
	b, list := backendtest.Open(t, backend.Go), jobs(t, t.TempDir(), 2)
	trainTo(t, b, list, 6)
	if notices := trainTo(t, b, list[1:], 0); len(notices) != 1 ||
		!strings.Contains(notices[0], "run-1 was begun in another population") {
		t.Errorf("it said %q", notices)
	}
	r, err := Open(list[1].Dir)
	if err != nil || r.About.State != Finished || r.About.Population != nil {
		t.Errorf("%+v, %v", r.About, err)
	}
	metrics, err := r.Metrics()
	if err != nil || len(metrics) == 0 {
		t.Fatal(metrics, err)
	}
	for _, m := range metrics {
		if m.Member != 0 {
			t.Errorf("the metrics of update %d name member %d: a run has one", m.Update, m.Member)
		}
	}
}

// TestResumeOnAnotherBackend checks that a run that resumes on another backend says so, once, and names that one from
// then on.
func TestResumeOnAnotherBackend(t *testing.T) {
	b, list := backendtest.Open(t, backend.Go), jobs(t, t.TempDir(), 1)
	trainTo(t, b, list, 6)
	for resumed, want := range []int{1, 0} {
		ctx, cancel := context.WithCancel(t.Context())
		w := &witness{at: 9 + 3*int64(resumed), cancel: cancel}
		if _, err := Train(ctx, list, b, "another", w); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
		if r, err := Open(list[0].Dir); err != nil || r.About.Backend != "another" || len(w.notices) != want {
			t.Errorf("resumed %d times: backend %q, %v; it said %q", resumed+1, r.About.Backend, err, w.notices)
		}
	}
}
