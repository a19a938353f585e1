package drqn

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// TestRegret compares the regret of an untrained agent with what its trials say, in Evaluate and Regret. Tasks without
// sessions, and sessions that a time limit cuts, are refused.
func TestRegret(t *testing.T) {
	t.Parallel()
	c := small(t, "session")
	c.Task, c.TaskOptions = "TwoArmedBandit", json.RawMessage(`{"trials":20}`)
	p, ctx := fresh(t, c, 1), context.Background()
	const sessions, seed = 30, 3
	r, err := p.Regret(ctx, sessions, seed)
	if err != nil || r.Sessions != sessions || len(r.Curve) != 20 || math.Abs(r.Curve[19]-r.Mean) > 1e-9 {
		t.Fatalf("%+v, %v", r, err)
	}
	e, err := p.Evaluate(ctx, sessions*20, seed)
	if err != nil || e.Regret != r.Mean || e.Sessions != sessions {
		t.Errorf("evaluated: regret %v of %d sessions, want %v, %v", e.Regret, e.Sessions, r.Mean, err)
	}
	outcomes, err := p.Outcomes(ctx, sessions*20, seed)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for _, o := range outcomes {
		var params struct {
			Pays [2]float64 `json:"pays"`
		}
		if err := json.Unmarshal(o.Parameters, &params); err != nil {
			t.Fatal(err)
		}
		want += (max(params.Pays[0], params.Pays[1]) - params.Pays[o.Answer]) / sessions
	}
	if math.Abs(r.Mean-want) > 1e-9 {
		t.Errorf("regret %v, by the trials %v", r.Mean, want)
	}
	if n := p.goal.FinalTrials(); n != 4000 {
		t.Errorf("%d trials at the end, want 200 sessions of 20", n)
	}
	refused := func(p *Policy, sessions int, want string) {
		if _, err := p.Regret(ctx, sessions, seed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	refused(p, 0, "invalid sessions 0")
	c.TimeLimit = 19
	refused(fresh(t, c, 1), 2, "time_limit 19 cuts")
	refused(fresh(t, small(t, "session"), 1), 2, "stand by themselves")
}
