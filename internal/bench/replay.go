package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"engram/replay"
)

const (
	ringObservation = 20
	ringEpisode     = 10 // transitions: the shortest trials of the tasks
	ringBatch       = 32
)

// fullRing returns a ring of eight environments that has wrapped around.
func fullRing() (*replay.Ring, error) {
	r, err := replay.NewRing(replay.Options{Capacity: replay.DefaultCapacity, Lanes: 8,
		ObservationSize: ringObservation})
	if err != nil {
		return nil, err
	}
	push := pusher(r)
	for range replay.DefaultCapacity * 5 / 4 {
		if err := push(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// pusher returns a function that pushes a transition.
func pusher(r *replay.Ring) func() error {
	t := replay.Transition{Observation: make([]float32, ringObservation),
		NextObservation: make([]float32, ringObservation)}
	pushed := 0
	return func() error {
		t.Observation[0], t.Reward = float32(pushed), float32(pushed%7)
		t.Terminated = pushed/8%ringEpisode == ringEpisode-1
		pushed++
		return r.Push(t)
	}
}

func replayRows(window int) []*measurement {
	sample := &measurement{Row: Row{Name: "sample", Shape: fmt.Sprintf("32 windows, L=%d O=20, of 50,000", window),
		Size: Size{Window: window, Batch: ringBatch}, Backend: "-", Unit: "us", Target: 5, Allocs: new(float64)}}
	sample.open = func() (measure, error) {
		return sampled(replay.Window{Length: window, End: replay.EndUniform, Start: replay.StartZero}, sample.Allocs)
	}
	push := &measurement{Row: Row{Name: "push", Shape: "O=20", Backend: "-", Unit: "us", Target: 0.1,
		Allocs: new(float64)}}
	push.open = func() (measure, error) {
		r, err := fullRing()
		if err != nil {
			return nil, err
		}
		return timed(300, 1000, time.Microsecond, push.Allocs, pusher(r)), nil
	}
	prioritized := &measurement{Row: Row{Name: "prioritized", Shape: "sample 32 + update 32, of 50,000",
		Size: Size{Window: window, Batch: ringBatch}, Backend: "-", Unit: "us", Target: 20, Allocs: new(float64)}}
	prioritized.open = func() (measure, error) {
		return sampled(replay.Window{Length: window, End: replay.EndPrioritized, Start: replay.StartZero, Alpha: 0.6},
			prioritized.Allocs)
	}
	memory := &measurement{Row: Row{Name: "memory", Shape: "50,000 transitions, O=20, episodes of 10", Backend: "-",
		Unit: "MB", Target: 6}, once: true}
	memory.open = func() (measure, error) {
		return func(context.Context) (float64, error) {
			r, err := fullRing()
			if err != nil {
				return 0, err
			}
			return float64(r.Bytes()) / 1e6, nil
		}, nil
	}
	return []*measurement{sample, push, prioritized, memory}
}

// sampled returns a measure of sampling a batch of windows and, for prioritised ones, updating their priorities.
func sampled(w replay.Window, allocs *float64) (measure, error) {
	r, err := fullRing()
	if err != nil {
		return nil, err
	}
	windows, err := r.Windows(w)
	if err != nil {
		return nil, err
	}
	batch, err := windows.NewBatch(ringBatch)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(1, 1))
	if w.End != replay.EndPrioritized {
		return timed(300, 20, time.Microsecond, allocs, func() error { return windows.Sample(batch, rng) }), nil
	}
	priorities := make([]float64, ringBatch)
	do := func() error {
		for i := range priorities {
			priorities[i] = 3 * rng.Float64()
		}
		if err := windows.Sample(batch, rng); err != nil {
			return err
		}
		_, err := windows.Update(batch.Indices, priorities)
		return err
	}
	for range 5000 { // so that most have a priority of their own
		if err := do(); err != nil {
			return nil, err
		}
	}
	return timed(300, 20, time.Microsecond, allocs, do), windows.SetBeta(0.4)
}
