package search

import (
	"errors"
	"fmt"
	"slices"
)

// MaxGrid is the largest number of points of a grid.
const MaxGrid = 1_000_000

// ErrExhausted is returned by a sampler that has no further point.
var ErrExhausted = errors.New("all points of the space were tried")

// Grid goes through every combination, the last parameter fastest. A combination leaves inactive parameters out, so
// that none comes twice.
type Grid struct{ points []Point }

func newGrid(space Space) (*Grid, error) {
	points := []Point{{}}
	for i, p := range space {
		if points = space.extend(points, i, p.grid(), MaxGrid); len(points) > MaxGrid {
			return nil, fmt.Errorf("the grid has more than %d points: give parameters fewer points, or choose another sampler", MaxGrid)
		}
	}
	return &Grid{points}, nil
}

// Len is the number of points.
func (g *Grid) Len() int { return len(g.points) }

// Suggest implements Sampler; it depends on the trial's number only. Past the last point the error is ErrExhausted.
func (g *Grid) Suggest(trial int, _ []Observation) (Point, error) {
	if trial >= len(g.points) {
		return nil, ErrExhausted
	}
	return slices.Clone(g.points[trial]), nil
}

// Uses implements Sampler.
func (*Grid) Uses() bool { return false }
