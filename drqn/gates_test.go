package drqn

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/oracle"
)

// gated returns a config with a row gate whose returns end with the trials.
func gated(t testing.TB) Config {
	c := small(t, "session")
	if c.ForgetGate != ForgetRow || c.returnOfTask() != ReturnTrial {
		t.Fatalf("the preset has gate %q and return %q", c.ForgetGate, c.Return)
	}
	return c
}

// oracleGate returns the gate of a network's weights as the oracle has it, and lambda.
func oracleGate(net *Network, weights []float32, gain float64) (g oracle.Forget, lambda float64) {
	values := net.Values(weights)
	for r, bias := range values.At("forget_b") {
		inputs := len(values.At("forget_w")) / len(values.At("forget_b"))
		g.F = append(g.F, float64s(values.At("forget_w")[r*inputs:][:inputs]))
		g.B = append(g.B, float64(bias))
	}
	g.Gain = gain
	return g, float64(values.At("lambda")[0])
}

// TestMetricsOfGates compares the quartiles of lambda_t with those of the last batch by the oracle, each member's own.
func TestMetricsOfGates(t *testing.T) {
	t.Parallel()
	one, two := gated(t), gated(t)
	two.Seed, two.Lambda = 9, 0.5
	trainer, r := train(t, backendtest.Open(t, backend.Go), one, two)
	for k, m := range trainer.members {
		g, lambda := oracleGate(trainer.Network(), trainer.Weights(k), m.config.ForgetGain)
		values := trainer.Network().Values(trainer.Weights(k))
		var all []float64
		for i, valid := range m.batch.Valid {
			if valid == 0 {
				continue
			}
			o, x := m.batch.Observations[i*m.batch.ObservationSize:][:m.batch.ObservationSize], []float64(nil)
			for row, sum := range float64s(values.At("b_rand")) {
				for j := range o {
					sum += float64(values.At("W_rand")[row*len(o)+j]) * float64(o[j])
				}
				x = append(x, sum)
			}
			for row := range g.B {
				all = append(all, lambda*g.Open(row, x))
			}
		}
		slices.Sort(all)
		last, n := r.metrics[len(r.metrics)-2+k], len(all)-1
		if last.Member != k || n < 50 {
			t.Fatalf("%+v and %d values", last, n+1)
		}
		near(t, "quartiles", []float64{last.LambdaFirst, last.LambdaMedian, last.LambdaThird},
			[]float64{all[n/4], all[n/2], all[3*n/4]}, 1e-6)
		if !(last.LambdaFirst < last.LambdaMedian && last.LambdaMedian < last.LambdaThird) {
			t.Errorf("quartiles of %+v", last)
		}
	}
}

// The line of a run without a gate has the fields that it always had.
func TestPlainMetricsHaveNoQuartiles(t *testing.T) {
	t.Parallel()
	_, r := train(t, backendtest.Open(t, backend.Go), asPlain(small(t, "session")))
	line, err := json.Marshal(r.metrics[0])
	if err != nil || strings.Contains(string(line), "lambda_") || strings.Count(string(line), ":") != 11 {
		t.Errorf("%s, %v", line, err)
	}
}

// TestRolloutOfGates compares the gates' values of a rollout with the oracle: those of the observation of each step.
func TestRolloutOfGates(t *testing.T) {
	t.Parallel()
	for _, gate := range []ForgetGate{ForgetScalar, ForgetRow} {
		c := gated(t)
		c.ForgetGate, c.Input, c.InputSize = gate, InputIdentity, 0
		p := fresh(t, c, 3)
		trials, err := p.Rollout(t.Context(), 3, 5)
		if err != nil {
			t.Fatal(err)
		}
		g, lambda := oracleGate(p.net, p.weights, c.ForgetGain)
		for _, trial := range trials {
			if len(trial.Lambdas) != len(trial.Actions) {
				t.Fatalf("%d gates of %d steps", len(trial.Lambdas), len(trial.Actions))
			}
			for step, got := range trial.Lambdas {
				var want []float64
				for row := range g.B {
					want = append(want, lambda*g.Open(row, float64s(trial.Observations[step])))
				}
				near(t, "lambda_t", float64s(got), want, 1e-6)
			}
		}
	}
	trials, err := fresh(t, asPlain(small(t, "session")), 3).Rollout(t.Context(), 1, 5)
	if err != nil || trials[0].Lambdas != nil {
		t.Errorf("gates %v of a cell without any, %v", trials[0].Lambdas, err)
	}
	data, err := json.Marshal(trials[0])
	if err != nil || strings.Contains(string(data), "lambdas") {
		t.Errorf("%v: %.200s", err, data)
	}
}

// The quartiles of one value are that value; of no values there are none.
func TestQuartiles(t *testing.T) {
	t.Parallel()
	for want, values := range map[Quartiles][]float32{
		{7, 7, 7}: {7}, {1, 2, 3}: {4, 3, 2, 1, 0}, {0, 0.5, 0.5}: {0.5, 1, 0, 0.5},
	} {
		if got := quartilesOf(values); *got != want {
			t.Errorf("quartiles %+v of %v, want %+v", *got, values, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("none have quartiles")
		}
	}()
	t.Log(quartilesOf(nil))
}

// TestReturnOfTask checks that a return of the preset session ends with its trial, except where trials belong together
// and nothing else is set: not by a flag, a plan, or the config that all begins with.
func TestReturnOfTask(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		task, set string
		want      Return
	}{{"GoNogo", "", ReturnTrial}, {"GoNogo", "session", ReturnSession}, {"TwoArmedBandit", "", ReturnSession},
		{"TwoArmedBandit", "trial", ReturnTrial}} {
		asked, plan := map[string]string{"task": c.task, "window": "30"}, map[string]string{}
		if c.set != "" {
			plan["return"] = c.set
		}
		if got, err := Assemble(preset(t, "session"), asked, plan); err != nil || got.Return != c.want {
			t.Errorf("%+v in a plan: return %q, %v", c, got.Return, err)
		}
		if c.set != "" {
			given := fmt.Sprintf(`{"task": %q, "window": 30, "return": %q}`, c.task, c.set)
			base, err := DecodeConfig(strings.NewReader(given), preset(t, "session"))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Assemble(base, nil); err != nil || got.Return != c.want {
				t.Errorf("%+v in a config: return %q, %v", c, got.Return, err)
			}
		}
		maps.Copy(asked, plan)
		if got, err := Assemble(preset(t, "session"), asked); err != nil || got.Return != c.want {
			t.Errorf("%+v asked for: return %q, %v", c, got.Return, err)
		}
	}
}
