package replay

import (
	"errors"
	"fmt"
	"math"
)

// DefaultCapacity is the number of transitions that a ring holds by default. With observations of 20 numbers, no stored
// states and episodes of 10 steps that is less than 6 MB; were every step an episode, 10 MB.
const DefaultCapacity = 50_000

// maxBytes bounds a ring's memory, so that a slip of units or a forged snapshot is an error.
const maxBytes = 1 << 34

// ErrEmpty is returned by Sample if the ring holds nothing to draw from.
var ErrEmpty = errors.New("the replay buffer holds nothing to draw from: act first, then sample")

// Options shape a Ring.
type Options struct {
	Capacity        int // transitions held, over all lanes
	Lanes           int // environments in lockstep, N
	ObservationSize int // numbers in an observation, O
	StateSize       int // numbers in a recurrent state, S; 0 where none are stored
	StateEvery      int // steps of an episode from one stored state to the next; 0: none are stored
}

// Check returns an error where no ring can be made with the options, or where it would take too much memory.
func (o Options) Check() error {
	switch {
	case o.Lanes < 1:
		return fmt.Errorf("replay: invalid number of lanes %d: use 1 or more", o.Lanes)
	case o.Capacity < o.Lanes:
		return fmt.Errorf("replay: capacity %d is smaller than the %d lanes: use a larger one", o.Capacity, o.Lanes)
	case o.ObservationSize < 1:
		return fmt.Errorf("replay: invalid observation size %d: use 1 or more", o.ObservationSize)
	case o.StateSize < 0 || o.StateEvery < 0:
		return fmt.Errorf("replay: invalid state size %d every %d steps: use 0 or more", o.StateSize,
			o.StateEvery)
	case max(o.Capacity, o.ObservationSize, o.StateSize, o.StateEvery) > maxBytes: // beyond, sums of them may overflow
		return fmt.Errorf("replay: capacity %d, with observations of %d and states of %d numbers every %d steps, "+
			"would take more than %.1f GB: use smaller ones",
			o.Capacity, o.ObservationSize, o.StateSize, o.StateEvery, maxBytes/1e9)
	}
	if bytes := o.bytes(); bytes > maxBytes {
		return fmt.Errorf("replay: capacity %d would take %.1f GB: use a smaller one, or store states less often",
			o.Capacity, bytes/1e9)
	}
	return nil
}

// storesStates reports whether the ring stores recurrent states.
func (o Options) storesStates() bool { return o.StateEvery > 0 && o.StateSize > 0 }

// laneSlots returns the number of transitions of a lane kept in memory: its part of the capacity and, where states are
// stored, as many more as it takes to find a stored state at or before each of the oldest transitions.
func (o Options) laneSlots() int {
	slots := (o.Capacity + o.Lanes - 1) / o.Lanes
	if o.storesStates() {
		slots += o.StateEvery - 1
	}
	return slots
}

// slots returns the number of transitions kept in memory.
func (o Options) slots() int { return o.Lanes * o.laneSlots() }

// stateSlots returns the largest number of stored states of the transitions kept: in a lane they lie
// StateEvery transitions or more apart.
func (o Options) stateSlots() int {
	if !o.storesStates() {
		return 0
	}
	return o.slots()/o.StateEvery + o.Lanes
}

// MostBytes returns the most memory that a ring takes, with priorities or without.
func (o Options) MostBytes(prioritized bool) float64 {
	if prioritized {
		return o.bytes() + o.priorityBytes()
	}
	return o.bytes()
}

// bytes returns the most memory that a ring takes, in floating point, so that invalid options do not overflow.
func (o Options) bytes() float64 { return o.bytesWith(o.chunks()) }

// bytesWith returns the memory that a ring takes with a number of chunks of episode ends.
func (o Options) bytesWith(chunks int) float64 {
	const perTransition = 4 + 4 + 1 + 8 + 4 + 4 // action, reward, flags, episode, step, final
	slots, observation := float64(o.Lanes)*float64(o.laneSlots()), 4*float64(o.ObservationSize)
	bytes := slots*(perTransition+observation) + o.endBytes(chunks) + float64(o.Lanes)*observation
	if o.storesStates() {
		states := math.Floor(slots/float64(o.StateEvery)) + float64(o.Lanes)
		bytes += 4*slots + 4*float64(o.StateSize)*states
	}
	return bytes
}

