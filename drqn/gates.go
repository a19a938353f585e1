package drqn

import (
	"slices"

	"engram/mpn"
	"engram/replay"
)

// Quartiles holds the three quartiles of lambda_t of a gated cell over the valid steps of a batch and the gates.
type Quartiles struct {
	First  float64 `json:"first"`
	Median float64 `json:"median"`
	Third  float64 `json:"third"`
}

// quartilesOf returns the quartiles of values, which it sorts: those of rank (n-1)/4, (n-1)/2 and 3(n-1)/4, rounded
// down. It panics if there are none.
func quartilesOf(values []float32) *Quartiles {
	slices.Sort(values)
	at := func(quarter int) float64 { return float64(values[quarter*(len(values)-1)/4]) }
	return &Quartiles{at(1), at(2), at(3)}
}

// gates returns the decays of the cell with weights [P]; nil without a gate.
func (n *Network) gates(weights []float32) *gates {
	values := n.Values(weights)
	decays := mpn.NewDecays(n.cell, values)
	if decays == nil {
		return nil
	}
	g := &gates{decays: decays}
	if n.projected {
		g.projection = &affineStep{values.At("W_rand"), values.At("b_rand")}
		input, _, _ := n.cell.Sizes()
		g.x = make([]float32, input)
	}
	return g
}

// gates computes lambda_t of observations.
type gates struct {
	decays     *mpn.Decays
	projection *affineStep // nil: the cell reads the observation
	x          []float32   // [I]
}

// read returns lambda_t [R] of an observation [O], valid until the next call.
func (g *gates) read(observation []float32) []float32 {
	if g.projection == nil {
		return g.decays.Read(observation)
	}
	g.projection.apply(observation, g.x)
	return g.decays.Read(g.x)
}

// over returns the quartiles of lambda_t over the valid steps of a batch.
func (g *gates) over(b *replay.Batch) *Quartiles {
	var all []float32
	for i, valid := range b.Valid {
		if valid > 0 {
			all = append(all, g.read(b.Observations[i*b.ObservationSize:][:b.ObservationSize])...)
		}
	}
	return quartilesOf(all)
}
