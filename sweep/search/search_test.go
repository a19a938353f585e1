package search

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// everyKind has a parameter of each kind and two conditions.
var everyKind = Space{
	Choice("cell", "mpn", "gru"), Log("rate", 1e-4, 1e-1), Float("eta", -1, 1).If("cell", "mpn"),
	Choice("shape", "scalar", "row").If("cell", "mpn"), Int("n", 1, 7), LogInt("hidden", 8, 128),
	Float("deep", 0, 2).If("shape", "row"),
}

// checkPoint checks the invariant of every suggestion: values within their ranges, and inactive parameters NaN.
func checkPoint(t *testing.T, s Space, p Point) {
	t.Helper()
	again, err := s.Point(s.Values(p))
	if err != nil {
		t.Fatalf("%s: %v", s.Text(p), err)
	}
	if !again.Equal(p) {
		t.Fatalf("%v reads back as %v", p, again)
	}
}

// sampled lets a sampler try a function n times; value may be noisy.
func sampled(t *testing.T, m Method, s Space, seed uint64, n int, value func(Point) float64) []Observation {
	t.Helper()
	sampler, err := m.New(s, seed)
	if err != nil {
		t.Fatal(err)
	}
	var seen []Observation
	for i := range n {
		p, err := sampler.Suggest(i, seen)
		if err != nil {
			t.Fatal(err)
		}
		checkPoint(t, s, p)
		seen = append(seen, Observation{Trial: i, Point: p, State: Complete, Loss: value(p)})
	}
	return seen
}

// bowl returns a loss that is lowest at rate 1e-2 of an mpn with eta 0.5.
func bowl(p Point) float64 {
	loss := math.Pow(math.Log10(p[1])+2, 2) + math.Abs(p[4]-4)/10
	if p[0] == 0 {
		return loss + math.Pow(p[2]-0.5, 2)
	}
	return loss + 1
}

func TestEverySamplerStaysInTheSpaceAndRepeats(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(kind, func(t *testing.T) {
			a := sampled(t, Method{Kind: kind}, everyKind, 7, 60, bowl)
			b := sampled(t, Method{Kind: kind}, everyKind, 7, 60, bowl)
			other := sampled(t, Method{Kind: kind}, everyKind, 8, 60, bowl)
			differs := false
			for i := range a {
				if !a[i].Point.Equal(b[i].Point) {
					t.Fatalf("%s: trial %d is %v and %v with one seed", kind, i, a[i].Point, b[i].Point)
				}
				differs = differs || !a[i].Point.Equal(other[i].Point)
			}
			if kind != "grid" && !differs {
				t.Errorf("%s: two seeds give the same points", kind)
			}
		})
	}
}

func TestPlaceAndValueInvert(t *testing.T) {
	for _, p := range everyKind {
		for _, u := range []float64{0, 0.1, 0.37, 0.5, 0.99, 1} {
			v := p.at(u)
			if again := p.at(p.Place(v)); math.Abs(again-v) > 1e-12*math.Abs(v) {
				t.Errorf("%s: %g at %g, which is at place %g, where %g is", p.Name, v, u, p.Place(v), again)
			}
		}
	}
}

func TestWholeNumbersAreEquallyLikely(t *testing.T) {
	counts := map[float64]int{}
	r := Random{Space{Int("n", 1, 7)}, 3} // itself: New gives a sampler that suggests each number once
	for trial := range 7000 {
		p, err := r.Suggest(trial, nil)
		if err != nil {
			t.Fatal(err)
		}
		counts[p[0]]++
	}
	for n := 1.0; n <= 7; n++ {
		if c := counts[n]; c < 880 || c > 1120 { // 1000, and four standard deviations of 29
			t.Errorf("%g came %d times of 7000", n, c)
		}
	}
}

