package replay

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func mustRing(t testing.TB, o Options) *Ring {
	t.Helper()
	r, err := NewRing(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustWindows(t testing.TB, r *Ring, w Window, size int) (*Windows, *Batch) {
	t.Helper()
	s, err := r.Windows(w)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.NewBatch(size)
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

// TestEveryWindow compares every window that could be drawn with the naive model, after each push, over
// combinations of capacity, lanes, L, burn-in, state_every and episode length.
func TestEveryWindow(t *testing.T) {
	combinations := 0
	for _, lanes := range []int{1, 3} {
		for _, perLane := range []int{7, 10, 21} {
			for extra := range min(lanes, 2) {
				for _, window := range [][2]int{{1, 0}, {4, 0}, {7, 0}, {3, 2}, {2, 5}} {
					for _, stateEvery := range []int{0, 1, 3, 5} {
						for _, mean := range []int{1, 3, 9} {
							o := Options{Capacity: perLane*lanes + extra, Lanes: lanes, ObservationSize: 2,
								StateSize: 2, StateEvery: stateEvery}
							w := Window{Length: window[0], BurnIn: window[1], End: EndUniform, Start: StartZero}
							if stateEvery > 0 {
								w.Start = StartStored
							}
							combinations++
							sweep(t, o, w, mean, uint64(combinations))
						}
					}
				}
			}
		}
	}
	if combinations < 500 {
		t.Fatalf("only %d combinations", combinations)
	}
}

func sweep(t *testing.T, o Options, w Window, mean int, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	m, r := newModel(o), mustRing(t, o)
	_, b := mustWindows(t, r, w, 3)
	dirty(b)
	for range 3*o.Capacity + rng.IntN(7) {
		wants := r.WantsState(len(m.all) % o.Lanes)
		transition := m.push(m.randomEnds(rng, mean))
		if !wants {
			transition.State = nil
		}
		if err := r.Push(transition); err != nil {
			t.Fatal(err)
		}
		if err := m.compareAll(r, w, b); err != nil {
			t.Fatalf("%+v %+v mean %d seed %d: %v", o, w, mean, seed, err)
		}
	}
}

func FuzzRing(f *testing.F) {
	f.Add([]byte{20, 1, 4, 1, 2}, []byte{0, 0, 1, 0, 2, 0, 3})
	f.Add([]byte{8, 3, 2, 0, 0}, []byte{0, 1, 1, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1})
	f.Add([]byte{8, 3, 2, 0, 0, 153}, []byte{0, 1, 29, 1, 0, 4, 0, 2, 0, 124, 0, 0, 0, 1})
	f.Add([]byte{5, 2, 1, 1, 4}, bytes.Repeat([]byte{0, 0, 0, 2}, 30))
	f.Fuzz(func(t *testing.T, shape, flags []byte) {
		if len(shape) < 5 || len(flags) > 400 {
			return
		}
		o := Options{Capacity: int(shape[0]), Lanes: int(shape[1] % 5), ObservationSize: 1, StateSize: 1,
			StateEvery: int(shape[4] % 7)}
		r, err := NewRing(o)
		if err != nil {
			return
		}
		w := Window{Length: int(shape[2]), BurnIn: int(shape[3]), End: EndUniform, Start: StartZero}
		if o.StateEvery > 0 {
			w.Start = StartStored
		}
		if len(shape) > 5 {
			w.End, w.Alpha = EndPrioritized, float64(shape[5])/255
		}
		s, err := r.Windows(w)
		if err != nil {
			return
		}
		b, err := s.NewBatch(2)
		if err != nil {
			t.Fatal(err)
		}
		m := newModel(o)
		for _, flag := range flags {
			if err := r.Push(m.push(flag&1 != 0, flag&2 != 0)); err != nil {
				t.Fatal(err)
			}
			if err := m.compareAll(r, w, b); err != nil {
				t.Fatalf("%+v %+v: %v", o, w, err)
			}
			if w.End == EndPrioritized {
				checkPrioritized(t, m, s, b, flag)
			}
		}
	})
}

// checkPrioritized samples prioritised windows and, where a flag says so, sets a priority by it.
func checkPrioritized(t *testing.T, m *model, s *Windows, b *Batch, flag byte) {
	t.Helper()
	if err := s.Sample(b, rand.New(rand.NewPCG(uint64(flag), 0))); err != nil {
		t.Fatal(err)
	}
	if err := m.compareDrawn(b, s.window); err != nil {
		t.Fatal(err)
	}
	if flag&4 != 0 {
		priorities := []float64{float64(flag >> 3), 1}
		stale, err := s.Update(b.Indices, priorities)
		if err != nil || stale != m.update(b.Indices, priorities) {
			t.Fatalf("%d stale: %v", stale, err)
		}
	}
	if err := m.comparePriorities(s.ring); err != nil {
		t.Fatal(err)
	}
}

// TestUniform draws many ends and compares their counts with equal ones by Pearson's chi-squared test. The
// seeds are fixed; a sound sampler fails at a fresh seed with probability 1e-4 a case.
func TestUniform(t *testing.T) {
	for _, w := range []Window{
		{Length: 5, End: EndUniform, Start: StartZero},
		{Length: 5, End: EndEpisode, Start: StartZero},
		{Length: 5, End: EndPrioritized, Start: StartZero, Alpha: 0.6}, // no priority is set: all are equal
		{Length: 3, End: EndUniform, Start: StartZero, Whole: true},
		{Length: 3, BurnIn: 1, End: EndEpisode, Start: StartZero, Whole: true},
		{Length: 3, End: EndPrioritized, Start: StartZero, Alpha: 0.6, Whole: true},
	} {
		for pushes := range []int{0, 1, 2, 3} {
			o := Options{Capacity: 60, Lanes: 3, ObservationSize: 1}
			m, r := newModel(o), mustRing(t, o)
			rng := rand.New(rand.NewPCG(9, uint64(pushes)))
			for range 151 + pushes {
				if err := r.Push(m.push(m.randomEnds(rng, 4))); err != nil {
					t.Fatal(err)
				}
			}
			s, b := mustWindows(t, r, w, 50)
			counts := map[int64]int{}
			const draws = 40_000
			for range draws / b.Size {
				if err := s.Sample(b, rng); err != nil {
					t.Fatal(err)
				}
				for _, index := range b.Indices {
					counts[index]++
				}
			}
			if err := m.compareDrawn(b, w); err != nil {
				t.Fatal(err)
			}
			ends := m.ends(w)
			expected, statistic, found := float64(draws)/float64(len(ends)), 0.0, 0
			for _, end := range ends {
				difference := float64(counts[int64(end)]) - expected
				statistic += difference * difference / expected
				found += counts[int64(end)]
			}
			if found != draws {
				t.Fatalf("%s: %d of %d windows end where none may", w.End, draws-found, draws)
			}
			if limit := (distuv.ChiSquared{K: float64(len(ends) - 1)}).Quantile(1 - 1e-4); statistic > limit {
				t.Errorf("%s: chi-squared %.1f over %d ends, limit %.1f", w.End, statistic, len(ends), limit)
			}
		}
	}
}

func TestSameSeedSameBatch(t *testing.T) {
	for _, end := range []WindowEnd{EndUniform, EndEpisode, EndPrioritized} {
		sameSeedSameBatch(t, Window{Length: 6, End: end, Start: StartZero})
	}
}

func sameSeedSameBatch(t *testing.T, w Window) {
	t.Helper()
	r := filled(t, Options{Capacity: 500, Lanes: 4, ObservationSize: 3}, 900)
	s, a := mustWindows(t, r, w, 16)
	_, b := mustWindows(t, r, w, 16)
	for _, batch := range []*Batch{a, b} {
		if err := s.Sample(batch, rand.New(rand.NewPCG(1, 1))); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("the same seed drew two batches")
	}
	if err := s.Sample(b, rand.New(rand.NewPCG(1, 2))); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(a.Indices) == fmt.Sprint(b.Indices) {
		t.Error("two seeds drew the same windows")
	}
}

// filled returns a ring with the given number of transitions pushed.
func filled(t testing.TB, o Options, pushes int) *Ring {
	t.Helper()
	m, r, rng := newModel(o), mustRing(t, o), rand.New(rand.NewPCG(3, 3))
	m.wholeReturns = true // as when the file of version 1 was written
	for range pushes {
		if err := r.Push(m.push(m.randomEnds(rng, 12))); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// bytesOf returns the memory of a ring's arrays.
func bytesOf(r *Ring) int {
	bytes := 4*(len(r.observations)+len(r.actions)+len(r.rewards)+len(r.steps)+len(r.finals)+len(r.newest)) +
		len(r.flags) + 8*len(r.episodes)
	for _, c := range append(slices.Clone(r.ends), r.spare...) {
		bytes += 8*len(c.transitions) + 4*len(c.observations)
	}
	return bytes
}

// TestMemory checks that a ring takes less than 6 MB with episodes of 10 steps, also after it has wrapped around often
// and was copied, and less than 10 if every step is an episode.
func TestMemory(t *testing.T) {
	o := Options{Capacity: DefaultCapacity, Lanes: 8, ObservationSize: 20}
	var r *Ring
	for length, most := range map[int]int{1: 10e6, 10: 6e6} {
		r = mustRing(t, o)
		transition := Transition{Observation: make([]float32, 20), NextObservation: make([]float32, 20)}
		for i := range 5*DefaultCapacity/2 + 16 {
			transition.Terminated = i/8%length == length-1
			if err := r.Push(transition); err != nil {
				t.Fatal(err)
			}
		}
		var other Ring
		r.CopyTo(&other)
		r.CopyTo(&other)
		for _, r := range []*Ring{r, &other} {
			if r.Bytes() > most || bytesOf(r) != r.Bytes() {
				t.Errorf("episodes of %d: the arrays have %d bytes, Bytes says %d, promised are at most %d", length,
					bytesOf(r), r.Bytes(), most)
			}
		}
	}
	held := bytesOf(r)
	mustWindows(t, r, Window{Length: 1, End: EndPrioritized, Start: StartZero}, 1)
	if held += 8 * len(r.priorities.tree.nodes); held != r.Bytes() {
		t.Errorf("the arrays and priorities have %d bytes, Bytes says %d", held, r.Bytes())
	}
}

func TestNoAllocation(t *testing.T) {
	r := filled(t, Options{Capacity: 1000, Lanes: 2, ObservationSize: 5, StateSize: 8, StateEvery: 4}, 1500)
	s, b := mustWindows(t, r, Window{Length: 8, BurnIn: 2, End: EndEpisode, Start: StartStored}, 32)
	rng := rand.New(rand.NewPCG(1, 1))
	transition := Transition{Observation: make([]float32, 5), NextObservation: make([]float32, 5),
		State: make([]float32, 8)}
	if n := testing.AllocsPerRun(200, func() {
		if err := r.Push(transition); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("a push allocates %v times", n)
	}
	if n := testing.AllocsPerRun(200, func() {
		if err := s.Sample(b, rng); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("a sample allocates %v times", n)
	}
}

func TestRowsShareMemory(t *testing.T) {
	r := filled(t, Options{Capacity: 100, Lanes: 1, ObservationSize: 2}, 80)
	s, whole := mustWindows(t, r, Window{Length: 4, End: EndUniform, Start: StartZero}, 6)
	for member := range 2 {
		if err := s.Sample(whole.Rows(3*member, 3*member+3), rand.New(rand.NewPCG(uint64(member), 0))); err != nil {
			t.Fatal(err)
		}
	}
	_, alone := mustWindows(t, r, Window{Length: 4, End: EndUniform, Start: StartZero}, 3)
	if err := s.Sample(alone, rand.New(rand.NewPCG(1, 0))); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(*whole.Rows(3, 6)) != fmt.Sprint(*alone) {
		t.Error("the second member's rows differ from its batch drawn alone")
	}
}

func TestErrors(t *testing.T) {
	good := Options{Capacity: 20, Lanes: 2, ObservationSize: 3}
	for want, o := range map[string]Options{
		"lanes":            {Capacity: 20, ObservationSize: 3},
		"capacity 1":       {Capacity: 1, Lanes: 2, ObservationSize: 3},
		"observation size": {Capacity: 20, Lanes: 2},
		"state size":       {Capacity: 20, Lanes: 2, ObservationSize: 3, StateSize: -1},
		"GB":               {Capacity: 1 << 40, Lanes: 2, ObservationSize: 3},
	} {
		if _, err := NewRing(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one with %q", o, err, want)
		}
	}
	r := mustRing(t, good)
	if _, err := mustRing(t, Options{Capacity: 20, Lanes: 2, ObservationSize: 3, StateSize: 1, StateEvery: 1}).Windows(
		Window{Length: 1, End: EndUniform, Start: StartStored, Whole: true}); err == nil ||
		!strings.Contains(err.Error(), "need to be whole") {
		t.Errorf("whole windows with stored states: error %v", err)
	}
	for want, w := range map[string]Window{
		"window length 0":       {Length: 0, End: EndUniform, Start: StartZero},
		"burn-in -1":            {Length: 1, BurnIn: -1, End: EndUniform, Start: StartZero},
		"do not fit":            {Length: 11, End: EndUniform, Start: StartZero},
		"window end \"middle\"": {Length: 1, End: "middle", Start: StartZero},
		"start \"warm\"":        {Length: 1, End: EndUniform, Start: "warm"},
		"alpha 1.5":             {Length: 1, End: EndPrioritized, Start: StartZero, Alpha: 1.5},
		"alpha NaN":             {Length: 1, End: EndPrioritized, Start: StartZero, Alpha: math.NaN()},
		"only prioritized":      {Length: 1, End: EndUniform, Start: StartZero, Alpha: 0.5},
		"state_every":           {Length: 1, End: EndUniform, Start: StartStored},
	} {
		if _, err := r.Windows(w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one with %q", w, err, want)
		}
	}
	s, b := mustWindows(t, r, Window{Length: 3, End: EndEpisode, Start: StartZero}, 4)
	dirty(b)
	before := fmt.Sprint(*b)
	if err := s.Sample(b, rand.New(rand.NewPCG(0, 0))); !errors.Is(err, ErrEmpty) || fmt.Sprint(*b) != before {
		t.Errorf("sampling an empty ring: error %v", err)
	}
	if err := r.Push(Transition{Observation: make([]float32, 2), NextObservation: make([]float32, 3)}); err == nil ||
		r.Len() != 0 {
		t.Errorf("a short observation was pushed: %v", err)
	}
	wrong, err := NewBatch(4, 9, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Push(Transition{Observation: make([]float32, 3), NextObservation: make([]float32, 3)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Sample(wrong, rand.New(rand.NewPCG(0, 0))); err == nil {
		t.Error("a batch of other steps was filled")
	}
	trials, err := r.Trials(10)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := trials.NewBatch(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := trials.Sample(batch, rand.New(rand.NewPCG(0, 0))); !errors.Is(err, ErrNoTrial) {
		t.Errorf("no trial has ended, error %v", err)
	}
}

// TestTrials checks that only whole finished episodes are drawn, each equally, padded to the batch's longest.
func TestTrials(t *testing.T) {
	o := Options{Capacity: 90, Lanes: 2, ObservationSize: 2}
	m, r, rng := newModel(o), mustRing(t, o), rand.New(rand.NewPCG(4, 4))
	for range 300 {
		if err := r.Push(m.push(m.randomEnds(rng, 4))); err != nil {
			t.Fatal(err)
		}
	}
	whole := map[int64]bool{} // ends of whole episodes
	for _, c := range m.ends(Window{End: EndEpisode}) {
		end := m.all[c]
		if (end.transition.Terminated || end.transition.Truncated) && c-end.step*o.Lanes >= m.held() {
			whole[int64(c)] = false
		}
	}
	trials, err := r.Trials(12)
	if err != nil {
		t.Fatal(err)
	}
	b, err := trials.NewBatch(5)
	if err != nil {
		t.Fatal(err)
	}
	for range 400 {
		if err := trials.Sample(b, rng); err != nil {
			t.Fatal(err)
		}
		longest := 0
		for i, index := range b.Indices {
			if _, ok := whole[index]; !ok {
				t.Fatalf("drew the episode that ends at %d, which is not whole", index)
			}
			whole[index] = true
			longest = max(longest, int(b.Lengths[i]))
			if err := m.compare(b, i, Window{Length: 12, End: EndEpisode, Start: StartZero}, int(index)); err != nil {
				t.Fatal(err)
			}
		}
		if b.Steps != longest {
			t.Fatalf("padded to %d steps, the longest has %d", b.Steps, longest)
		}
	}
	for end, drawn := range whole {
		if !drawn {
			t.Errorf("the episode that ends at %d was never drawn", end)
		}
	}
}

func TestUsage(t *testing.T) {
	o := Options{Capacity: 100, Lanes: 1, ObservationSize: 1}
	m, r := newModel(o), mustRing(t, o)
	for step := range 16 { // two episodes of 8 steps
		if err := r.Push(m.push(step%8 == 7, false)); err != nil {
			t.Fatal(err)
		}
	}
	for want, w := range map[Usage]Window{
		{Windows: 4, ForwardPasses: 40, Useful: 32, Padded: 8, Cut: 0}: {Length: 10, End: EndEpisode, Start: StartZero},
		{Windows: 4, ForwardPasses: 20, Useful: 20, Padded: 0, Cut: 4}: {Length: 5, End: EndEpisode, Start: StartZero},
		{Windows: 4, ForwardPasses: 28, Useful: 20, Padded: 0, Cut: 4}: {Length: 5, BurnIn: 2, End: EndEpisode,
			Start: StartZero},
	} {
		s, b := mustWindows(t, r, w, 4)
		if err := s.Sample(b, rand.New(rand.NewPCG(2, 2))); err != nil {
			t.Fatal(err)
		}
		var got Usage
		got.Add(b)
		if got != want {
			t.Errorf("%+v: usage %+v, want %+v", w, got, want)
		}
	}
	u := Usage{ForwardPasses: 40, Useful: 32, Padded: 8}
	if u.WastedShare() != 0.2 || u.PassesPerUseful() != 1.25 {
		t.Errorf("shares %v and %v, want 0.2 and 1.25", u.WastedShare(), u.PassesPerUseful())
	}
}
