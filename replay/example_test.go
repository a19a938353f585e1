package replay_test

import (
	"fmt"
	"log"
	"math/rand/v2"

	"engram/replay"
)

// A window of L = 10 that ends at an episode's 8th step: 2 padded steps, then 8 valid ones, and the
// observation after the last.
func Example() {
	ring, err := replay.NewRing(replay.Options{Capacity: 100, Lanes: 1, ObservationSize: 1})
	if err != nil {
		log.Fatal(err)
	}
	for step := range 12 {
		err := ring.Push(replay.Transition{
			Observation:     []float32{float32(step)},
			Reward:          float32(step) / 10,
			NextObservation: []float32{float32(step + 1)},
			Terminated:      step == 11,
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	window := replay.Window{Length: 10, End: replay.EndUniform, Start: replay.StartZero}
	windows, err := ring.Windows(window)
	if err != nil {
		log.Fatal(err)
	}
	batch, err := windows.NewBatch(1) // windows.Sample fills it with windows drawn at random
	if err != nil {
		log.Fatal(err)
	}
	ring.Window(window, 7, batch, 0) // the one that ends at the 8th step
	fmt.Println("observations", batch.Observations)
	fmt.Println("valid       ", batch.Valid)
	fmt.Println("rewards     ", batch.Rewards)
	fmt.Println("loss        ", batch.LossMask)
	fmt.Println("length      ", batch.Lengths[0])
	// Output:
	// observations [0 0 0 1 2 3 4 5 6 7 8]
	// valid        [0 0 1 1 1 1 1 1 1 1 1]
	// rewards      [0 0 0 0.1 0.2 0.3 0.4 0.5 0.6 0.7]
	// loss         [0 0 1 1 1 1 1 1 1 1]
	// length       8
}

// The loop of a learner with prioritised windows: sample, learn, and set the priorities by the TD errors.
// Transition 1 then has the priority 4 and transition 2 has 7: more often drawn, it weighs 4/7.
func ExampleWindows_Update() {
	ring, err := replay.NewRing(replay.Options{Capacity: 100, Lanes: 1, ObservationSize: 1})
	if err != nil {
		log.Fatal(err)
	}
	windows, err := ring.Windows(replay.Window{Length: 1, End: replay.EndPrioritized, Start: replay.StartZero,
		Alpha: 1})
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if err := ring.Push(replay.Transition{Observation: []float32{0}, NextObservation: []float32{0}}); err != nil {
			log.Fatal(err)
		}
	}
	batch, err := windows.NewBatch(6)
	if err != nil {
		log.Fatal(err)
	}
	if err := windows.SetBeta(1); err != nil {
		log.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2 {
		if err := windows.Sample(batch, rng); err != nil {
			log.Fatal(err)
		}
		fmt.Println("transitions", batch.Indices, "weights", batch.Weights)
		priorities := make([]float64, batch.Size)
		for i, c := range batch.Indices {
			priorities[i] = replay.Priority([]float64{float64(1 + 3*c)}) // a real learner's TD errors of the window
		}
		if _, err := windows.Update(batch.Indices, priorities); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// transitions [2 1 1 1 2 1] weights [1 1 1 1 1 1]
	// transitions [2 1 2 1 2 2] weights [0.5714286 1 0.5714286 1 0.5714286 0.5714286]
}
