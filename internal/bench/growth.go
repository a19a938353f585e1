package bench

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"engram/internal/backend"
	"engram/plots"
)

// Growth is how the time of a train step grows along each axis of its shape, the others fixed.
type Growth struct {
	Base    string `json:"base"`
	Backend string `json:"backend"`
	Axes    []Axis `json:"axes"`
}

// Axis is the growth along one letter of the shape.
type Axis struct {
	Name     string    `json:"name"`
	Sizes    []float64 `json:"sizes"`
	Millis   []float64 `json:"ms"`       // a step: the median of the rounds
	Slope    float64   `json:"slope"`    // ms per unit of size, of the straight line with the least squared error
	Constant float64   `json:"constant"` // ms of that line at size 0
	R2       float64   `json:"r2"`       // share of the variance that it explains
	Exponent float64   `json:"exponent"` // of size, of the power law through the two greatest sizes: 1 is linear
}

// axes are the sizes measured along each letter.
var axes = []struct {
	name  string
	sizes []int
	at    func(s *shape, size int)
}{
	{"L", []int{5, 10, 20, 30, 40, 50}, func(s *shape, n int) { s.L = n }},
	{"H", []int{32, 64, 128, 192, 256}, func(s *shape, n int) { s.H = n }},
	{"I", []int{10, 20, 40, 60, 80}, func(s *shape, n int) { s.I = n }},
	{"B", []int{8, 16, 32, 64, 128}, func(s *shape, n int) { s.B = n }},
	{"K", []int{1, 2, 4, 8, 16}, func(s *shape, n int) { s.K = n }},
}

// MeasureGrowth measures the train step at each size, Rounds times in turns.
func MeasureGrowth(ctx context.Context, o Options) (Growth, error) {
	if o.Rounds < 1 {
		return Growth{}, fmt.Errorf("invalid %d rounds: use 1 or more", o.Rounds)
	}
	b, choice, err := backend.Open(o.Backend)
	if err != nil {
		return Growth{}, err
	}
	defer b.Finalize()
	g := Growth{Base: small.String(), Backend: choice.Name}
	for _, a := range axes {
		axis := Axis{Name: a.name}
		var steps []measure
		for _, size := range a.sizes {
			s := small
			a.at(&s, size)
			o.Say("compiling " + s.String())
			m, err := stepMeasure(b, s)
			if err != nil {
				return Growth{}, err
			}
			axis.Sizes, steps = append(axis.Sizes, float64(size)), append(steps, m)
		}
		rounds := make([][]float64, len(steps))
		for round := range o.Rounds {
			o.Say(fmt.Sprintf("growth with %s, round %d of %d", a.name, round+1, o.Rounds))
			for i, step := range steps {
				ms, err := step(ctx)
				if err = errors.Join(err, ctx.Err()); err != nil {
					return Growth{}, err
				}
				rounds[i] = append(rounds[i], ms)
			}
		}
		for _, values := range rounds {
			median, _, _ := summary(values)
			axis.Millis = append(axis.Millis, median)
		}
		axis.fit()
		g.Axes = append(g.Axes, axis)
	}
	return g, nil
}

// fit fits the line.
func (a *Axis) fit() {
	a.Constant, a.Slope = stat.LinearRegression(a.Sizes, a.Millis, nil, false)
	a.R2 = stat.RSquared(a.Sizes, a.Millis, nil, a.Constant, a.Slope)
	n := len(a.Sizes)
	a.Exponent = math.Log(a.Millis[n-1]/a.Millis[n-2]) / math.Log(a.Sizes[n-1]/a.Sizes[n-2])
}

// Chart draws the times along each axis, both in shares of those at the greatest size, so that all fit into one
// picture: what is linear in its size is a straight line to the upper right corner.
func (g Growth) Chart() plots.Lines {
	chart := plots.Lines{Title: "Growth of a train step", XLabel: "share of the axis's greatest size",
		YLabel: "time of a step, same share"}
	for _, a := range g.Axes {
		n := len(a.Sizes)
		points := plots.Series{Name: fmt.Sprintf("%s to %g", a.Name, a.Sizes[n-1])}
		for i := range a.Sizes {
			points.X, points.Y = append(points.X, a.Sizes[i]/a.Sizes[n-1]), append(points.Y, a.Millis[i]/a.Millis[n-1])
		}
		chart.Series = append(chart.Series, points)
	}
	return chart
}
