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

// Grid proposes every combination of the parameters' values, the last parameter changing fastest. Inactive parameters
// are left out, so that no combination comes twice.
type Grid struct{ points []Point }

// newGrid returns the grid of a space; an error where it has more than MaxGrid points.
func newGrid(space Space) (*Grid, error) {
	points := []Point{{}}
	for i, p := range space {
		if points = space.extend(points, i, p.grid(), MaxGrid); len(points) > MaxGrid {
			return nil, fmt.Errorf("the grid has more than %d points: give parameters fewer points, or use another "+
				"sampler", MaxGrid)
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