// Transition is one step of acting. The ring copies it.
type Transition struct {
	Observation     []float32 // that the action answered, [O]
	Action          int32
	Reward          float32
	Terminated      bool      // the episode ended by itself
	Truncated       bool      // the episode was cut by a time limit
	EndsReturn      bool      // no return bootstraps from what follows, though the episode may continue
	NextObservation []float32 // after the action, [O]; of this episode also where it ended
	// State is the recurrent state with which Observation was met, [S]: needed where WantsState says so.
	State []float32
}

// Ring holds the newest transitions of N environments that act in lockstep. A lane's transitions lie behind
// each other, so that a window is a copy of one piece of memory, or of two. It is not safe for concurrent use.
type Ring struct {
	options   Options
	laneSlots int
	count     int64  // transitions pushed so far
	lanes     []lane // [N]

	observations []float32 // [slots, O]
	actions      []int32   // [slots]
	rewards      []float32 // [slots]
	flags        []uint8   // [slots]
	episodes     []int64   // [slots] id of the episode
	steps        []int32   // [slots] step in the episode
	finals       []int32   // [slots] where the episode ended: the end's place in ends
	stateSlots   []int32   // [slots] where a state is stored: its slot

	// episode end number e lies in place e mod capacity; chunks have memory while ends of theirs are held
	ends  []endChunk
	spare []endChunk // memory of chunks that were dropped

	endCount  int64 // episode ends so far
	oldestEnd int64 // number of the oldest end whose transition is held

	newest []float32 // [N, O] observation after the newest transition of each lane

	states     []float32 // [stateSlots, S]
	stateCount int64     // states stored so far

	episodeCount int64 // episodes begun so far

	priorities *priorities // nil until prioritised windows are asked for
}

// lane is where an environment stands. Its fields are exported to be written to snapshots.
type lane struct {
	Episode int64 // id of the unfinished episode
	Step    int32 // of its next transition; 0: it has none yet
}

// What flags says of a transition.
const (
	terminated uint8 = 1 << iota
	truncated
	endsReturn

	endsEpisode = terminated | truncated
)

// NewRing makes an empty ring. It allocates its memory at once, except that of episode ends.
func NewRing(o Options) (*Ring, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	slots := o.slots()
	r := &Ring{
		options:      o,
		laneSlots:    o.laneSlots(),
		lanes:        make([]lane, o.Lanes),
		observations: make([]float32, slots*o.ObservationSize),
		actions:      make([]int32, slots),
		rewards:      make([]float32, slots),
		flags:        make([]uint8, slots),
		episodes:     make([]int64, slots),
		steps:        make([]int32, slots),
		finals:       make([]int32, slots),
		ends:         make([]endChunk, o.chunks()),
		newest:       make([]float32, o.Lanes*o.ObservationSize),
	}
	if o.storesStates() {
		r.stateSlots = make([]int32, slots)
		r.states = make([]float32, o.stateSlots()*o.StateSize)
	}
	return r, nil
}

// Options returns the options that the ring was made with.
func (r *Ring) Options() Options { return r.options }

// Bytes returns the memory of the ring's arrays.
func (r *Ring) Bytes() int {
	held := len(r.spare)
	for _, c := range r.ends {
		if c.transitions != nil {
			held++
		}
	}
	bytes := r.options.bytesWith(held)
	if r.priorities != nil {
		bytes += r.options.priorityBytes()
	}
	return int(bytes)
}

// Len returns the number of transitions held, at most the capacity.
func (r *Ring) Len() int { return int(min(r.count, int64(r.options.Capacity))) }

// Count returns the number of transitions pushed so far.
func (r *Ring) Count() int64 { return r.count }

// Episodes returns the number of episodes whose newest transition is held, finished or not.
func (r *Ring) Episodes() int {
	open := 0
	for _, l := range r.lanes {
		if l.Step > 0 {
			open++
		}
	}
	return int(r.endCount-r.oldestEnd) + open
}

// WantsState reports whether the next transition of a lane must bring its recurrent state. The state at an
// episode's beginning is zero and not stored.
func (r *Ring) WantsState(lane int) bool {
	step := r.lanes[lane].Step
	return r.options.storesStates() && step > 0 && int(step)%r.options.StateEvery == 0
}

