package search

import (
	"errors"
	"fmt"
	"slices"
)

// MaxGrid is the largest number of points of a grid.
const MaxGrid = 1_000_000

// ErrExhausted is the error of a sampler that has no further point.
var ErrExhausted = errors.New("all points of the space were tried")

// errTooLarge is the error of a space whose grid has more than MaxGrid points.
var errTooLarge = fmt.Errorf("the grid has more than %d points: give parameters fewer points, or use another sampler",
	MaxGrid)

// Grid proposes every combination of the parameters' values, the last parameter changing fastest. Inactive parameters
// are left out, so that no combination comes twice.
type Grid struct{ points []Point }

// newGrid returns the grid of a space; an error where it has more than MaxGrid points.
func newGrid(space Space) (*Grid, error) {
	least := 1.0 // the combinations of the parameters that are always active
	for _, p := range space {
		if p.When == nil {
			least *= float64(len(p.grid()))
		}
	}
	if least > MaxGrid { // before memory is taken
		return nil, errTooLarge
	}
	points := []Point{{}}
	for i, p := range space {
		if points = space.extend(points, i, p.grid(), MaxGrid); len(points) > MaxGrid {
			return nil, errTooLarge
		}
	}
	return &Grid{points}, nil
}

// Len returns the number of points.
func (g *Grid) Len() int { return len(g.points) }

// Suggest implements Sampler; the point depends only on the trial's number. After the last point the error is
// ErrExhausted.
func (g *Grid) Suggest(trial int, _ []Observation) (Point, error) {
	if trial >= len(g.points) {
		return nil, ErrExhausted
	}
	return slices.Clone(g.points[trial]), nil
}

// Uses implements Sampler.
func (*Grid) Uses() bool { return false }
