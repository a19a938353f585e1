package plots

import (
	"fmt"
	"slices"
)

// Slider draws charts of the same curves one at a time, such as one for each value of a hyperparameter; a slider
// chooses the value. The static form shows all beside each other.
type Slider struct {
	Title  string
	Name   string   // of what the slider changes, such as eta
	Values []string // one for each frame
	Frames []Lines  // with the same series in the same order, without bands
}

// Heading implements Chart.
func (s Slider) Heading() string { return s.Title }

// panels returns the frames as panels on one scale of y, each with its value as the title.
func (s Slider) panels() (Panels, error) {
	if len(s.Values) != len(s.Frames) {
		return Panels{}, fmt.Errorf("chart %q: %d values for %d frames", s.Title, len(s.Values), len(s.Frames))
	}
	p := Panels{Title: s.Title}
	for i, l := range s.Frames {
		l.Title = s.Name + " " + s.Values[i]
		p.Panels = append(p.Panels, l)
	}
	return p, p.check()
}

// SVG implements Chart.
func (s Slider) SVG() ([]byte, error) {
	p, err := s.panels()
	if err != nil {
		return nil, err
	}
	return p.SVG()
}

// Options implements Chart.
func (s Slider) Options() (map[string]any, error) {
	p, err := s.panels()
	if err != nil {
		return nil, err
	}
	low, high, err := p.yRange()
	if err != nil {
		return nil, err
	}
	var all frames
	for i, l := range s.Frames {
		o, err := l.options()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(l.Series, func(s Series) bool { return len(s.Low) > 0 }) {
			return nil, fmt.Errorf("chart %q: %s %s has a band: use Panels", s.Title, s.Name, s.Values[i])
		}
		if i == 0 {
			all.Base = o
			all.Base.YAxis[0].Min, all.Base.YAxis[0].Max = low, high
			all.Base.Timeline = &timeline{Name: s.Name, AxisType: "category", Data: s.Values}
		}
		if len(o.Series) != len(all.Base.Series) {
			return nil, fmt.Errorf("chart %q: %s %s has %d series, %s has %d", s.Title, s.Name, s.Values[i],
				len(o.Series), s.Values[0], len(all.Base.Series))
		}
		all.Options = append(all.Options, options{Series: o.Series})
	}
	return plain(all, nil)
}
