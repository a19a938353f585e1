package replay

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// pushEpisodes fills a ring with episodes of random length, from 10 to 13 steps; each observation is the number of the
// step in its episode, plus 1.
func pushEpisodes(t *testing.T, r *Ring, pushes int, rng *rand.Rand) {
	t.Helper()
	step := make([]int, r.options.Lanes)
	for i := range pushes {
		lane := i % len(step)
		step[lane]++
		end := step[lane] == 13 || step[lane] > 9 && rng.IntN(4) == 0
		if err := r.Push(Transition{Observation: []float32{float32(step[lane])}, NextObservation: []float32{0},
			Terminated: end}); err != nil {
			t.Fatal(err)
		}
		if end {
			step[lane] = 0
		}
	}
}

// TestStartOfWindows checks that, with a window as long as an episode or longer, no window that starts from zero begins
// in the middle of one: also where the beginning of a lane's oldest episode was overwritten, and however ends are
// drawn.
func TestStartOfWindows(t *testing.T) {
	for _, end := range []WindowEnd{EndUniform, EndEpisode, EndPrioritized} {
		for _, w := range []Window{{Length: 15, End: end, Start: StartZero}, {Length: 13, End: end, Start: StartZero},
			{Length: 11, End: end, Start: StartZero, Whole: true}} {
			rng := rand.New(rand.NewPCG(1, 1))
			r := mustRing(t, Options{Capacity: 400, Lanes: 8, ObservationSize: 1})
			s, b := mustWindows(t, r, w, 1000)
			for range 10 {
				pushEpisodes(t, r, 1001, rng)
				if err := s.Sample(b, rng); err != nil {
					t.Fatal(err)
				}
				for i, first := range b.FirstSteps {
					if read := b.Observations[i*(b.Steps+1):][b.Steps-int(b.Lengths[i])]; first != 0 || read != 1 {
						t.Fatalf("%+v: a window begins at step %d, with observation %v", w, first, read)
					}
				}
			}
		}
	}
}

// TestStartOfCutWindows checks that windows that are shorter than an episode begin in its middle, as is asked for, but
// have all their steps.
func TestStartOfCutWindows(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	r := mustRing(t, Options{Capacity: 160, Lanes: 8, ObservationSize: 1})
	s, b := mustWindows(t, r, Window{Length: 5, BurnIn: 3, End: EndUniform, Start: StartZero}, 2000)
	pushEpisodes(t, r, 1001, rng)
	if err := s.Sample(b, rng); err != nil {
		t.Fatal(err)
	}
	cut := 0
	for i, first := range b.FirstSteps {
		if first == 0 {
			continue
		}
		if cut++; b.Valid[i*(b.Steps+1)] == 0 {
			t.Fatalf("a window begins at step %d and is padded", first)
		}
	}
	if cut < 100 {
		t.Errorf("%d windows begin in mid-episode: too few to tell", cut)
	}
}

