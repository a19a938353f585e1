package replay

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// randomPriorities sets a priority of 0 to 3 for every transition held.
func randomPriorities(t testing.TB, s *Windows, rng *rand.Rand) (indices []int64, priorities []float64) {
	t.Helper()
	for c := s.ring.oldest(); c < s.ring.count; c++ {
		indices, priorities = append(indices, c), append(priorities, 3*rng.Float64())
	}
	if stale, err := s.Update(indices, priorities); err != nil || stale != 0 {
		t.Fatalf("%d stale: %v", stale, err)
	}
	return indices, priorities
}

var smallPrioritized = Window{Length: 2, End: EndPrioritized, Start: StartZero, Alpha: 0.6}

// prioritized returns a filled ring with random priorities, for smallPrioritized.
func prioritized(t testing.TB, o Options, pushes int) *Ring {
	t.Helper()
	r := filled(t, o, pushes)
	s, _ := mustWindows(t, r, smallPrioritized, 1)
	randomPriorities(t, s, rand.New(rand.NewPCG(8, uint64(pushes))))
	return r
}

func TestPriority(t *testing.T) {
	for _, c := range []struct {
		tds  []float64
		want float64
	}{
		{[]float64{1, -3, 2}, 2.9},    // 0.9 * 3 + 0.1 * (1+3+2)/3
		{[]float64{-2}, 2},            // of one error its size
		{[]float64{0, 0, 0, -4}, 3.7}, // 0.9 * 4 + 0.1 * 1
		{[]float64{0, 0}, 0},
	} {
		if got := Priority(c.tds); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("priority of %v is %v, want %v", c.tds, got, c.want)
		}
	}
	for _, tds := range [][]float64{nil, {1, math.NaN()}, {math.NaN(), 1}} {
		if got := Priority(tds); !math.IsNaN(got) {
			t.Errorf("priority of %v is %v, want NaN", tds, got)
		}
	}
}

// TestPrioritizedFrequencies compares the counts of many draws with p^alpha / sum by Pearson's chi-squared
// test, as TestUniform does; with alpha 0 all are equal, whatever the priorities.
func TestPrioritizedFrequencies(t *testing.T) {
	for _, alpha := range []float64{0, 0.6, 1} {
		o := Options{Capacity: 61, Lanes: 3, ObservationSize: 1}
		m, r := newModel(o), mustRing(t, o)
		rng := rand.New(rand.NewPCG(10, math.Float64bits(alpha)))
		w := Window{Length: 5, End: EndPrioritized, Start: StartZero, Alpha: alpha}
		s, b := mustWindows(t, r, w, 50)
		for i := range 152 {
			if err := r.Push(m.push(m.randomEnds(rng, 4))); err != nil {
				t.Fatal(err)
			}
			if i == 140 { // the transitions after it enter with the highest priority
				m.update(randomPriorities(t, s, rng))
			}
		}
		counts := make([]float64, o.Capacity)
		const draws = 60_000
		for range draws / b.Size {
			if err := s.Sample(b, rng); err != nil {
				t.Fatal(err)
			}
			for _, c := range b.Indices {
				counts[int(c)-m.held()]++
			}
		}
		if alpha == 0 && slices.ContainsFunc(m.probabilities(0),
			func(p float64) bool { return math.Abs(p-1.0/61) > 1e-12 }) {
			t.Fatal("the model is not uniform at alpha 0")
		}
		ends, probabilities := m.ends(w), m.probabilities(alpha)
		mayEnd := 0.0 // the probability of all that may end a window
		for _, c := range ends {
			mayEnd += probabilities[c-m.held()]
		}
		statistic := 0.0
		for _, c := range ends {
			want := draws * probabilities[c-m.held()] / mayEnd
			statistic += (counts[c-m.held()] - want) * (counts[c-m.held()] - want) / want
		}
		if limit := (distuv.ChiSquared{K: float64(len(ends) - 1)}).Quantile(1 - 1e-4); statistic > limit {
			t.Errorf("alpha %v: chi-squared %.1f, limit %.1f", alpha, statistic, limit)
		}
	}
}

