package watch

import (
	"path/filepath"
	"slices"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
	"engram/lab"
)

// onlooker looks at a run while it compiles and after it.
type onlooker struct {
	t    *testing.T
	dir  string
	said []string
}

func (o *onlooker) Compiling(bool) error {
	o.said = append(o.said, one(o.t, watcher(o.t, o.dir)).StateText())
	return nil
}
func (o *onlooker) Metrics(drqn.Metrics) error            { return nil }
func (o *onlooker) Evaluation(int, drqn.Evaluation) error { return nil }
func (o *onlooker) Notice(string)                         {}

// TestCompiling checks that a run is shown as compiling at its first update and not after it, but for the backend that
// compiles nothing. Which one works behind the name makes no difference to the run.
func TestCompiling(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{"xla:cpu": {"running, compiling", "running"}, "go": nil} {
		o := &onlooker{t: t, dir: filepath.Join(t.TempDir(), "run")}
		jobs := []lab.Job{{Dir: o.dir, Config: drqntest.Small(t)}}
		if _, err := lab.Train(t.Context(), jobs, backendtest.Open(t, backend.Go), name, o); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(o.said, want) {
			t.Errorf("%s: the run is shown as %q, want %q", name, o.said, want)
		}
		if v := one(t, watcher(t, o.dir)); v.StateText() != "finished" {
			t.Errorf("%s: at the end it is shown as %q", name, v.StateText())
		}
	}
}
