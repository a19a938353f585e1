package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A sampler's suggestions for a seed and a history stay as they are: 'engram sweep check' repeats those of old studies.
func TestSuggestionsStayAsTheyAre(t *testing.T) {
	var seen []Observation
	rng := rand.New(rand.NewPCG(5, 6))
	for trial := range 1400 {
		u := make([]float64, len(everyKind))
		for i := range u {
			u[i] = rng.Float64()
		}
		p := everyKind.At(u)
		seen = append(seen, Observation{Trial: trial, Point: p, State: Complete, Loss: bowl(p)})
	}
	for _, c := range []struct {
		kind    string
		history int
		want    string
	}{
		{"grid", 0, "cell=0 rate=0.0001 eta=-1 shape=1 n=4 hidden=8 deep=1"},
		{"random", 0, "cell=1 rate=0.00056913 eta=NaN shape=NaN n=4 hidden=16 deep=NaN"},
		{"halton", 0, "cell=0 rate=0.034637 eta=-0.50593 shape=1 n=5 hidden=20 deep=0.042568"},
		{"tpe", 5, "cell=0 rate=0.034637 eta=-0.50593 shape=1 n=5 hidden=20 deep=0.042568"},
		{"tpe", 60, "cell=0 rate=0.0073825 eta=0.067747 shape=1 n=4 hidden=9 deep=0.84372"},
		{"tpe", 400, "cell=0 rate=0.0085973 eta=0.20084 shape=1 n=4 hidden=114 deep=0.30373"},
		{"tpe", 1400, "cell=0 rate=0.014778 eta=0.565 shape=1 n=4 hidden=82 deep=0.80335"},
	} {
		t.Run(fmt.Sprint(c.kind, c.history), func(t *testing.T) {
			t.Parallel()
			sampler, err := Method{Kind: c.kind}.New(everyKind, 9)
			if err != nil {
				t.Fatal(err)
			}
			p, err := sampler.Suggest(77, seen[:c.history])
			var got []string
			for i, x := range p {
				got = append(got, fmt.Sprintf("%s=%.5g", everyKind[i].Name, x))
			}
			if text := strings.Join(got, " "); err != nil || text != c.want {
				t.Errorf("%q, %v, want %q", text, err, c.want)
			}
		})
	}
}

// Importances stay as they are, also of a parameter that only some trials have.
func TestImportancesStayAsTheyAre(t *testing.T) {
	shares := Importance(everyKind, sampled(t, Method{Kind: "random"}, everyKind, 3, 150, bowl))
	if got, want := fmt.Sprintf("%.3f", shares), "[0.197 0.266 0.243 0.001 0.109 0.081 0.104]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Observations are ordered by state, then by loss or, if pruned, by step; equal ones keep their order among the best.
func TestCompare(t *testing.T) {
	nan := math.NaN()
	ordered := []Observation{{State: Complete, Loss: 1}, {State: Complete, Loss: 2}, {State: Complete, Loss: nan},
		{State: Pruned, Step: 10, Loss: 9}, {State: Pruned, Step: 5, Loss: 1}, {State: Pruned, Step: 5, Loss: 2},
		{State: Failed, Loss: nan}, {State: Pending, Loss: nan}}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := Compare(a, b); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%+v beside %+v: %d", a, b, got)
			}
		}
	}
	var equal []Observation
	for trial := range 5 {
		equal = append(equal, Observation{Trial: trial, State: Complete, Loss: 1})
	}
	if top := best(equal, 2); len(top) != 2 || top[0].Trial != 0 || top[1].Trial != 1 {
		t.Errorf("the best of equal trials: %+v", top)
	}
}

// A grid's values rise without repeats, and include both ends exactly.
func TestGridValues(t *testing.T) {
	for _, c := range []struct {
		param Param
		n     int
	}{
		{Int("n", 1, 5), 5}, {Int("n", 1, 6), 5}, {Int("n", 1, 3), 3}, {Float("x", 0, 1), 5},
		{Param{Name: "m", Kind: KindLogInt, Low: 1, High: 10, Points: 9}, 7},
		{Log("a", 1e-4, 0.3), 5}, {Log("a", 0.7, 7.3), 5}, {Log("a", 1e-7, 0.1), 5}, {Log("a", 3e-3, 0.7), 5},
	} {
		t.Run(fmt.Sprint(c.param), func(t *testing.T) {
			values := c.param.grid()
			if len(values) != c.n || !slices.IsSorted(values) || len(slices.Compact(slices.Clone(values))) != c.n ||
				values[0] != c.param.Low || values[c.n-1] != c.param.High {
				t.Errorf("%v, want %d from %v to %v", values, c.n, c.param.Low, c.param.High)
			}
			if low, high := c.param.at(0), c.param.at(1); low != c.param.Low || high != c.param.High {
				t.Errorf("the ends are %v and %v", low, high)
			}
		})
	}
}

