package report

import (
	"strconv"

	"engram/drqn"
	"engram/plots"
)

// Memory returns the synaptic memory M [H, I] in an MPN's recurrent state, that of the first layer if there are two.
// (The second layer's, [H, H], follows it in the state.)
func Memory(c drqn.Config, state []float32) [][]float64 {
	inputs := len(state)/c.Hidden - (c.Layers-1)*c.Hidden
	m := make([][]float64, c.Hidden)
	for i := range m {
		for _, x := range state[i*inputs : (i+1)*inputs] {
			m[i] = append(m[i], float64(x))
		}
	}
	return m
}

// MemoryChart draws an MPN's synaptic memory M after each step of a trial, given its recurrent states.
func MemoryChart(c drqn.Config, states [][]float32) plots.Heatmap {
	h := plots.Heatmap{Title: "The synaptic memory M after each step", XLabel: "input", YLabel: "hidden unit"}
	if c.Layers > 1 {
		h.Title = "The first layer's synaptic memory M after each step"
	}
	for step, state := range states {
		h.Matrices, h.Frames = append(h.Matrices, Memory(c, state)), append(h.Frames, strconv.Itoa(step))
	}
	return h
}
