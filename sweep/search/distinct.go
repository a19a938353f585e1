package search

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
)

// maxDistinct is the largest number of points of a space in which each is tried only once. In a larger space a sampler
// seldom proposes a point twice.
const maxDistinct = 4096

// Distinct wraps a sampler over a space of finitely many points, so that it proposes no point that was tried or is
// being tried.
type Distinct struct {
	sampler Sampler
	seed    uint64
	points  []Point
}

// newDistinct wraps a sampler where the space has at most maxDistinct points, and otherwise returns it unchanged.
func newDistinct(space Space, sampler Sampler, seed uint64) Sampler {
	points, finite := space.points(maxDistinct)
	if !finite {
		return sampler
	}
	return &Distinct{sampler, seed, points}
}

// Len returns the number of points.
func (d *Distinct) Len() int { return len(d.points) }

// Uses implements Sampler: it returns true, because the points that were tried matter.
func (*Distinct) Uses() bool { return true }

// Suggest implements Sampler. Where the wrapped sampler proposes a point that is among the trials seen, it draws one of
// the untried points evenly, which depends on the seed, the trial's number and the points seen. Where all were tried,
// the error is ErrExhausted.
func (d *Distinct) Suggest(trial int, seen []Observation) (Point, error) {
	tried := make(map[string]bool, len(seen))
	for _, o := range seen {
		tried[o.Point.key()] = true
	}
	untried := slices.DeleteFunc(slices.Clone(d.points), func(p Point) bool { return tried[p.key()] })
	if len(untried) == 0 {
		return nil, ErrExhausted
	}
	point, err := d.sampler.Suggest(trial, seen)
	if err != nil || !tried[point.key()] {
		return point, err
	}
	rng := rand.New(rand.NewPCG(d.seed, ^uint64(trial))) // a stream that no sampler draws from
	return slices.Clone(untried[rng.IntN(len(untried))]), nil
}

// points returns all points of a space of choices and whole numbers; finite is false where there are more than limit,
// or a parameter is not whole.
func (s Space) points(limit int) (all []Point, finite bool) {
	all = []Point{{}}
	for i, p := range s {
		var values []float64
		switch {
		case p.Kind == KindChoice:
			values = p.grid()
		case p.whole() && p.High-p.Low < float64(limit):
			for v := p.Low; v <= p.High; v++ {
				values = append(values, v)
			}
		default:
			return nil, false
		}
		if all = s.extend(all, i, values, limit); len(all) > limit {
			return nil, false
		}
	}
	return all, true
}

// extend returns each of the begun points with each of the values of parameter i, or with that parameter inactive where
// the point switches it off. It stops at more than limit points.
func (s Space) extend(begun []Point, i int, values []float64, limit int) (more []Point) {
	for _, p := range begun {
		of := []float64{inactive}
		if s.Active(i, append(slices.Clone(p), inactive)) {
			of = values
		}
		for _, v := range of {
			if more = append(more, append(slices.Clone(p), v)); len(more) > limit {
				return more
			}
		}
	}
	return more
}

// key returns a text that is the same for equal points only.
func (p Point) key() string {
	key := make([]byte, 0, 8*len(p))
	for _, v := range p {
		if math.IsNaN(v) {
			v = math.Inf(1) // one NaN for all
		}
		key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v+0))
	}
	return string(key)
}