// A bandwidth is the distance to the farther neighbour; that of a point alone is the range.
func TestBandwidths(t *testing.T) {
	for _, c := range []struct{ places, want []float64 }{
		{[]float64{0.5}, []float64{1}},
		{[]float64{0.6, 0.1, 0.2}, []float64{0.4, 0.1, 0.4}},
	} {
		points, weights := [][]float64{}, []float64{}
		for _, u := range c.places {
			points, weights = append(points, []float64{u}), append(weights, 1)
		}
		d := newParzen([]Param{Float("x", 0, 1)}, points, weights)
		for k, want := range c.want {
			if math.Abs(d.widths[k][0]-want) > 1e-12 {
				t.Errorf("%v: width %d is %g, want %g", c.places, k, d.widths[k][0], want)
			}
		}
	}
}

// Parameters are drawn together only where the same choice switches them on by the same values.
func TestGroups(t *testing.T) {
	space := Space{Choice("a", "x", "y"), Choice("b", "x", "y"), Float("p", 0, 1).If("a", "x"),
		Float("q", 0, 1).If("b", "x"), Float("r", 0, 1).If("a", "x"), Float("s", 0, 1).If("a", "y")}
	got := fmt.Sprint(newTPE(space, 1, Method{Kind: "tpe"}).groups)
	if want := "[[0 1] [2 4] [3] [5]]"; got != want {
		t.Errorf("groups %s, want %s", got, want)
	}
}

// A median judges from the warmup's step on, and only by others that have a number there.
func TestWhoTheMedianAsks(t *testing.T) {
	others := []Curve{curve(1, 1), curve(1, 1), curve(1, 1), curve(1, 1)}
	if (Rule{Kind: "median", Warmup: 2}).Judge(curve(9, 9), others) == "" {
		t.Error("at the warmup's step a bad trial continues")
	}
	others[3] = curve(1, math.NaN())
	if why := (Rule{Kind: "median"}).Judge(curve(9, 9), others); why != "" {
		t.Errorf("with three others that have a loss: %s", why)
	}
}

// Every field of a rule, of a method and of a parameter is checked.
func TestEveryFieldIsChecked(t *testing.T) {
	for i, r := range []Rule{{Kind: "median", Warmup: -1}, {Kind: "median", Startup: -1}, {Kind: "asha", First: -1},
		{Kind: "asha", First: 1, Factor: -1}, {Patience: -1}} {
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), "negative") {
			t.Errorf("rule %d: %v", i, err)
		}
	}
	for i, m := range []Method{{Kind: "random", Candidates: 3}, {Kind: "random", Startup: 3},
		{Kind: "tpe", Candidates: -1}, {Kind: "tpe", Startup: -1}} {
		if m.Check() == nil {
			t.Errorf("method %d passes", i)
		}
	}
	for i, p := range []Param{{Name: "n", Kind: KindInt, High: 3, Points: -1}, {Name: "n", Kind: KindInt, High: 2.5},
		{Name: "c", Kind: KindChoice, Choices: Choices{"a"}, Low: 1},
		{Name: "c", Kind: KindChoice, Choices: Choices{"a"}, High: 1},
		{Name: "c", Kind: KindChoice, Choices: Choices{"a"}, Points: 2}, Choice("c", "1", " 1")} {
		if (Space{p}).Check() == nil {
			t.Errorf("parameter %d passes", i)
		}
	}
	for _, x := range []float64{-0.5, 1.5} {
		if _, err := (Space{Float("x", 0, 1)}).Point(map[string]any{"x": x}); err == nil {
			t.Errorf("%g is taken for 0 to 1", x)
		}
	}
}

// Of many trials at most maxOthers are used, evenly, with the last.
func TestThin(t *testing.T) {
	var trials []int
	for i := range 2500 {
		trials = append(trials, i)
	}
	kept := thin(trials)
	if len(kept) != 834 || kept[833] != 2499 || kept[832] != 2496 || len(thin(trials[:maxOthers])) != maxOthers {
		t.Errorf("%d kept, the last %v", len(kept), kept[len(kept)-2:])
	}
}

// The number of extremes is bounded, whatever the number of choices that switch others on.
func TestExtremesAreBounded(t *testing.T) {
	var space Space
	for _, name := range strings.Split("abcdefghijklmnop", "") {
		space = append(space, Choice(name, "1", "2", "3", "4"), Float("of "+name, 0, 1).If(name, "1"))
	}
	if n := len(space.Extremes(50)); n != 50 {
		t.Errorf("%d extremes, want 50", n)
	}
}