// TestNothingWhole checks that sampling is an error if no episode held begins in a window, and that Ready says so
// before.
func TestNothingWhole(t *testing.T) {
	r := mustRing(t, Options{Capacity: 8, Lanes: 1, ObservationSize: 1})
	for _, end := range []WindowEnd{EndUniform, EndEpisode, EndPrioritized} {
		s, b := mustWindows(t, r, Window{Length: 2, End: end, Start: StartZero, Whole: true}, 4)
		for range 20 {
			if err := r.Push(Transition{Observation: []float32{0}, NextObservation: []float32{0}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Sample(b, rand.New(rand.NewPCG(1, 1))); !errors.Is(err, ErrNotWhole) || s.Ready() {
			t.Errorf("%s: error %v, ready %v", end, err, s.Ready())
		}
	}
}

// TestSeldomWhole checks that two good ends among hundreds, which a few tries do not find, are drawn equally often, or
// by their priority where they have one.
func TestSeldomWhole(t *testing.T) {
	for end, want := range map[WindowEnd]float64{EndUniform: 0.5, EndPrioritized: 0.75} {
		r := mustRing(t, Options{Capacity: 2000, Lanes: 1, ObservationSize: 1})
		s, b := mustWindows(t, r, Window{Length: 1, End: end, Start: StartZero, Whole: true,
			Alpha: map[bool]float64{true: 1}[end == EndPrioritized]}, 3000)
		for i := range 2000 {
			if err := r.Push(Transition{Observation: []float32{0}, NextObservation: []float32{0},
				Terminated: i == 999}); err != nil {
				t.Fatal(err)
			}
		}
		if end == EndPrioritized {
			if _, err := s.Update([]int64{0, 1000}, []float64{1, 3}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Sample(b, rand.New(rand.NewPCG(1, 1))); err != nil {
			t.Fatal(err)
		}
		late := 0.
		for _, c := range b.Indices {
			if c != 0 && c != 1000 {
				t.Fatalf("%s: drew transition %d", end, c)
			}
			late += float64(c) / 1000 / float64(b.Size)
		}
		if math.Abs(late-want) > 0.04 {
			t.Errorf("%s: the second is drawn at %v, want %v", end, late, want)
		}
	}
}

// TestLongEpisode checks that an episode of more than 2^31 steps is one, and its stored states are those of its steps.
func TestLongEpisode(t *testing.T) {
	for _, every := range []int{0, 1, 3, 5} {
		o := Options{Capacity: 40, Lanes: 2, ObservationSize: 1, StateSize: 1, StateEvery: every}
		r := mustRing(t, o)
		w := Window{Length: 6, End: EndUniform, Start: StartZero}
		if every > 0 {
			w.Start = StartStored
		}
		s, b := mustWindows(t, r, w, 64)
		push := func(c int) {
			if err := r.Push(Transition{Observation: []float32{float32(c)}, NextObservation: []float32{0},
				State: []float32{float32(c)}}); err != nil {
				t.Fatal(err)
			}
		}
		push(0)
		push(1)
		// as if the lanes had run for long, with states at the steps that they are stored at
		for n := range r.lanes {
			r.lanes[n].Step = math.MaxInt32 - 20 - int32((math.MaxInt32-20)%max(1, every)) + int32(min(1, every%2))
		}
		for c := 2; c < 200; c++ {
			push(c)
			if c < 60 { // the two transitions that do not fit are still held
				continue
			}
			if err := s.Sample(b, rand.New(rand.NewPCG(1, uint64(c)))); err != nil {
				t.Fatal(err)
			}
			for i := range b.Size {
				row := b.Rows(i, i+1)
				steps := b.Steps
				for steps > 0 && row.Valid[b.Steps-steps] == 0 {
					steps--
				}
				first := float32(row.Indices[0]) - 2*float32(steps-1)
				if row.FirstSteps[0] <= 0 || steps < w.Length && row.Indices[0] > r.oldest()+40 ||
					row.Observations[b.Steps-steps] != first || every > 0 && row.Start[0] != first {
					t.Fatalf("every %d, after %d: the window of %d steps to %d begins at step %d with observation "+
						"%v and state %v",
						every, c, steps, row.Indices[0], row.FirstSteps[0], row.Observations[b.Steps-steps], row.Start)
				}
			}
		}
	}
}

// TestSizesThatOverflow checks that options, windows and batches of any size are an error, or can be made; none panics.
func TestSizesThatOverflow(t *testing.T) {
	sizes := []int{1, 3, 1 << 31, 1 << 34, 1<<34 + 1, 1 << 40, 1 << 61, 1 << 62, math.MaxInt - 1, math.MaxInt}
	good := Options{Capacity: 100, Lanes: 2, ObservationSize: 3, StateSize: 4, StateEvery: 5}
	for _, size := range sizes {
		for _, other := range sizes {
			for i := range 5 {
				o := good
				fields := []*int{&o.Capacity, &o.Lanes, &o.ObservationSize, &o.StateSize, &o.StateEvery}
				*fields[i], *fields[(i+1)%5] = size, other
				if err := o.Check(); err == nil && o.bytes() > maxBytes || err == nil && max(size, other) > 1<<34 {
					t.Errorf("%+v was taken", o)
				}
			}
			if max(size, other) < 1<<31 {
				continue
			}
			r := mustRing(t, good)
			for _, w := range []Window{{Length: size, BurnIn: other}, {Length: 3, BurnIn: max(size, other)}} {
				if w.End, w.Start = EndUniform, StartZero; true {
					if _, err := r.Windows(w); err == nil {
						t.Errorf("%+v was taken", w)
					}
				}
			}
			for i := range 4 {
				of := []int{1, 1, 1, 1}
				of[i], of[(i+1)%4] = size, other
				if max(size, other) < 1<<34 {
					continue
				}
				if _, err := NewBatch(of[0], of[1], of[2], of[3]); err == nil {
					t.Errorf("a batch of %v was taken", of)
				}
			}
		}
	}
}
