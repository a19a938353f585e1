package report

import (
	"path/filepath"
	"strings"
	"testing"

	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
)

// Without plasticity M stays empty, with the learned one the trial is that of the agent, and the run is
// not changed.
func TestExplore(t *testing.T) {
	t.Parallel()
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	s, err := Explore(t.Context(), r, "eta", []float64{0, 1}, 3)
	if err != nil {
		t.Fatal(err)
	}
	size := func(frame int) float64 {
		m := s.Frames[frame].Series[len(s.Frames[frame].Series)-1]
		return m.Y[len(m.Y)-1]
	}
	if size(0) != 0 || size(1) <= 0 || s.Values[1] != "1" || s.Frames[0].Series[0].Name != "Q(fixate)" {
		t.Errorf("M is %g and %g; %+v", size(0), size(1), s)
	}
	policy, _, err := r.Policy()
	if err != nil {
		t.Fatal(err)
	}
	traces, err := policy.Rollout(t.Context(), 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, tensor := range policy.Tensors() {
		if tensor.Name == "lambda" {
			s, err = Explore(t.Context(), r, "lambda", []float64{float64(tensor.Data[0])}, 3)
		}
	}
	if err != nil || s.Frames[0].Series[0].Y[2] != float64(traces[0].Q[2][0]) {
		t.Errorf("%v: %v, the agent's own %v", err, s.Frames[0].Series[0].Y, traces[0].Q)
	}
	gru := &lab.Run{Dir: r.Dir, Config: r.Config}
	gru.Config.Cell = "gru"
	for _, c := range []struct {
		run       *lab.Run
		parameter string
		values    []float64
		want      string
	}{
		{r, "rho", []float64{1}, "use one of [eta lambda]"},
		{r, "eta", nil, "has no values"},
		{gru, "eta", []float64{1}, "which has no eta"},
	} {
		_, err := Explore(t.Context(), c.run, c.parameter, c.values, 3)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