// TestPrioritizedSweep pushes, updates and samples at random, over small capacities and lanes, and compares
// with the model after each step: only what is held is drawn, each as its priority says, weighted by it.
func TestPrioritizedSweep(t *testing.T) {
	seed := uint64(0)
	for lanes := 1; lanes <= 4; lanes++ {
		for capacity := lanes; capacity <= 13; capacity++ {
			for _, alpha := range []float64{0, 0.6, 1} {
				for _, before := range []int{0, 1, capacity, 2*capacity + 1} { // pushed before priorities are asked for
					seed++
					o := Options{Capacity: capacity, Lanes: lanes, ObservationSize: 1, StateSize: 1, StateEvery: 2}
					sweepPrioritized(t, o, alpha, before, seed)
				}
			}
		}
	}
}

func sweepPrioritized(t *testing.T, o Options, alpha float64, before int, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 6))
	m, r := newModel(o), mustRing(t, o)
	push := func() {
		if err := r.Push(m.push(m.randomEnds(rng, 3))); err != nil {
			t.Fatal(err)
		}
	}
	for range before {
		push()
	}
	w := Window{Length: 1, End: EndPrioritized, Start: StartStored, Alpha: alpha}
	s, b := mustWindows(t, r, w, 8)
	beta := rng.Float64()
	if err := s.SetBeta(beta); err != nil {
		t.Fatal(err)
	}
	for range 5 * o.Capacity {
		for range rng.IntN(4) {
			push()
		}
		if len(m.all) == 0 {
			continue
		}
		if rng.IntN(2) == 0 {
			updateAtRandom(t, m, s, rng)
		}
		dirty(b)
		if err := s.Sample(b, rng); err != nil {
			t.Fatal(err)
		}
		err := m.comparePriorities(r)
		if err == nil {
			err = m.compareDrawn(b, w)
		}
		if err == nil {
			err = m.compareWeights(b, alpha, beta)
		}
		if err != nil {
			t.Fatalf("%+v alpha %v beta %v seed %d: %v", o, alpha, beta, seed, err)
		}
	}
}

// updateAtRandom sets priorities of the newest transitions, held and not, of very unlike sizes, some of them 0.
func updateAtRandom(t *testing.T, m *model, s *Windows, rng *rand.Rand) {
	t.Helper()
	indices, priorities := make([]int64, 3), make([]float64, 3)
	for i := range indices {
		indices[i] = int64(len(m.all) - 1 - rng.IntN(min(len(m.all), 2*m.options.Capacity)))
		priorities[i] = max(0, math.Exp(8*rng.Float64()-4)-0.1)
	}
	stale, err := s.Update(indices, priorities)
	if want := m.update(indices, priorities); err != nil || stale != want {
		t.Fatalf("%d stale, want %d: %v", stale, want, err)
	}
}

// TestWeights checks importance weights computed by hand. With alpha 0.5 and the priorities 1, 4, 16 and 256,
// v is 1, 2, 4 and 16, of 23. N P is 4/23, 8/23, 16/23 and 64/23, and (N P)^-beta / max, where the largest is
// that of the least P, is 1, 2^-beta, 4^-beta and 16^-beta.
func TestWeights(t *testing.T) {
	r := filled(t, Options{Capacity: 4, Lanes: 1, ObservationSize: 1}, 4)
	s, b := mustWindows(t, r, Window{Length: 1, End: EndPrioritized, Start: StartZero, Alpha: 0.5}, 64)
	if _, err := s.Update([]int64{0, 1, 2, 3}, []float64{1, 4, 16, 256}); err != nil {
		t.Fatal(err)
	}
	for beta, want := range map[float64][]float64{
		0:   {1, 1, 1, 1},
		0.5: {1, math.Sqrt2 / 2, 0.5, 0.25},
		1:   {1, 0.5, 0.25, 0.0625},
	} {
		if err := s.SetBeta(beta); err != nil {
			t.Fatal(err)
		}
		if err := s.Sample(b, rand.New(rand.NewPCG(1, 1))); err != nil {
			t.Fatal(err)
		}
		drawn := map[int64]bool{}
		for i, c := range b.Indices {
			drawn[c] = true
			if math.Abs(float64(b.Weights[i])-want[c]) > 1e-7 {
				t.Errorf("beta %v: transition %d has weight %v, want %v", beta, c, b.Weights[i], want[c])
			}
		}
		if len(drawn) != 4 {
			t.Fatalf("only %v drawn: use another seed", drawn)
		}
	}
	// Where the least is not in the batch, the largest weight is still 1.
	weights := make([]float32, 3)
	if r.weigh(weights, []int64{3, 1, 2}, 1); !slices.Equal(weights, []float32{0.125, 1, 0.5}) {
		t.Errorf("weights %v of part of the transitions", weights)
	}
	other, batch := mustWindows(t, r, Window{Length: 1, End: EndUniform, Start: StartZero}, 3)
	dirty(batch)
	if err := other.Sample(batch, rand.New(rand.NewPCG(1, 1))); err != nil ||
		!slices.Equal(batch.Weights, []float32{1, 1, 1}) {
		t.Errorf("weights %v of uniform windows: %v", batch.Weights, err)
	}
}

