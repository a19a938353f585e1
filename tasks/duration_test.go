package tasks

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDurationJSON(t *testing.T) {
	for _, text := range []string{`750`, `0`, `[300,500,700]`, `{"uniform":[800,1500]}`, `{"truncated_exponential":[600,300,3000]}`} {
		var d Duration
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, err := json.Marshal(d)
		if err != nil || string(got) != text {
			t.Errorf("%s is written as %s (%v)", text, got, err)
		}
	}
}

func TestBadDurations(t *testing.T) {
	for _, c := range []struct{ text, names string }{
		{`-1`, "-1"}, {`1e300`, "1e+300"}, {`[]`, "empty"}, {`[1,-2]`, "-2"}, {`"long"`, "duration"}, {`{"uniform":[1]}`, "2 numbers"},
		{`{"uniform":[3,3]}`, "low must lie below"}, {`{"truncated_exponential":[0,1,2]}`, "mean above 0"}, {`{"normal":[1,2]}`, "normal"},
		{`{"uniform":[1,2],"choice":[1]}`, "duration"}, {`null`, "duration"}, {`{}`, "duration"},
	} {
		var d Duration
		if err := json.Unmarshal([]byte(c.text), &d); err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: error %v does not name %q", c.text, err, c.names)
		}
	}
}

// Drawn steps stay below what MaxTrialSteps counts on, and reach it.
func TestLongestDraw(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, d := range []Duration{Millis(750), Uniform(300, 600), Uniform(100, 201), TruncatedExponential(600, 300, 900)} {
		longest := 0
		for range 10_000 {
			longest = max(longest, d.steps(100, rng))
		}
		if longest != d.maxSteps(100) {
			t.Errorf("%v: %d steps drawn, %d promised", d, longest, d.maxSteps(100))
		}
	}
}

// The mean of Exp(600) cut to [300, 3000), by its integral.
func TestTruncatedExponentialMean(t *testing.T) {
	const mean, low, high, draws = 600.0, 300.0, 3000.0, 200_000
	rng := rand.New(rand.NewPCG(3, 0))
	d, sum, squares := TruncatedExponential(mean, low, high), 0.0, 0.0
	for range draws {
		x := d.draw(rng)
		sum += x
		squares += x * x
	}
	a, b := math.Exp(-low/mean), math.Exp(-high/mean)
	want := mean + (low*a-high*b)/(a-b)
	got := sum / draws
	if standardError := math.Sqrt((squares/draws - got*got) / draws); math.Abs(got-want) > 4*standardError {
		t.Errorf("mean %.2f, want %.2f +- %.2f", got, want, standardError)
	}
}
