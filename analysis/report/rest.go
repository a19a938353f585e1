package report

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"engram/analysis/neural"
	"engram/drqn"
	"engram/lab/record"
	"engram/mpn"
)

// Rest is where an agent would come to rest if it saw one observation for ever.
type Rest struct {
	Period string `json:"period"` // in which the observation, its mean over trials, is seen
	// Bistable counts units that keep a bit for as long as the observation stays; of an MPN, exactly.
	Bistable   int     `json:"bistable"`
	Untrained  int     `json:"bistable_untrained"` // of the network before training
	Attractors float64 `json:"attractors"`         // stable fixed points; of a GRU or an RNN, those found
	Unstable   float64 `json:"unstable"`           // other fixed points, of a GRU or an RNN, those found
	// Exact reports that these are all fixed points, as is known of an MPN of one layer.
	Exact bool `json:"exact"`
	// Distance is the mean of |h_i - h_i at rest| at the end of the period, to the nearest stable fixed point.
	Distance float64 `json:"distance"`
}

// rest computes the fixed points under the mean observation of each period.
func (a *Analysis) rest(p *drqn.Policy, r *record.Recording, h view) {
	for number, name := range r.Periods {
		observation, ends := seen(r, number)
		if ends == nil {
			continue
		}
		rest, err := restOf(p, observation, ends)
		if err != nil {
			a.NoRest, a.Rest = err.Error(), nil
			return
		}
		rest.Period = name
		a.Rest = append(a.Rest, rest)
	}
}

// seen returns the mean observation in a period, and h at the last step of the period in some trials.
func seen(r *record.Recording, number int) (observation []float64, ends [][]float64) {
	size, hidden, count := len(r.Observations), r.Hidden(), 0.0
	observation = make([]float64, size)
	for at, p := range r.Period {
		if int(p) != number {
			continue
		}
		for c := range observation {
			observation[c] += float64(r.Observation[at*size+c])
		}
		count++
		if last := at+1 == r.Steps || r.Period[at+1] != p; last && len(ends) < 60 {
			ends = append(ends, wide(r.H[at*hidden:][:hidden]))
		}
	}
	for c := range observation {
		observation[c] /= count
	}
	return observation, ends
}

// restOf returns the fixed points of a policy's cell under an observation.
func restOf(p *drqn.Policy, observation []float64, ends [][]float64) (Rest, error) {
	if p.Config().Cell == "mpn" {
		plastic, x, err := Plastic(p, observation)
		if err != nil {
			return Rest{}, err
		}
		points, err := plastic.FixedPoints(x)
		if err != nil {
			return Rest{}, err
		}
		rest := Rest{Bistable: points.Bistable(), Attractors: points.Attractors(), Exact: true}
		if plastic, x, err = Plastic(p.Untrained(), observation); err != nil {
			return Rest{}, err
		}
		before, err := plastic.FixedPoints(x)
		if err != nil {
			return Rest{}, err
		}
		rest.Untrained = before.Bistable()
		for _, h := range ends {
			for i, roots := range points.Units {
				nearest := math.Inf(1)
				for _, root := range roots {
					if root.Stable() {
						nearest = min(nearest, math.Abs(h[i]-root.H))
					}
				}
				if !math.IsInf(nearest, 1) {
					rest.Distance += nearest / float64(len(ends)*len(h))
				}
			}
		}
		return rest, nil
	}
	cell, err := Recurrent(p, observation)
	if err != nil {
		return Rest{}, err
	}
	points, err := neural.Search(cell, ends)
	if err != nil {
		return Rest{}, err
	}
	rest, stable := Rest{}, [][]float64{}
	for _, point := range points {
		if point.Stable() {
			rest.Attractors++
			stable = append(stable, point.H)
		} else {
			rest.Unstable++
		}
	}
	for _, h := range ends {
		nearest := math.Inf(1)
		for _, point := range stable {
			distance := 0.0
			for i := range h {
				distance += math.Abs(h[i]-point[i]) / float64(len(h))
			}
			nearest = min(nearest, distance)
		}
		if !math.IsInf(nearest, 1) {
			rest.Distance += nearest / float64(len(ends))
		}
	}
	return rest, nil
}