func TestGridHasEachCombinationOnce(t *testing.T) {
	s := Space{Choice("cell", "mpn", "gru"), {Name: "rate", Kind: KindLog, Low: 1e-3, High: 1e-1, Points: 3},
		Int("n", 1, 2), {Name: "eta", Kind: KindFloat, Low: 0, High: 1, Points: 2,
			When: &Condition{"cell", []string{"mpn"}}}}
	g, err := newGrid(s)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := range g.Len() {
		p, err := g.Suggest(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, s.Text(p))
	}
	// An mpn has 3 rates, 2 n and 2 etas; a gru has no eta.
	if len(texts) != 3*2*2+3*2 || len(slices.Compact(slices.Sorted(slices.Values(texts)))) != len(texts) {
		t.Errorf("%d points:\n%s", len(texts), strings.Join(texts, "\n"))
	}
	if texts[0] != "cell=mpn rate=0.001 n=1 eta=0" || texts[len(texts)-1] != "cell=gru rate=0.1 n=2" {
		t.Errorf("from %s to %s", texts[0], texts[len(texts)-1])
	}
	if _, err := g.Suggest(g.Len(), nil); err != ErrExhausted {
		t.Errorf("past the end: %v", err)
	}
}

// The discrepancy that matters: each tenth of each parameter's range has its share of the first points.
func TestHaltonFillsEveryTenth(t *testing.T) {
	seen := sampled(t, Method{Kind: "halton"}, hartmann6.Space, 5, 200, hartmann6.Value)
	for i, p := range hartmann6.Space {
		counts := make([]int, 10)
		for _, o := range seen {
			counts[min(9, int(o.Point[i]*10))]++
		}
		if low, high := slices.Min(counts), slices.Max(counts); low < 15 || high > 25 {
			t.Errorf("%s: %v of 200 points in each tenth", p.Name, counts)
		}
	}
}

func TestKnownMinima(t *testing.T) {
	for _, c := range []struct {
		f Function
		p Point
	}{
		{branin, Point{math.Pi, 2.275}}, {branin, Point{-math.Pi, 12.275}},
		{hartmann6, Point{0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573}},
		{mixed, Point{1, 0.7, inactive, math.Pow(10, 1.5), math.Pow(10, -1.5), inactive, inactive}},
	} {
		t.Run(c.f.Name, func(t *testing.T) {
			if v := c.f.Value(c.p); math.Abs(v-c.f.Minimum) > 1e-5 {
				t.Errorf("%s at %v is %g, want %g", c.f.Name, c.p, v, c.f.Minimum)
			}
		})
	}
}

// TPE beats random search by far on each function, in the median over seeds; results/optuna.md shows by how much.
func TestTPEBeatsRandom(t *testing.T) {
	for _, f := range Functions() {
		t.Run(f.Name, func(t *testing.T) {
			best := func(kind string, seed uint64) float64 {
				lowest := math.Inf(1)
				for _, o := range sampled(t, Method{Kind: kind}, f.Space, seed, 60, f.Value) {
					lowest = min(lowest, o.Loss)
				}
				return lowest - f.Minimum
			}
			var tpe, random []float64
			for seed := range uint64(9) {
				tpe, random = append(tpe, best("tpe", seed)), append(random, best("random", seed))
			}
			slices.Sort(tpe)
			slices.Sort(random)
			if tpe[4] > random[4]/1.5 {
				t.Errorf("%s: after 60 trials TPE is %.4g from the minimum, random search %.4g", f.Name, tpe[4],
					random[4])
			}
		})
	}
}

// Of a batch that is suggested before any of it has ended, trials keep apart: the density of the others has a kernel at
// each pending one, so that near it a candidate scores less.
func TestConstantLiarKeepsParallelTrialsApart(t *testing.T) {
	apart, batches := 0, 20
	for seed := range uint64(batches) {
		seen := sampled(t, Method{Kind: "tpe"}, branin.Space, seed, 30, branin.Value)
		if batchSpread(t, seed, seen, true) > batchSpread(t, seed, seen, false) {
			apart++
		}
	}
	if apart < 15 { // an even coin gets there with 2 %
		t.Errorf("in %d of %d batches trials that know of each other are further apart", apart, batches)
	}
}

