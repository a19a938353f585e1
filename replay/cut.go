package replay

import "slices"

// Cut ends the episode of a lane where it stands, if it has begun: its newest transition counts as truncated, so that
// no window crosses from it to what is pushed next. Cut lanes between two rounds of Push.
func (r *Ring) Cut(lane int) {
	l := &r.lanes[lane]
	if l.Step == 0 {
		return
	}
	newest := r.count - 1
	for int(newest%int64(r.options.Lanes)) != lane {
		newest--
	}
	later := r.takeEndsAfter(newest) // ends are kept in the order of their transitions
	r.flags[r.slot(newest)] |= truncated
	r.endEpisode(newest, r.slot(newest), r.newestObservation(lane))
	for _, e := range slices.Backward(later) {
		r.endEpisode(e.transition, r.slot(e.transition), e.final)
	}
	l.Step = 0
}

// end is an episode's end.
type end struct {
	transition int64
	final      []float32
}

// takeEndsAfter removes the ends after a transition and returns them, the newest first.
func (r *Ring) takeEndsAfter(transition int64) (taken []end) {
	for r.endCount > r.oldestEnd && r.endAt(r.endCount-1) > transition {
		place := r.endSlot(r.endCount - 1)
		taken = append(taken, end{r.endAt(r.endCount - 1), slices.Clone(r.finalObservation(place))})
		r.clearEnd(place)
		r.endCount--
	}
	return taken
}
