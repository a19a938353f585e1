package replay

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// model is the naive replay buffer: every transition ever pushed, in a list per lane, and windows found by
// looking at all of them. Payloads are counters, so that a misplaced number shows.
type model struct {
	options Options
	all     []pushed
	episode []int64 // [N] id of each lane's episode
	step    []int   // [N]
	next    int64   // id of the next episode

	wholeReturns bool // no return ends before its episode

	priority []float64 // of every transition, not raised to alpha
	highest  float64   // priority so far
}

type pushed struct {
	episode    int64
	step, lane int
	transition Transition
}

func newModel(o Options) *model {
	return &model{options: o, episode: make([]int64, o.Lanes), step: make([]int, o.Lanes), highest: 1}
}

// observation returns observation c of the counter payload, which transition c answers.
func (m *model) observation(c int) []float32 {
	ob := make([]float32, m.options.ObservationSize)
	for i := range ob {
		ob[i] = float32(2*c + 1 + 1_000_000*i)
	}
	return ob
}

func (m *model) state(c int) []float32 {
	state := make([]float32, m.options.StateSize)
	for i := range state {
		state[i] = float32(c) + 0.5
	}
	return state
}

// push makes the next transition, notes it and returns it.
func (m *model) push(terminated, truncated bool) Transition {
	c := len(m.all)
	lane := c % m.options.Lanes
	t := Transition{Observation: m.observation(c), Action: int32(c % 7), Reward: float32(c), Terminated: terminated,
		Truncated: truncated, EndsReturn: !m.wholeReturns && c%5 == 3,
		NextObservation: m.observation(c + m.options.Lanes), State: m.state(c)}
	if terminated || truncated {
		for i := range t.NextObservation {
			t.NextObservation[i]++ // a final observation that no transition answers
		}
	}
	if m.step[lane] == 0 {
		m.episode[lane] = m.next
		m.next++
	}
	m.priority = append(m.priority, m.highest)
	m.all = append(m.all, pushed{m.episode[lane], m.step[lane], lane, t})
	m.step[lane]++
	if terminated || truncated {
		m.step[lane] = 0
	}
	return t
}

// held returns the number of the oldest transition that may be an end.
func (m *model) held() int { return max(0, len(m.all)-m.options.Capacity) }

// window returns the transitions of the window that ends at last, and how many of them have loss.
func (m *model) window(w Window, last int) (members []int, loss int) {
	memory := (m.options.Capacity + m.options.Lanes - 1) / m.options.Lanes // transitions of a lane
	if m.options.StateEvery > 0 && m.options.StateSize > 0 {
		memory += m.options.StateEvery - 1
	}
	newer := 0
	for c := len(m.all) - 1; c >= 0; c-- {
		if m.all[c].lane != m.all[last].lane {
			continue
		}
		if newer++; newer <= memory && c <= last && m.all[c].episode == m.all[last].episode {
			members = append(members, c)
		}
	}
	slices.Reverse(members)
	wanted := max(0, len(members)-w.Length-w.BurnIn)
	if w.Start == StartStored {
		wanted = m.nearestKept(members, wanted)
	}
	members = members[wanted:]
	return members, min(w.Length, len(members))
}

// nearestKept returns the position at or before wanted whose state is known, or else the first one after.
func (m *model) nearestKept(members []int, wanted int) int {
	known := func(i int) bool { return m.all[members[i]].step%m.options.StateEvery == 0 }
	for i := wanted; i >= 0; i-- {
		if known(i) {
			return i
		}
	}
	for i := wanted; i < len(members); i++ {
		if known(i) {
			return i
		}
	}
	panic("no known state: the ring promises one")
}

// ends returns the transitions that may end a window, each once.
func (m *model) ends(w Window) (ends []int) {
	for c := m.held(); c < len(m.all); c++ {
		t := m.all[c]
		newest := c+m.options.Lanes >= len(m.all)
		if w.End == EndEpisode && !t.transition.Terminated && !t.transition.Truncated && !newest {
			continue
		}
		if w.Start != StartZero || m.isTrue(w, c) {
			ends = append(ends, c)
		}
	}
	return ends
}

// isTrue reports whether the window that ends at last has all its steps, and those of a whole one the episode's first.
func (m *model) isTrue(w Window, last int) bool {
	members, _ := m.window(w, last)
	first := m.all[members[0]].step
	return first == 0 || len(members) == w.Length+w.BurnIn && !w.Whole
}

// compare compares row i of a batch with the model's window that ends at last.
func (m *model) compare(b *Batch, i int, w Window, last int) error {
	members, loss := m.window(w, last)
	pad := b.Steps - len(members)
	o, s := m.options.ObservationSize, m.options.StateSize
	end := m.all[last]
	first := m.all[members[0]]
	start := make([]float32, s)
	if w.Start == StartStored && first.step > 0 {
		start = first.transition.State
	}
	if !slices.Equal(b.Start[i*s:(i+1)*s], start) {
		return fmt.Errorf("start state %v, want %v", b.Start[i*s:(i+1)*s], start)
	}
	if int(b.Lengths[i]) != loss || int(b.FirstSteps[i]) != first.step || b.Episodes[i] != end.episode ||
		int(b.Indices[i]) != last {
		return fmt.Errorf("length %d, first step %d, episode %d, index %d; want %d, %d, %d, %d",
			b.Lengths[i], b.FirstSteps[i], b.Episodes[i], b.Indices[i], loss, first.step, end.episode, last)
	}
	for t := 0; t <= b.Steps; t++ {
		valid, observation := float32(0), make([]float32, o)
		if t == b.Steps {
			valid, observation = 1, end.transition.NextObservation
		} else if t >= pad {
			valid, observation = 1, m.all[members[t-pad]].transition.Observation
		}
		at := i*(b.Steps+1) + t
		if b.Valid[at] != valid || !slices.Equal(b.Observations[at*o:(at+1)*o], observation) {
			return fmt.Errorf("step %d: valid %v, observation %v, want %v, %v", t, b.Valid[at],
				b.Observations[at*o:(at+1)*o], valid, observation)
		}
	}
	for t := range b.Steps {
		var want Transition
		var discount, mask float32
		if t >= pad {
			want, discount = m.all[members[t-pad]].transition, 1
			if want.Terminated || want.EndsReturn {
				discount = 0
			}
			if t >= b.Steps-loss {
				mask = 1
			}
		}
		at := i*b.Steps + t
		if b.Actions[at] != want.Action || b.Rewards[at] != want.Reward || b.Discounts[at] != discount ||
			b.LossMask[at] != mask {
			return fmt.Errorf("step %d: action %d, reward %v, discount %v, loss %v; want %d, %v, %v, %v", t,
				b.Actions[at], b.Rewards[at], b.Discounts[at], b.LossMask[at], want.Action, want.Reward, discount, mask)
		}
	}
	return nil
}