// TestNewTransitionsAreHighest checks that a new transition has the highest priority ever set, also when none
// held has it any more.
func TestNewTransitionsAreHighest(t *testing.T) {
	o := Options{Capacity: 3, Lanes: 1, ObservationSize: 1}
	m, r := newModel(o), mustRing(t, o)
	s, _ := mustWindows(t, r, Window{Length: 1, End: EndPrioritized, Start: StartZero, Alpha: 0.5}, 1)
	check := func(priority, want float64) {
		t.Helper()
		if err := r.Push(m.push(false, false)); err != nil {
			t.Fatal(err)
		}
		if got := r.priorities.tree.Get(r.leaf(r.count - 1)); got != want {
			t.Errorf("transition %d entered with %v, want %v", r.count-1, got, want)
		}
		if _, err := s.Update([]int64{r.count - 1}, []float64{priority}); err != nil {
			t.Fatal(err)
		}
	}
	check(0.25, 1) // 1 at first,
	check(9, 1)    // and a lower one does not lower it
	for range 8 {
		check(4, 3) // the root of 9
	}
}

// TestFloor draws among transitions of priority 0: they have the floor.
func TestFloor(t *testing.T) {
	r := filled(t, Options{Capacity: 4, Lanes: 1, ObservationSize: 1}, 6)
	s, b := mustWindows(t, r, Window{Length: 1, End: EndPrioritized, Start: StartZero, Alpha: 1}, 64)
	if _, err := s.Update([]int64{2, 3, 4, 5}, make([]float64, 4)); err != nil {
		t.Fatal(err)
	}
	if total := r.priorities.tree.Total(); total != 4*PriorityFloor {
		t.Errorf("the sum is %v, want four floors", total)
	}
	if err := s.Sample(b, rand.New(rand.NewPCG(1, 1))); err != nil {
		t.Fatal(err)
	}
	for c := int64(2); c < 6; c++ {
		if !slices.Contains(b.Indices, c) {
			t.Errorf("transition %d of priority 0 is not drawn", c)
		}
	}
}

// TestCeiling draws among transitions of the largest priority: the sum stays finite.
func TestCeiling(t *testing.T) {
	r := filled(t, Options{Capacity: 5, Lanes: 1, ObservationSize: 1}, 5)
	s, b := mustWindows(t, r, Window{Length: 1, End: EndPrioritized, Start: StartZero, Alpha: 1}, 64)
	if _, err := s.Update([]int64{0, 1, 2, 3, 4}, slices.Repeat([]float64{PriorityCeiling}, 5)); err != nil {
		t.Fatal(err)
	}
	if err := s.Sample(b, rand.New(rand.NewPCG(1, 1))); err != nil {
		t.Fatal(err)
	}
	for c := int64(0); c < 5; c++ {
		if !slices.Contains(b.Indices, c) {
			t.Errorf("transition %d is not drawn", c)
		}
	}
}

