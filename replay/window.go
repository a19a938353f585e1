package replay

import "fmt"

// WindowEnd is the way in which the last transition of a window is drawn.
type WindowEnd string

// How the last transition of a window is drawn.
const (
	EndUniform WindowEnd = "uniform" // every transition held is equally likely
	// every episode held is equally likely; an unfinished one ends at its newest transition
	EndEpisode WindowEnd = "episode"
	// EndPrioritized draws a transition held with probability p^alpha / sum of all (Schaul et al. 2016). A new
	// one has the highest priority so far, 1 at first; Windows.Update sets others.
	EndPrioritized WindowEnd = "prioritized"
)

// Start is the recurrent state that a window starts from.
type Start string

// Which recurrent state a window starts from.
const (
	StartZero   Start = "zero"   // zero: true only where the window begins with its episode
	StartStored Start = "stored" // the stored state of the window's first step
)

// Window describes the windows to draw.
type Window struct {
	Length int       // transitions with loss, L
	BurnIn int       // transitions in front of them that only warm the state up
	End    WindowEnd // how the last transition is drawn
	Start  Start     // which state the window starts from
	Alpha  float64   // with EndPrioritized, how much priorities count: 0 (all are equal) to 1; one for a ring
	// Whole has only windows drawn that begin with their episode: none of an episode's steps from Length + BurnIn on
	// is an end. It goes with StartZero, which is then the true state.
	Whole bool
}

// Steps returns the number of transitions T that a row has room for, in a ring that stores states every stateEvery
// steps: L and burn-in and, with StartStored, the steps down to the nearest stored state.
func (w Window) Steps(stateEvery int) int {
	steps := w.Length + w.BurnIn
	if w.Start == StartStored && stateEvery > 0 {
		steps += stateEvery - 1
	}
	return steps
}

func (w Window) check(o Options) error {
	perLane := o.Capacity / o.Lanes
	switch {
	case w.Length < 1:
		return fmt.Errorf("replay: invalid window length %d: use 1 or more", w.Length)
	case w.BurnIn < 0:
		return fmt.Errorf("replay: invalid burn-in %d: use 0 or more", w.BurnIn)
	case w.Length > perLane || w.BurnIn > perLane-w.Length: // their sum may overflow
		return fmt.Errorf("replay: windows of %d and %d steps do not fit into a ring of %d per environment: use a "+
			"larger capacity or a shorter window", w.BurnIn, w.Length, perLane)
	case w.End != EndUniform && w.End != EndEpisode && w.End != EndPrioritized:
		return fmt.Errorf("replay: window end %q is unknown: use uniform, episode or prioritized", w.End)
	case !(w.Alpha >= 0 && w.Alpha <= 1):
		return fmt.Errorf("replay: invalid alpha %v: use 0 to 1", w.Alpha)
	case w.Alpha != 0 && w.End != EndPrioritized:
		return fmt.Errorf("replay: alpha %v with window end %q: only prioritized windows have one", w.Alpha, w.End)
	case w.Start != StartZero && w.Start != StartStored:
		return fmt.Errorf("replay: start %q is unknown: use zero or stored", w.Start)
	case w.Start == StartStored && o.StateEvery == 0:
		return fmt.Errorf("replay: start \"stored\" needs a ring that stores states: use state_every 1 or more")
	case w.Whole && w.Start != StartZero:
		return fmt.Errorf("replay: whole windows with start %q: only those that start from zero need to be whole",
			w.Start)
	}
	return nil
}

// mayEnd reports whether a window may end at transition last, which must be held. With StartZero it may not where the
// window's beginning was overwritten: what is left of it would start from zero in the middle of an episode.
func (r *Ring) mayEnd(w Window, last int64) bool {
	if w.Start != StartZero {
		return true
	}
	begin := max(0, int64(r.steps[r.slot(last)])-int64(w.Length+w.BurnIn)+1)
	return begin >= r.heldFrom(last) && !(w.Whole && begin > 0)
}

// heldFrom returns the first step in memory of the episode of transition c: 0, or later where its beginning was
// overwritten.
func (r *Ring) heldFrom(c int64) int64 {
	return max(0, int64(r.steps[r.slot(c)])-(c-r.firstInLane(c))/int64(r.options.Lanes))
}

// span is a window's place: transitions from first to last of one lane.
type span struct {
	first, last int64
	begin       int32 // step in its episode of the first transition
	steps       int   // transitions
	loss        int   // the last of them that have loss
}

// span places the window that ends at transition last, which must be in memory.
func (r *Ring) span(w Window, last int64) span {
	lanes := int64(r.options.Lanes)
	end := int64(r.steps[r.slot(last)])
	held := r.heldFrom(last)
	begin := max(held, end-int64(w.Length+w.BurnIn)+1)
	if every := int64(r.options.StateEvery); w.Start == StartStored && r.options.storesStates() {
		begin -= begin % every
		if begin < held {
			begin += every
		}
	}
	steps := int(end-begin) + 1
	return span{first: last - (end-begin)*lanes, last: last, begin: int32(begin), steps: steps,
		loss: min(w.Length, steps)}
}
