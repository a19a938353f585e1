package report

import (
	"reflect"
	"testing"

	"engram/drqn"
)

// Of two layers of 2 units and 3 inputs the state is M [2, 3] and then the second's [2, 2]: the first is drawn.
func TestMemoryOfTwoLayers(t *testing.T) {
	state := []float32{1, 2, 3, 4, 5, 6, 70, 80, 90, 100}
	chart := MemoryChart(drqn.Config{Hidden: 2, Layers: 2}, [][]float32{state})
	if want := [][][]float64{{{1, 2, 3}, {4, 5, 6}}}; !reflect.DeepEqual(chart.Matrices, want) {
		t.Errorf("%v, want %v", chart.Matrices, want)
	}
}
