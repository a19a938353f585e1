package drqn

import (
	"slices"

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

// lambdas returns lambda_t [R] of an observation [O], valid until the next call; the agent has gates.
func (a *Agent) lambdas(observation []float32) []float32 {
	if a.projection == nil {
		return a.decays.Read(observation)
	}
	a.projection.apply(observation, a.x)
	return a.decays.Read(a.x)
}

// quartiles returns the quartiles of lambda_t over the valid steps of a batch; nil without a gate.
func (a *Agent) quartiles(b *replay.Batch) *Quartiles {
	if a.decays == nil {
		return nil
	}
	var all []float32
	for i, valid := range b.Valid {
		if valid > 0 {
			all = append(all, a.lambdas(b.Observations[i*b.ObservationSize:][:b.ObservationSize])...)
		}
	}
	return quartilesOf(all)
}