// compareAll compares every window that may be drawn, and what the ring says of itself.
func (m *model) compareAll(r *Ring, w Window, b *Batch) error {
	if r.Len() != min(len(m.all), m.options.Capacity) || int(r.Count()) != len(m.all) {
		return fmt.Errorf("holds %d of %d, want %d of %d", r.Len(), r.Count(), min(len(m.all), m.options.Capacity),
			len(m.all))
	}
	if episodes := len(m.ends(Window{End: EndEpisode})); r.Episodes() != episodes {
		return fmt.Errorf("%d episodes, want %d", r.Episodes(), episodes)
	}
	for c := m.held(); c < len(m.all); c++ {
		r.Window(w, int64(c), b, c%b.Size)
		if b.Weights[c%b.Size] != 1 {
			return fmt.Errorf("weight %v of a window that was not drawn, want 1", b.Weights[c%b.Size])
		}
		if err := m.compare(b, c%b.Size, w, c); err != nil {
			return fmt.Errorf("after %d pushes, window ending at %d: %w", len(m.all), c, err)
		}
	}
	return nil
}

// dirty fills a batch with numbers that no window has, so that what is not written shows.
func dirty(b *Batch) {
	for _, array := range [][]float32{b.Observations, b.Valid, b.Rewards, b.Discounts, b.LossMask, b.Start, b.Weights} {
		for i := range array {
			array[i] = -77
		}
	}
	for i := range b.Actions {
		b.Actions[i] = -77
	}
}

// randomEnds draws the flags of a transition: an episode ends with probability 1/mean or at length 3*mean.
func (m *model) randomEnds(rng *rand.Rand, mean int) (terminated, truncated bool) {
	lane := len(m.all) % m.options.Lanes
	if rng.IntN(mean) > 0 && m.step[lane]+1 < 3*mean {
		return false, false
	}
	kind := rng.IntN(3)
	return kind != 1, kind != 0
}

// update notes priorities, and returns how many are of transitions held no longer.
func (m *model) update(indices []int64, priorities []float64) (stale int) {
	for i, c := range indices {
		if int(c) < m.held() {
			stale++
			continue
		}
		m.priority[c] = max(priorities[i], PriorityFloor)
		m.highest = max(m.highest, m.priority[c])
	}
	return stale
}

// probabilities returns the probabilities of the transitions held, from the oldest on.
func (m *model) probabilities(alpha float64) []float64 {
	p, sum := []float64(nil), 0.0
	for _, priority := range m.priority[m.held():] {
		p = append(p, math.Pow(priority, alpha))
		sum += p[len(p)-1]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// comparePriorities compares the probabilities that the ring's tree means.
func (m *model) comparePriorities(r *Ring) error {
	tree := r.priorities.tree
	sum := 0.0
	for i, want := range m.probabilities(r.priorities.alpha) {
		c := m.held() + i
		value := tree.Get(c % m.options.Capacity)
		if got := value / tree.Total(); math.Abs(got-want) > 1e-12 {
			return fmt.Errorf("transition %d has probability %v, want %v", c, got, want)
		}
		sum += value
	}
	if math.Abs(sum/tree.Total()-1) > 1e-12 {
		return fmt.Errorf("the priorities held sum up to %v, all to %v", sum, tree.Total())
	}
	return nil
}

// compareDrawn compares every row of a batch with the window that it says it is; it must end where one may.
func (m *model) compareDrawn(b *Batch, w Window) error {
	for i, c := range b.Indices {
		if int(c) < m.held() || int(c) >= len(m.all) {
			return fmt.Errorf("drew transition %d, held are %d to %d", c, m.held(), len(m.all)-1)
		}
		if !slices.Contains(m.ends(w), int(c)) {
			return fmt.Errorf("drew transition %d, at which no window of %+v may end", c, w)
		}
		if err := m.compare(b, i, w, int(c)); err != nil {
			return fmt.Errorf("window ending at %d: %w", c, err)
		}
	}
	return nil
}

// compareWeights compares a batch's weights with their formula.
func (m *model) compareWeights(b *Batch, alpha, beta float64) error {
	p, largest := m.probabilities(alpha), 0.0
	weight := func(c int64) float64 { return math.Pow(float64(len(p))*p[int(c)-m.held()], -beta) }
	for _, c := range b.Indices {
		largest = max(largest, weight(c))
	}
	for i, c := range b.Indices {
		if want := weight(c) / largest; math.Abs(float64(b.Weights[i])-want) > 1e-6 {
			return fmt.Errorf("weight of transition %d is %v, want %v", c, b.Weights[i], want)
		}
	}
	return nil
}