// batchSpread returns the mean distance, as shares of the ranges, of the trials of a batch of 8, which know of those
// before them or do not.
func batchSpread(t *testing.T, seed uint64, seen []Observation, known bool) float64 {
	t.Helper()
	sampler, err := Method{Kind: "tpe"}.New(branin.Space, seed)
	if err != nil {
		t.Fatal(err)
	}
	history, sum := slices.Clone(seen), 0.0
	var points []Point
	for i := range 8 {
		p, err := sampler.Suggest(len(seen)+i, history)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range points {
			sum += math.Hypot(p[0]-q[0], p[1]-q[1]) / 15 / 28
		}
		points = append(points, p)
		if known {
			history = append(history, Observation{Trial: len(seen) + i, Point: p, State: Pending, Loss: math.NaN()})
		}
	}
	return sum
}

// The density of a mixture integrates to 1 over the space, and its draws have its mean.
func TestParzenIsADensity(t *testing.T) {
	params := []Param{Float("x", 0, 1), Choice("c", "a", "b", "c")}
	d := newParzen(params, [][]float64{{0.1, 0}, {0.15, 0}, {0.9, 2}}, []float64{1, 0.5, 1})
	scratch := make([]float64, 4)
	total, mean := 0.0, 0.0
	const cells = 4000
	for c := range 3 {
		for i := range cells {
			x := (float64(i) + 0.5) / cells
			density := math.Exp(d.logDensity([]float64{x, float64(c)}, scratch)) / cells
			total += density
			mean += density * x
		}
	}
	if math.Abs(total-1) > 1e-6 {
		t.Errorf("the density sums to %g", total)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	drawn, n := 0.0, 40_000
	counts := make([]float64, 3)
	for range n {
		x := d.draw(rng)
		drawn += x[0] / float64(n)
		counts[int(x[1])] += 1 / float64(n)
	}
	if math.Abs(drawn-mean) > 0.01 { // five standard errors of 0.4/sqrt(40000)
		t.Errorf("draws have mean %.4f, the density %.4f", drawn, mean)
	}
	share := func(c int) float64 {
		sum := 0.0
		for i := range cells {
			sum += math.Exp(d.logDensity([]float64{(float64(i) + 0.5) / cells, float64(c)}, scratch)) / cells
		}
		return sum
	}
	for c := range 3 {
		if math.Abs(counts[c]-share(c)) > 0.0125 {
			t.Errorf("choice %d is drawn with %.4f, its density is %.4f", c, counts[c], share(c))
		}
	}
}

func TestSplitTakesTheBestAndKeepsOrder(t *testing.T) {
	var seen []Observation
	for i := range 40 {
		seen = append(seen, Observation{Trial: i, Point: Point{0.5}, State: Complete, Loss: float64((i * 17) % 40)})
	}
	seen[3].State, seen[3].Loss = Pending, math.NaN()
	seen[4].State, seen[4].Loss = Failed, math.NaN()
	seen[5].State, seen[5].Loss, seen[5].Step = Pruned, -100, 5 // what was not finished is no better than what was
	good, others := split(seen, 0)
	var numbers []int
	for _, o := range good {
		numbers = append(numbers, o.Trial)
	}
	// losses 17 i mod 40: 0 at i = 0, 1 at 33, 2 at 26, 3 at 19; a tenth of 39 ended ones, rounded up, is 4.
	if !slices.Equal(numbers, []int{0, 19, 26, 33}) || len(others) != 36 {
		t.Errorf("good %v, %d others", numbers, len(others))
	}
	if !slices.IsSortedFunc(others, func(a, b Observation) int { return a.Trial - b.Trial }) {
		t.Error("the others are out of order")
	}
}

func TestBadSpacesAreNamed(t *testing.T) {
	for want, s := range map[string]Space{
		"has no parameter":                   {},
		"rate is there twice":                {Log("rate", 1e-4, 1), Log("rate", 1e-4, 1)},
		"rate goes from low 1 to high 1":     {Float("rate", 1, 1)},
		"use a low above 0":                  {Log("rate", 0, 1)},
		"use whole bounds":                   {{Name: "n", Kind: KindInt, Low: 0.5, High: 3}},
		"kind \"gauss\"":                     {{Name: "n", Kind: "gauss", Low: 0, High: 3}},
		"cell has no choices":                {Choice("cell")},
		"cell has a choice twice":            {Choice("cell", "mpn", "mpn")},
		"eta depends on \"cell\"":            {Float("eta", 0, 1).If("cell", "mpn"), Choice("cell", "mpn")},
		"cell being \"lstm\"":                {Choice("cell", "mpn"), Float("eta", 0, 1).If("cell", "lstm")},
		"choices have no use":                {{Name: "n", Kind: KindInt, Low: 0, High: 3, Choices: []string{"a"}}},
		"rate goes from low NaN to high 1":   {Float("rate", math.NaN(), 1)},
		"n has 1 points: use 2 to 1000000":   {{Name: "n", Kind: KindInt, Low: 0, High: 3, Points: 1}},
		"eta depends on cell without saying": {Choice("cell", "mpn"), Float("eta", 0, 1).If("cell")},
	} {
		t.Run(want, func(t *testing.T) {
			if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v; want %q", s, err, want)
			}
		})
	}
	wide := Space{}
	for _, name := range strings.Split("abcdefghijklmnop", "") {
		wide = append(wide, Float(name, 0, 1))
	}
	if _, err := (Method{Kind: "grid"}).New(wide, 0); err == nil ||
		!strings.Contains(err.Error(), "more than 1000000 points") {
		t.Errorf("a grid of 5^16 points: %v", err)
	}
}

