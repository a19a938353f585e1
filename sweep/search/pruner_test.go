package search

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// curve returns a curve with a loss after each of the steps 1, 2, ...
func curve(losses ...float64) Curve {
	var c Curve
	for i, l := range losses {
		c = append(c, Report{int64(i + 1), l})
	}
	return c
}

func TestMedian(t *testing.T) {
	others := []Curve{curve(5, 1), curve(5, 2), curve(5, 3), curve(5, 4), curve(1)} // at step 2: 1, 2, 3, 4, median 2
	r := Rule{Kind: "median"}
	for _, c := range []struct {
		own  Curve
		stop bool
	}{
		{curve(9, 1.9), false},
		{curve(9, 2.6), true},
		{curve(1.5, 9), false}, // its best counts
		{curve(9, math.NaN()), true},
		{curve(9, 9, 9), false}, // nobody has been there
	} {
		t.Run(fmt.Sprint(c.own), func(t *testing.T) {
			if why := r.Judge(c.own, others); (why != "") != c.stop {
				t.Errorf("%v: %q; stop is %v", c.own, why, c.stop)
			}
		})
	}
	if why := (Rule{Kind: "median", Warmup: 3}).Judge(curve(9, 9), others); why != "" {
		t.Errorf("before the warmup's end: %s", why)
	}
	if why := (Rule{Kind: "median", Startup: 5}).Judge(curve(9, 9), others); why != "" {
		t.Errorf("with 4 others, where 5 are asked for: %s", why)
	}
}

func TestASHA(t *testing.T) {
	r := Rule{Kind: "asha", First: 2, Factor: 3}                                    // rungs 2, 6, 18, ...
	others := []Curve{curve(9, 1), curve(9, 2), curve(9, 3), curve(9, 4), curve(9)} // four at rung 2
	for _, c := range []struct {
		own  Curve
		stop bool
	}{
		{curve(0), false},                // before the first rung
		{curve(9, 0.5), false},           // first of five: one continues
		{curve(9, 1.5), true},            // second
		{curve(9, 1.5, 9), false},        // between rungs
		{curve(9, 9, 9, 9, 9, 9), false}, // first to reach rung 6
		{curve(9, math.NaN()), true},
	} {
		t.Run(fmt.Sprint(c.own), func(t *testing.T) {
			if why := r.Judge(c.own, others); (why != "") != c.stop {
				t.Errorf("%v: %q; stop is %v", c.own, why, c.stop)
			}
		})
	}
	if why := r.Judge(curve(9, 1.5), append(others, curve(9, 5))); why != "" { // second of six: two continue
		t.Error(why)
	}
	late := Curve{{1, 9}, {7, 3}} // reports need not fall on rungs: this one is at rung 6, past rung 2
	want := "its score has rank 2 of 2 at step 6, and ranks up to 1 continue"
	if why := r.Judge(late, []Curve{curve(9, 9, 9, 9, 9, 1)}); why != want {
		t.Errorf("%q, want %q", why, want)
	}
}

func TestPatience(t *testing.T) {
	alone := Rule{Patience: 2}
	for _, c := range []struct {
		own  Curve
		stop bool
	}{{curve(3, 4), false}, {curve(3, 4, 5), true}, {curve(3, 4, 2), false}, {curve(3, 2, 4, 4),
		true}, {curve(3, 2, 2, 2), true}} {
		if why := alone.Judge(c.own, nil); (why != "") != c.stop {
			t.Errorf("%v: %q; stop is %v", c.own, why, c.stop)
		}
	}
	others := []Curve{curve(1, 1, 1), curve(1, 1, 1), curve(1, 1, 1), curve(1, 1, 1)}
	spared := Rule{Kind: "median", Patience: 2}
	if why := spared.Judge(curve(9, 8, 7), others); why != "" {
		t.Errorf("a trial that still improves is stopped: %s", why)
	}
	if why := spared.Judge(curve(7, 8, 9), others); why == "" {
		t.Error("a trial that does not improve continues")
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	for want, r := range map[string]Rule{
		"pruner \"hyperband\"": {Kind: "hyperband"},
		"first 0 and factor 0": {Kind: "asha"},
		"first 1 and factor 1": {Kind: "asha", First: 1, Factor: 1},
		"negative":             {Kind: "median", Warmup: -1},
		"median has no first":  {Kind: "median", First: 3},
		"none has no warmup":   {Kind: "none", Startup: 3},
	} {
		t.Run(want, func(t *testing.T) {
			if err := r.Check(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v; want %q", r, err, want)
			}
		})
	}
}
