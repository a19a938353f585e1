package plots_test

import (
	"testing"

	"engram/plots"
)

// A reference line above all points is in the picture, as a ceiling is that nothing has reached yet.
func TestReferencesAreInView(t *testing.T) {
	t.Parallel()
	l := plots.Lines{Title: "t", Series: []plots.Series{{Name: "a", X: []float64{0, 1}, Y: []float64{-0.2, 0.13}}},
		References: []plots.Reference{{Name: "ceiling", Y: 0.5}}}
	if top, ok := dig(options(t, l), "yAxis", 0, "max").(float64); !ok || top < 0.5 {
		t.Errorf("the axis ends at %v, below the ceiling of 0.5", top)
	}
}

// An open ring must not be filled: on a dark page a white filling is the brightest thing.
func TestRingsAreOpen(t *testing.T) {
	t.Parallel()
	for _, s := range options(t, trial())["series"].([]any) {
		if s := s.(map[string]any); s["name"] == "ground truth" && dig(s, "itemStyle", "color") != "transparent" {
			t.Errorf("the rings are filled %v", dig(s, "itemStyle", "color"))
		}
	}
}