func TestChoicesMayBeNumbersAndTruthValues(t *testing.T) {
	var c Choices
	if err := json.Unmarshal([]byte(`["mpn", 0.5, true, 12]`), &c); err != nil ||
		!slices.Equal(c, Choices{"mpn", "0.5", "true", "12"}) {
		t.Errorf("%q, %v", c, err)
	}
	for _, bad := range []string{`[null]`, `[{}]`, `[[1]]`, `3`} {
		if err := json.Unmarshal([]byte(bad), &c); err == nil {
			t.Errorf("%s passes", bad)
		}
	}
}

func TestValuesOutsideTheSpaceAreRefused(t *testing.T) {
	good := map[string]any{"cell": "gru", "rate": 0.01, "n": 3.0, "hidden": 16.0}
	if _, err := everyKind.Point(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]map[string]any{
		"rate cannot be 7":             {"rate": 7.0},
		"n cannot be 2.5":              {"n": 2.5},
		"cell cannot be lstm":          {"cell": "lstm"},
		"eta is given, but inactive":   {"eta": 0.5},
		"eta is missing":               {"cell": "mpn"},
		"parameter x is not in":        {"x": 1.0},
		"hidden cannot be 16":          {"hidden": "16"},
		"shape is given, but inactive": {"shape": "row"},
	} {
		t.Run(want, func(t *testing.T) {
			values := map[string]any{}
			for k, v := range good {
				values[k] = v
			}
			for k, v := range change {
				values[k] = v
			}
			if _, err := everyKind.Point(values); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v; want %q", change, err, want)
			}
		})
	}
}

func TestExtremesReachEveryEnd(t *testing.T) {
	points := everyKind.Extremes(1000)
	for i, p := range everyKind {
		reached := map[float64]bool{}
		for _, point := range points {
			checkPoint(t, everyKind, point)
			reached[point[i]] = true
		}
		ends := []float64{p.Low, p.High}
		if p.Kind == KindChoice {
			ends = []float64{0, 1}
		}
		if !reached[ends[0]] || !reached[ends[1]] {
			t.Errorf("%s: %v of %v", p.Name, reached, ends)
		}
	}
}
