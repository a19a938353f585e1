package search

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Space is the list of parameters that are searched, each after the one that its condition names.
type Space []Param

// Point holds the value of each parameter of a space: a number, or the index of a choice; NaN where it is inactive.
type Point []float64

// inactive is the value of a parameter that another one switches off.
var inactive = math.NaN()

// Index returns the index of the parameter with a name; -1 if it is unknown.
func (s Space) Index(name string) int {
	return slices.IndexFunc(s, func(p Param) bool { return p.Name == name })
}

// Check returns an error that names the first invalid parameter and the remedy.
func (s Space) Check() error {
	if len(s) == 0 {
		return errors.New("the space has no parameter: list what is to be searched")
	}
	for i, p := range s {
		if p.Name == "" {
			return fmt.Errorf("parameter %d of the space has no name", i+1)
		}
		if s.Index(p.Name) < i {
			return fmt.Errorf("parameter %s is there twice: leave one out", p.Name)
		}
		if err := p.check(); err != nil {
			return err
		}
		if err := s[:i].checkCondition(p); err != nil {
			return err
		}
	}
	return nil
}

// checkCondition returns an error unless p's condition, if any, is on a choice of the space, the parameters before p.
func (s Space) checkCondition(p Param) error {
	if p.When == nil {
		return nil
	}
	on := s.Index(p.When.Param)
	if on < 0 || s[on].Kind != KindChoice {
		return fmt.Errorf("parameter %s depends on %q: that must be a choice which stands before it", p.Name,
			p.When.Param)
	}
	if len(p.When.In) == 0 {
		return fmt.Errorf("parameter %s depends on %s without saying on which values: list them as \"in\"", p.Name,
			p.When.Param)
	}
	for _, value := range p.When.In {
		if !slices.Contains(s[on].Choices, value) {
			return fmt.Errorf("parameter %s depends on %s being %q, which is not %s", p.Name, p.When.Param, value,
				s[on].Range())
		}
	}
	return nil
}

// Active reports whether the values of a point before parameter i switch it on.
func (s Space) Active(i int, p Point) bool {
	when := s[i].When
	if when == nil {
		return true
	}
	on := s.Index(when.Param)
	return !math.IsNaN(p[on]) && slices.Contains(when.In, s[on].Choices[int(p[on])])
}

// At returns the point at the places u, [len(s)], each 0 to 1 of a parameter's range. Those of inactive parameters are
// not used.
func (s Space) At(u []float64) Point {
	p := make(Point, len(s))
	for i := range s {
		p[i] = inactive
		if s.Active(i, p) {
			p[i] = s[i].at(u[i])
		}
	}
	return p
}

// Values returns the active parameters of a point by name, as files hold them.
func (s Space) Values(p Point) map[string]any {
	values := map[string]any{}
	for i, v := range p {
		if !math.IsNaN(v) {
			values[s[i].Name] = s[i].json(v)
		}
	}
	return values
}

// Point returns the point with the given values by name. An unknown name, a value outside its range, a missing
// parameter and a value of an inactive one are errors.
func (s Space) Point(values map[string]any) (Point, error) {
	p := make(Point, len(s))
	for i := range s {
		p[i] = inactive
		value, given := values[s[i].Name]
		if active := s.Active(i, p); active != given {
			return nil, fmt.Errorf("parameter %s is %s", s[i].Name,
				map[bool]string{true: "missing", false: "given, but inactive"}[active])
		}
		if given {
			var err error
			if p[i], err = s[i].parse(value); err != nil {
				return nil, err
			}
		}
	}
	for name := range values {
		if s.Index(name) < 0 {
			return nil, fmt.Errorf("parameter %s is not in the space", name)
		}
	}
	return p, nil
}

// Equal reports whether two points are the same, inactive parameters included.
func (p Point) Equal(q Point) bool {
	return slices.EqualFunc(p, q, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })
}

// Extremes returns at most limit points at the edges of the space, by which it can be checked: each active parameter at
// its lowest and highest value or at each choice, under every combination of the choices that switch others on.
func (s Space) Extremes(limit int) []Point {
	var points []Point
	middle := make([]float64, len(s))
	for i := range middle {
		middle[i] = 0.5
	}
	for _, base := range s.combinations(middle, limit) {
		for i, p := range s {
			places := []float64{0, 1}
			if p.Kind == KindChoice {
				places = nil
				for c := range p.Choices {
					places = append(places, p.Place(float64(c)))
				}
			}
			for _, u := range places {
				moved := slices.Clone(base)
				moved[i] = u
				if point := s.At(moved); !math.IsNaN(point[i]) && len(points) < limit {
					points = append(points, point)
				}
			}
		}
	}
	return points
}

// combinations returns the places of every combination of the choices on which others depend.
func (s Space) combinations(middle []float64, limit int) [][]float64 {
	all := [][]float64{middle}
	for i, p := range s {
		if !slices.ContainsFunc(s, func(q Param) bool { return q.When != nil && q.When.Param == p.Name }) {
			continue
		}
		var more [][]float64
		for _, base := range all {
			for c := range p.Choices {
				moved := slices.Clone(base)
				moved[i] = p.Place(float64(c))
				more = append(more, moved)
			}
		}
		if len(more) > limit {
			break
		}
		all = more
	}
	return all
}

// Text returns a point for readers: name=value, in the order of the space.
func (s Space) Text(p Point) string {
	var parts []string
	for i, v := range p {
		if !math.IsNaN(v) {
			parts = append(parts, s[i].Name+"="+s[i].Text(v))
		}
	}
	return strings.Join(parts, " ")
}
