package plots

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Each value has its curves, on one scale; the static form shows all.
func TestSlider(t *testing.T) {
	t.Parallel()
	s := Slider{Title: "M", Name: "eta", Values: []string{"-1", "1"}}
	for _, sign := range []float64{-1, 1} {
		s.Frames = append(s.Frames, Lines{Series: []Series{{Name: "q", X: []float64{0, 1}, Y: []float64{0, 5 * sign}}}})
	}
	o, err := s.Options()
	if err != nil {
		t.Fatal(err)
	}
	base := o["baseOption"].(map[string]any)
	y := base["yAxis"].([]any)[0].(map[string]any)
	if y["min"].(float64) > -5 || y["max"].(float64) < 5 || len(o["options"].([]any)) != 2 ||
		fmt.Sprint(base["timeline"].(map[string]any)["data"]) != "[-1 1]" || base["toolbox"] == nil {
		t.Errorf("%v", o)
	}
	svg, err := s.SVG()
	if err != nil || !bytes.Contains(svg, []byte("eta -1")) || !bytes.Contains(svg, []byte("eta 1")) {
		t.Errorf("the static form lacks a value: %v", err)
	}
	s.Frames[1].Series = append(s.Frames[1].Series, s.Frames[1].Series[0])
	if _, err := s.Options(); err == nil || !strings.Contains(err.Error(), "eta 1 has 2 series, -1 has 1") {
		t.Errorf("error %v", err)
	}
	s.Frames = s.Frames[:1]
	s.Values = s.Values[:1]
	s.Frames[0].Series[0].Low, s.Frames[0].Series[0].High = []float64{-1, -1}, []float64{6, 6}
	if _, err := s.Options(); err == nil || !strings.Contains(err.Error(), "has a band") {
		t.Errorf("error %v", err)
	}
	s.Values = []string{"1", "2"}
	if _, err := s.SVG(); err == nil || !strings.Contains(err.Error(), "2 values for 1 frames") {
		t.Errorf("error %v", err)
	}
}
