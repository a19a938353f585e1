package tasks

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDurationJSON(t *testing.T) {
	for _, text := range []string{`750`, `0`, `[300,500,700]`, `{"uniform":[800,1500]}`,
		`{"truncated_exponential":[600,300,3000]}`} {
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
		{`-1`, "-1"}, {`1e300`, "1e+300"}, {`[]`, "empty"}, {`[1,-2]`, "-2"}, {`"long"`, "duration"},
		{`{"uniform":[1]}`, "2 numbers"},
		{`{"uniform":[3,3]}`, "low must lie below"}, {`{"truncated_exponential":[0,1,2]}`, "mean above 0"},
		{`{"normal":[1,2]}`, "normal"},
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
	for _, d := range []Duration{Millis(750), Uniform(300, 600), Uniform(100, 201),
		TruncatedExponential(600, 300, 900)} {
		longest := 0
		for range 10_000 {
			longest = max(longest, d.steps(100, rng))
		}
		if longest != d.maxSteps(100) {
			t.Errorf("%v: %d steps drawn, %d promised", d, longest, d.maxSteps(100))
		}
	}
}

// The mean of an exponential cut to low <= t < high, by its integral; the last is far beyond what is drawn by chance.
func TestTruncatedExponentialMean(t *testing.T) {
	for _, c := range []struct{ mean, low, high float64 }{{600, 300, 3000}, {600, 0, 50}, {10, 5000, 5030}} {
		const draws = 200_000
		rng := rand.New(rand.NewPCG(3, 0))
		d, sum, squares := TruncatedExponential(c.mean, c.low, c.high), 0.0, 0.0
		for range draws / int(max(1, c.low/c.mean)) {
			x := d.draw(rng)
			if x < c.low || x >= c.high {
				t.Fatalf("%v outside %v to %v", x, c.low, c.high)
			}
			sum += x
			squares += x * x
		}
		n := float64(draws / int(max(1, c.low/c.mean)))
		got := sum / n
		// Over low, where e^-low/mean cannot be told from 0: mean + low - (high-low) e^-(high-low)/mean / (1 -
		// e^-(high-low)/mean).
		beyond := math.Exp(-(c.high - c.low) / c.mean)
		want := c.mean + c.low - (c.high-c.low)*beyond/(1-beyond)
		if standardError := math.Sqrt((squares/n - got*got) / n); math.Abs(got-want) > 4*standardError {
			t.Errorf("%+v: mean %.3f, want %.3f +- %.3f", c, got, want, standardError)
		}
	}
}
