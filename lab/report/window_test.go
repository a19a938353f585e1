package report

import (
	"reflect"
	"testing"

	"engram/plots"
	"engram/replay"
)

// Two windows of a ring whose third episode continues: one padded, one with burn-in and the reward at its end.
func TestReplayStrips(t *testing.T) {
	ring, err := replay.NewRing(replay.Options{Capacity: 20, Lanes: 1, ObservationSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	for c := range 12 {
		last := c%5 == 4
		transition := replay.Transition{Observation: []float32{1}, NextObservation: []float32{1}, Terminated: last}
		if last {
			transition.Reward = 1
		}
		if err := ring.Push(transition); err != nil {
			t.Fatal(err)
		}
	}
	window := replay.Window{Length: 3, BurnIn: 1, End: replay.EndUniform, Start: replay.StartZero}
	batch, err := replay.NewBatch(2, 4, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	ring.Window(window, 11, batch, 0)
	ring.Window(window, 4, batch, 1)
	got := ReplayStrips("windows", batch)
	first, second := int(batch.Episodes[0]), int(batch.Episodes[1])
	want := [][]plots.Cell{
		{{Padded: true, Episode: first}, {Padded: true, Episode: first}, {Episode: first, Loss: true},
			{Episode: first, Loss: true}},
		{{Episode: second, BurnIn: true}, {Episode: second, Loss: true}, {Episode: second, Loss: true},
			{Episode: second, Loss: true, Rewarded: true}},
	}
	if first == second || !reflect.DeepEqual(got.Windows, want) {
		t.Errorf("windows of episodes %d and %d: %+v, want %+v", first, second, got.Windows, want)
	}
	if _, err := got.SVG(); err != nil {
		t.Error(err)
	}
}
