package search

import (
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/samplemv"
)

// Halton proposes points that are spread evenly over the space: a Halton sequence, scrambled by the seed (Owen, arXiv
// 1706.02808).
type Halton struct {
	space Space
	seed  uint64

	mutex sync.Mutex
	rows  *mat.Dense // the first points of the sequence, as places
}

func newHalton(space Space, seed uint64) *Halton { return &Halton{space: space, seed: seed} }

// Suggest implements Sampler; the point depends only on the trial's number.
func (h *Halton) Suggest(trial int, _ []Observation) (Point, error) {
	return h.space.At(h.places(trial)), nil
}

// Uses implements Sampler.
func (*Halton) Uses() bool { return false }

// places returns row n of the sequence. A sequence can only be drawn as a whole, so it is kept, and drawn again twice
// as long where it is too short: its beginning does not depend on its length.
func (h *Halton) places(n int) []float64 {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	length := 0
	if h.rows != nil {
		length, _ = h.rows.Dims()
	}
	if n >= length {
		h.rows = mat.NewDense(max(64, 2*n), len(h.space), nil)
		samplemv.Halton{Kind: samplemv.Owen, Q: distmv.NewUnitUniform(len(h.space), nil),
			Src: rand.NewPCG(h.seed, 0)}.Sample(h.rows)
	}
	return h.rows.RawRowView(n)
}
