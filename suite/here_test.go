package suite

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/lab"
)

// stopper cancels at an update's metrics.
type stopper struct {
	at     int64
	cancel context.CancelFunc
}

func (s stopper) Metrics(m drqn.Metrics) error {
	if m.Update == s.at {
		s.cancel()
	}
	return nil
}
func (stopper) Evaluation(int, drqn.Evaluation) error { return nil }
func (stopper) Notice(string)                         {}

// The runs of a suite train in this process, the seeds of an agent together; a stop leaves checkpoints,
// another call resumes, and a third has nothing to do.
func TestTrainHere(t *testing.T) {
	p := small()
	p.Tasks, p.Agents, p.Preset = p.Tasks[:1], Cells("mpn", "gru"), ""
	p, err := p.Expand()
	if err != nil {
		t.Fatal(err)
	}
	dir := create(t, p)
	b := backendtest.Open(t, backend.Go)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var begun []string
	watch := func(g Group) (lab.Watcher, error) {
		begun = append(begun, g.Agent)
		if len(g.Jobs) != 2 {
			t.Errorf("%d runs of %s train together", len(g.Jobs), g.Agent)
		}
		if g.Agent == "gru" {
			return stopper{6, cancel}, nil
		}
		return nil, nil
	}
	if err := Train(ctx, dir, b, backend.Go, watch); !errors.Is(err, context.Canceled) ||
		!slices.Equal(begun, []string{"mpn", "gru"}) {
		t.Fatalf("%v of %v", err, begun)
	}
	if r, err := lab.Open(filepath.Join(dir, "GoNogo", "gru", "seed-1")); err != nil || r.About.Updates != 6 {
		t.Errorf("%v: stopped after update %d", err, r.About.Updates)
	}
	if err := Train(t.Context(), dir, b, backend.Go, nil); err != nil {
		t.Fatal(err)
	}
	if groups, err := Missing(dir); err != nil || len(groups) > 0 {
		t.Errorf("missing: %v, %v", groups, err)
	}
	if _, results, err := Results(dir); err != nil || len(results) != 4 {
		t.Errorf("%d results, %v", len(results), err)
	}
	p.Set["hidden"] = "5"
	if err := p.write(dir); err != nil {
		t.Fatal(err)
	}
	if err := Train(t.Context(), dir, b, backend.Go, nil); err == nil ||
		!strings.Contains(err.Error(), "was trained with another config: its hidden is 6, not 5") {
		t.Errorf("error %v", err)
	}
}
