package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestNoPointTwice checks that every sampler tries each point of a finite space once and then says that all were tried,
// also where trials are still running and where parameters are switched off.
func TestNoPointTwice(t *testing.T) {
	spaces := map[string]struct {
		space  Space
		points int
	}{
		"choices":       {Space{Choice("cell", "mpn", "gru", "rnn")}, 3},
		"whole numbers": {Space{Int("n", 1, 4), LogInt("m", 1, 3)}, 12},
		"around zero":   {Space{Int("n", -2, 2)}, 5}, // rounding gives -0
		"many":          {Space{{Name: "n", Kind: KindInt, Low: 1, High: 24, Points: 24}}, 24},
		"conditional":   {Space{Choice("cell", "mpn", "gru"), Int("rows", 1, 3).If("cell", "mpn")}, 4},
	}
	for name, c := range spaces {
		for _, kind := range Kinds() {
			t.Run(name+" "+kind, func(t *testing.T) {
				sampler, err := Method{Kind: kind}.New(c.space, 5)
				if err != nil {
					t.Fatal(err)
				}
				tried := map[string]bool{}
				var seen []Observation
				for trial := range c.points {
					p, err := sampler.Suggest(trial, seen)
					if err != nil {
						t.Fatal(err)
					}
					if tried[p.key()] {
						t.Fatalf("trial %d tries %s again", trial, c.space.Text(p))
					}
					tried[p.key()] = true
					state := []State{Complete, Pending, Failed}[trial%3]
					seen = append(seen, Observation{Trial: trial, Point: p, State: state, Loss: float64(trial)})
					again, err := sampler.Suggest(trial, seen[:trial])
					if err != nil || !again.Equal(p) {
						t.Errorf("trial %d: %v and then %v, %v", trial, p, again, err)
					}
				}
				if _, err := sampler.Suggest(c.points, seen); !errors.Is(err, ErrExhausted) {
					t.Errorf("with all tried: %v", err)
				}
			})
		}
	}
}

// TestLargeSpacesAreAsTheyWere checks that a space with a real number, or with more points than are kept, is not
// wrapped.
func TestLargeSpacesAreAsTheyWere(t *testing.T) {
	for _, space := range []Space{{Float("x", 0, 1)}, {Int("seed", 0, 1<<53)}, {Int("a", 1, 100), Int("b", 1, 100)}} {
		sampler, err := Method{Kind: "random"}.New(space, 1)
		if _, wrapped := sampler.(*Distinct); wrapped || err != nil {
			t.Errorf("%v: %T, %v", space, sampler, err)
		}
	}
}

// TestWholeNumbersAreDigits checks texts and JSON of whole numbers from a million on, and that they read back.
func TestWholeNumbersAreDigits(t *testing.T) {
	for _, c := range []struct {
		param Param
		value float64
		want  string
	}{
		{LogInt("capacity", 1e4, 1e7), 1e6, "1000000"},
		{Int("seed", 0, 1<<53), 1 << 53, "9007199254740992"},
		{Int("n", -3000000, 0), -2000000, "-2000000"},
	} {
		t.Run(c.want, func(t *testing.T) {
			space := Space{c.param}
			data, err := json.Marshal(space.Values(Point{c.value}))
			if c.param.Text(c.value) != c.want || err != nil || !strings.Contains(string(data), ":"+c.want+"}") {
				t.Errorf("%g is %q and %s, %v; want %s", c.value, c.param.Text(c.value), data, err, c.want)
			}
			var values map[string]any
			if err := json.Unmarshal(data, &values); err != nil {
				t.Fatal(err)
			}
			for _, read := range []map[string]any{values, space.Values(Point{c.value})} {
				if p, err := space.Point(read); err != nil || p[0] != c.value {
					t.Errorf("%v reads back as %v, %v", read, p, err)
				}
			}
		})
	}
}

// TestEqualChoices checks that choices which mean the same number are refused, whatever their texts.
func TestEqualChoices(t *testing.T) {
	for _, c := range []struct {
		choices []string
		twice   bool
	}{
		{[]string{"0.001", "1e-3"}, true}, {[]string{"1", "1.0"}, true}, {[]string{"100000", "1e5"}, true},
		{[]string{"0", "-0"}, true},
		{[]string{"mpn", "mpn"}, true}, {[]string{"mpn", "gru"}, false}, {[]string{"1", "10"}, false},
		{[]string{"true", "1"}, false},
	} {
		t.Run(fmt.Sprint(c.choices), func(t *testing.T) {
			if err := (Space{Choice("x", c.choices...)}).Check(); (err != nil) != c.twice {
				t.Errorf("%v: %v", c.choices, err)
			}
		})
	}
}

// TestMedianOfOthers holds the median pruner against medians by hand: 3 of 1..5, 2.5 of 1..4.
func TestMedianOfOthers(t *testing.T) {
	curve := func(loss float64) Curve { return Curve{{Step: 10, Loss: loss}} }
	others := []Curve{curve(1), curve(2), curve(3), curve(4), curve(5)}
	for _, c := range []struct {
		n    int
		loss float64
		stop bool
	}{{5, 2.8, false}, {5, 3.1, true}, {4, 2.4, false}, {4, 2.6, true}} {
		t.Run(fmt.Sprint(c.loss), func(t *testing.T) {
			why := Rule{Kind: "median"}.Judge(curve(c.loss), others[:c.n])
			if (why != "") != c.stop {
				t.Errorf("loss %g beside %d others: %q", c.loss, c.n, why)
			}
		})
	}
}

// TestPrunedWeighLeast checks that a pruned trial, whose loss is on another scale, weighs no more than a complete one.
func TestPrunedWeighLeast(t *testing.T) {
	w := improvements([]Observation{
		{Trial: 0, State: Complete, Loss: 2000}, {Trial: 1, State: Complete, Loss: 8000}, {Trial: 2, State: Pruned,
			Loss: -0.4, Step: 500}})
	for i, want := range []float64{1.5, 0.5, 0.5} { // 0.5 + 0.5 x 6000 x 2 / 6000, and the least twice
		if math.Abs(w[i]-want) > 1e-12 {
			t.Errorf("weights %v, of %d want %g", w, i, want)
		}
	}
}

// TestFailedAreNotGood checks that no failed trial is among the good ones, however few are complete.
func TestFailedAreNotGood(t *testing.T) {
	var seen []Observation
	for i := range 40 {
		o := Observation{Trial: i, Point: Point{0.9}, State: Failed, Loss: math.NaN()}
		if i == 7 {
			o = Observation{Trial: i, Point: Point{0.1}, State: Complete, Loss: 1}
		}
		seen = append(seen, o)
	}
	good, others := split(seen, 0)
	if len(good) != 1 || good[0].Trial != 7 || len(others) != 39 {
		t.Errorf("%d good, %d others", len(good), len(others))
	}
}