// TestPrioritiesTooLarge asks a ring that just has room for priorities too; its arrays are never made.
func TestPrioritiesTooLarge(t *testing.T) {
	r := &Ring{options: Options{Capacity: 300_000_000, Lanes: 1, ObservationSize: 1}}
	if err := r.options.Check(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Windows(smallPrioritized); err == nil ||
		!strings.Contains(err.Error(), "with priorities would take") || r.priorities != nil {
		t.Errorf("error %v", err)
	}
}

func TestUpdateErrors(t *testing.T) {
	r := prioritized(t, small, 15)
	s, b := mustWindows(t, r, smallPrioritized, 2)
	before := snapshotOf(t, r)
	for want, c := range map[string]struct {
		indices    []int64
		priorities []float64
	}{
		"2 priorities for 1 transitions":  {[]int64{14}, []float64{1, 1}},
		"transition 15, which was never":  {[]int64{14, 15}, []float64{9, 1}},
		"transition -1, which was never":  {[]int64{14, -1}, []float64{9, 1}},
		"priority NaN of transition 13":   {[]int64{14, 13}, []float64{9, math.NaN()}},
		"priority -0.5 of transition 12":  {[]int64{14, 12}, []float64{9, -0.5}},
		"priority +Inf of transition 11":  {[]int64{14, 11}, []float64{9, math.Inf(1)}},
		"priority 1e+101 of transition 0": {[]int64{14, 0}, []float64{9, 1e101}}, // stale, but still impossible
	} {
		if stale, err := s.Update(c.indices, c.priorities); err == nil || !strings.Contains(err.Error(), want) ||
			stale != 0 {
			t.Errorf("%d stale, error %v, want one with %q", stale, err, want)
		}
		if !bytes.Equal(snapshotOf(t, r), before) {
			t.Fatalf("%q changed the priorities", want)
		}
	}
	for _, beta := range []float64{-0.1, 1.1, math.NaN()} {
		if err := s.SetBeta(beta); err == nil || !strings.Contains(err.Error(), fmt.Sprint("beta ", beta)) {
			t.Errorf("beta %v: error %v", beta, err)
		}
	}
	if _, err := r.Windows(Window{Length: 1, End: EndPrioritized, Start: StartZero, Alpha: 0.7}); err == nil ||
		!strings.Contains(err.Error(), "one alpha") {
		t.Errorf("a second alpha: error %v", err)
	}
	uniform, _ := mustWindows(t, r, Window{Length: 2, End: EndUniform, Start: StartZero}, 2)
	if _, err := uniform.Update(b.Indices, []float64{1, 1}); err == nil || uniform.SetBeta(1) == nil {
		t.Error("uniform windows took priorities or a beta")
	}
	empty, b := mustWindows(t, mustRing(t, small), smallPrioritized, 2)
	if err := empty.Sample(b, rand.New(rand.NewPCG(0, 0))); !errors.Is(err, ErrEmpty) {
		t.Errorf("sampling an empty ring: error %v", err)
	}
}

// TestStaleUpdate updates what the ring has overwritten: it is counted, and what took its place keeps its own.
func TestStaleUpdate(t *testing.T) {
	o := Options{Capacity: 4, Lanes: 2, ObservationSize: 1}
	r := filled(t, o, 11) // 7 to 10 are held
	s, _ := mustWindows(t, r, Window{Length: 1, End: EndPrioritized, Start: StartZero, Alpha: 1}, 1)
	stale, err := s.Update([]int64{6, 7, 3, 10, 0, 7}, []float64{50, 2, 60, 3, 70, 5})
	if err != nil || stale != 3 {
		t.Fatalf("%d stale, want 3: %v", stale, err)
	}
	for c, want := range map[int64]float64{7: 5, 8: 1, 9: 1, 10: 3} {
		if got := r.priorities.tree.Get(r.leaf(c)); got != want {
			t.Errorf("transition %d has %v, want %v", c, got, want)
		}
	}
	if r.priorities.highest != 5 {
		t.Errorf("the highest priority is %v, want 5: stale ones do not count", r.priorities.highest)
	}
}

// TestPrioritizedRows samples two members' rows of one batch: each has its own weights, as if alone.
func TestPrioritizedRows(t *testing.T) {
	r := prioritized(t, small, 15)
	s, whole := mustWindows(t, r, smallPrioritized, 6)
	if err := s.SetBeta(1); err != nil {
		t.Fatal(err)
	}
	_, alone := mustWindows(t, r, smallPrioritized, 3)
	for member := range 2 {
		for _, b := range []*Batch{whole.Rows(3*member, 3*member+3), alone} {
			if err := s.Sample(b, rand.New(rand.NewPCG(uint64(member), 0))); err != nil {
				t.Fatal(err)
			}
		}
		if got := whole.Rows(3*member, 3*member+3); fmt.Sprint(*got) != fmt.Sprint(*alone) {
			t.Errorf("the rows of member %d differ from its batch drawn alone", member)
		}
	}
}

func TestPrioritizedNoAllocation(t *testing.T) {
	r := prioritized(t, Options{Capacity: 1000, Lanes: 2, ObservationSize: 5}, 1500)
	s, b := mustWindows(t, r, smallPrioritized, 32)
	if err := s.SetBeta(0.5); err != nil {
		t.Fatal(err)
	}
	rng, priorities := rand.New(rand.NewPCG(1, 1)), make([]float64, 32)
	transition := Transition{Observation: make([]float32, 5), NextObservation: make([]float32, 5)}
	if n := testing.AllocsPerRun(200, func() {
		err := s.Sample(b, rng)
		if err == nil {
			_, err = s.Update(b.Indices, priorities)
		}
		if err == nil {
			err = r.Push(transition)
		}
		if err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("sampling, updating and pushing allocate %v times", n)
	}
}

// TestPrioritizedSnapshot continues pushing, sampling and updating on a ring and on its copy.
func TestPrioritizedSnapshot(t *testing.T) {
	for _, pushes := range []int{0, 1, 17, 39, 40, 41, 150} {
		r := prioritized(t, snapshotOptions, pushes)
		copied, err := ReadRing(snapshotOptions, bytes.NewReader(snapshotOf(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r, copied) {
			t.Fatalf("after %d pushes: the copy differs", pushes)
		}
		if a, b := goOn(t, r), goOn(t, copied); a != b {
			t.Errorf("after %d pushes: the copy draws other batches", pushes)
		}
		if _, err := copied.Windows(Window{Length: 1, End: EndPrioritized, Start: StartZero}); err == nil {
			t.Error("the copy has another alpha")
		}
	}
}

// goOn pushes, samples and updates, and returns what was drawn.
func goOn(t *testing.T, r *Ring) (drawn string) {
	t.Helper()
	m, rng := newModel(snapshotOptions), rand.New(rand.NewPCG(5, 5))
	s, b := mustWindows(t, r, smallPrioritized, 8)
	if err := s.SetBeta(0.7); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		if err := r.Push(m.push(len(m.all)%9 == 8, false)); err != nil {
			t.Fatal(err)
		}
		if err := s.Sample(b, rng); err != nil {
			t.Fatal(err)
		}
		drawn += fmt.Sprint(*b)
		for i := range b.Size {
			if _, err := s.Update(b.Indices[i:i+1], []float64{4 * rng.Float64()}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return drawn
}

// TestSnapshotVersion1 reads a file that the program wrote before there were priorities: it is the ring it
// was, writes itself as that does, and takes priorities.
func TestSnapshotVersion1(t *testing.T) {
	old, err := os.ReadFile("testdata/version1.snapshot")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadRing(small, bytes.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	want := filled(t, small, 15)
	if !bytes.Equal(snapshotOf(t, r), snapshotOf(t, want)) {
		t.Error("the ring writes another file than the one written")
	}
	if want.spare = nil; !reflect.DeepEqual(r, want) { // memory in reserve apart
		t.Error("the ring read is not the one written")
	}
	mustWindows(t, r, smallPrioritized, 1)
	if version := snapshotOf(t, r)[len(snapshotMagic)]; version != 2 {
		t.Errorf("with priorities the version is %d, want 2", version)
	}
}

// TestForgedPriorities writes snapshots that are whole but say what no ring can hold.
func TestForgedPriorities(t *testing.T) {
	for name, forge := range map[string]func(*priorities){
		"alpha 2":               func(p *priorities) { p.alpha = 2 },
		"alpha -1":              func(p *priorities) { p.alpha = -1 },
		"alpha NaN":             func(p *priorities) { p.alpha = math.NaN() },
		"highest priority +Inf": func(p *priorities) { p.highest = math.Inf(1) },
		"highest priority 0.5":  func(p *priorities) { p.highest = 0.5 },
		"priority 3 is 0":       func(p *priorities) { p.tree.Set(3, 0) },
		"priority 3 is NaN":     func(p *priorities) { p.tree.Set(3, math.NaN()) },
		"priority 5 is 100":     func(p *priorities) { p.tree.Set(5, 100) },
		"priority 0 is -1":      func(p *priorities) { p.tree.Set(0, -1) },
	} {
		t.Run(name, func(t *testing.T) {
			r := prioritized(t, small, 15)
			forge(r.priorities)
			if _, err := ReadRing(small, bytes.NewReader(snapshotOf(t, r))); err == nil ||
				!strings.Contains(err.Error(), name) {
				t.Errorf("%s: error %v", name, err)
			}
		})
	}
}