// parameters returns a policy's parameters by name, in double precision.
func parameters(p *drqn.Policy) map[string][]float64 {
	values := map[string][]float64{}
	for _, t := range p.Tensors() {
		values[t.Name] = wide(t.Data)
	}
	return values
}

// input returns what the cell reads of an observation: W_rand o + b_rand, or o.
func input(values map[string][]float64, observation []float64) []float64 {
	w, projected := values["W_rand"]
	if !projected {
		return observation
	}
	x := append([]float64(nil), values["b_rand"]...)
	for i := range x {
		for j, o := range observation {
			x[i] += w[i*len(observation)+j] * o
		}
	}
	return x
}

// Plastic returns a policy's MPN under a constant observation [O], and what it reads. An MPN of two layers, and one
// whose M is bounded, are errors.
func Plastic(p *drqn.Policy, observation []float64) (neural.Plastic, []float64, error) {
	c := p.Config()
	switch {
	case c.Cell != "mpn" || c.Layers != 1:
		return neural.Plastic{}, nil, errors.New("exact fixed points are known of an MPN of one layer only: use such " +
			"a run")
	case c.MemoryBound > 0:
		return neural.Plastic{}, nil, errors.New("exact fixed points are known of an MPN without memory_bound only: " +
			"use such a run")
	}
	values := parameters(p)
	x := input(values, observation)
	hidden, inputs := c.Hidden, len(x)
	lambda := spread(values["lambda"], c.LambdaShape, hidden, inputs)
	if w, gated := values["forget_w"]; gated {
		open := gates(w, values["forget_b"], x, c.ForgetGain)
		for i := range hidden {
			for j := range inputs {
				lambda.Set(i, j, lambda.At(i, j)*open[i%len(open)])
			}
		}
	}
	return neural.Plastic{W: mat.NewDense(hidden, inputs, values["W"]), B: values["b"],
		Eta: spread(values["eta"], c.EtaShape, hidden, inputs), Lambda: lambda,
		ByH: c.Plasticity != mpn.PlasticityPresynaptic, ByX: c.Plasticity != mpn.PlasticityPostsynaptic,
		Additive: c.Form == mpn.FormAdditive}, x, nil
}

// gates returns sigmoid(gain (F x + f)), one for all rows of M or one for each.
func gates(w, b, x []float64, gain float64) []float64 {
	open := append([]float64(nil), b...)
	for r := range open {
		for j, xj := range x {
			open[r] += w[r*len(x)+j] * xj
		}
		open[r] = 1 / (1 + math.Exp(-gain*open[r]))
	}
	return open
}

// spread returns the value of each synapse, [H, I].
func spread(values []float64, shape mpn.Shape, hidden, inputs int) *mat.Dense {
	m := mat.NewDense(hidden, inputs, nil)
	for i := range hidden {
		for j := range inputs {
			m.Set(i, j, values[map[mpn.Shape]int{mpn.ShapeRow: i, mpn.ShapeColumn: j,
				mpn.ShapeFull: i*inputs + j}[shape]])
		}
	}
	return m
}

// Recurrent returns a policy's GRU or RNN under a constant observation [O]. Other cells, and two layers, are errors.
func Recurrent(p *drqn.Policy, observation []float64) (neural.Cell, error) {
	c := p.Config()
	if c.Cell != "gru" && c.Cell != "rnn" || c.Layers != 1 {
		return nil, fmt.Errorf("fixed points are searched for a GRU or an RNN of one layer, not for %d of %s: use "+
			"such a run", c.Layers, c.Cell)
	}
	values := parameters(p)
	g, err := neural.NewGates(values["W"], values["U"], values["b"], input(values, observation), c.Hidden)
	if c.Cell == "gru" {
		return neural.GRU{Gates: g}, err
	}
	return neural.RNN{Gates: g}, err
}