// Push adds the next transition: lane by lane, in order, again and again. It overwrites the oldest one where
// the ring is full. Wrong sizes are an error and change nothing.
func (r *Ring) Push(t Transition) error {
	n := int(r.count % int64(r.options.Lanes))
	if err := r.checkTransition(n, t); err != nil {
		return err
	}
	r.forgetEnds(r.count + 1 - int64(r.options.Capacity))
	slot := r.slot(r.count)
	l := &r.lanes[n]
	if l.Step == 0 {
		l.Episode = r.episodeCount
		r.episodeCount++
	}
	copy(r.observation(slot), t.Observation)
	r.actions[slot], r.rewards[slot] = t.Action, t.Reward
	r.episodes[slot], r.steps[slot] = l.Episode, l.Step
	r.flags[slot] = flagsOf(t)
	if r.WantsState(n) {
		r.storeState(slot, t.State)
	}
	copy(r.newestObservation(n), t.NextObservation)
	l.Step = r.options.stepAfter(l.Step)
	if t.Terminated || t.Truncated {
		r.endEpisode(r.count, slot, t.NextObservation)
		l.Step = 0
	}
	if p := r.priorities; p != nil {
		p.tree.Set(r.leaf(r.count), p.highest)
	}
	r.count++
	return nil
}

// stepAfter returns the number of the step after one. An episode of 2^31 steps and more is counted on from a smaller
// number, which leaves the steps at which states are stored as they are and is larger than what a lane holds: so no
// window takes it for the beginning.
func (o Options) stepAfter(step int32) int32 {
	if step < math.MaxInt32 {
		return step + 1
	}
	every := int64(1)
	if o.storesStates() {
		every = int64(o.StateEvery)
	}
	const next = math.MaxInt32 + 1
	return int32(next - (next-int64(o.laneSlots()))/every*every)
}

func (r *Ring) checkTransition(lane int, t Transition) error {
	o := r.options
	if len(t.Observation) != o.ObservationSize || len(t.NextObservation) != o.ObservationSize {
		return fmt.Errorf("replay: observations of %d and %d numbers pushed to a ring of %d", len(t.Observation),
			len(t.NextObservation), o.ObservationSize)
	}
	if r.WantsState(lane) && len(t.State) != o.StateSize {
		return fmt.Errorf("replay: a state of %d numbers pushed where one of %d is to be stored", len(t.State),
			o.StateSize)
	}
	return nil
}

func flagsOf(t Transition) (flags uint8) {
	if t.Terminated {
		flags |= terminated
	}
	if t.Truncated {
		flags |= truncated
	}
	if t.EndsReturn {
		flags |= endsReturn
	}
	return flags
}

func (r *Ring) storeState(slot int, state []float32) {
	at := int(r.stateCount % int64(r.options.stateSlots()))
	copy(r.state(at), state)
	r.stateSlots[slot] = int32(at)
	r.stateCount++
}

// oldest returns the number of the oldest transition held.
func (r *Ring) oldest() int64 { return r.count - int64(r.Len()) }

// firstInLane returns the number of the oldest transition in memory of the lane of transition c.
func (r *Ring) firstInLane(c int64) int64 {
	lanes := int64(r.options.Lanes)
	lane := c % lanes
	inLane := (r.count - lane + lanes - 1) / lanes // transitions of the lane so far
	return lane + lanes*max(0, inLane-int64(r.laneSlots))
}

// slot returns the place of transition number c in the arrays.
func (r *Ring) slot(c int64) int {
	lanes := int64(r.options.Lanes)
	return int(c%lanes)*r.laneSlots + int(c/lanes%int64(r.laneSlots))
}

func (r *Ring) observation(slot int) []float32 {
	return row(r.observations, slot, r.options.ObservationSize)
}
func (r *Ring) newestObservation(lane int) []float32 {
	return row(r.newest, lane, r.options.ObservationSize)
}
func (r *Ring) state(slot int) []float32 { return row(r.states, slot, r.options.StateSize) }

// row returns row i of a matrix with the given number of columns.
func row(matrix []float32, i, columns int) []float32 { return matrix[i*columns : (i+1)*columns] }
