package search

import (
	"math"
	"testing"
)

// Of a function of one parameter, that one has most of the importance.
func TestImportanceFindsWhatMatters(t *testing.T) {
	space := Space{Float("matters", 0, 1), Float("idle", 0, 1), Choice("kind", "a", "b", "c"), Log("rate", 1e-4, 1)}
	for name, value := range map[string]func(Point) float64{
		"matters": func(p Point) float64 { return math.Abs(p[0] - 0.3) },
		"rate":    func(p Point) float64 { return math.Abs(math.Log10(p[3]) + 2) },
	} {
		t.Run(name, func(t *testing.T) {
			importance := Importance(space, sampled(t, Method{Kind: "random"}, space, 3, 200, value))
			sum := 0.0
			for _, share := range importance {
				sum += share
			}
			if i := space.Index(name); importance[i] < 0.6 || math.Abs(sum-1) > 1e-9 {
				t.Errorf("%s: importances %.3f", name, importance)
			}
		})
	}
	// Where pruning has left only trials with small values of it, the parameter still matters.
	seen := sampled(t, Method{Kind: "random"}, space, 3, 200, func(p Point) float64 { return p[0] })
	for i := range seen {
		if seen[i].Point[0] > 0.2 {
			seen[i].State, seen[i].Step = Pruned, 1
		}
	}
	if importance := Importance(space, seen); importance[0] < 0.6 {
		t.Errorf("pruned: importances %.3f", importance)
	}
	few := Importance(space, sampled(t, Method{Kind: "random"}, space, 3, MinImportance-1,
		func(p Point) float64 { return p[0] }))
	if !math.IsNaN(few[0]) {
		t.Errorf("of too few trials: %.3f", few)
	}
}
