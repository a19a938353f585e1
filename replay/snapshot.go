package replay

import (
	"bufio"
	"fmt"
	"io"
)

// A snapshot is the magic and a version, then sections: the arrays, little-endian, each followed by its CRC-32C.
// The first section, the header, gives the lengths of all others. A ring without priorities is written as
// version 1; version 2 is the same, followed by the priorities. Both are read.
const (
	snapshotMagic           = "ENGRAM-REPLAY"
	versionPlain       byte = 1
	versionPrioritized byte = 2
)

// header describes a ring.
type header struct {
	Capacity, Lanes, ObservationSize, StateSize, StateEvery int64
	Count, EndCount, OldestEnd, StateCount, EpisodeCount    int64
}

// WriteTo streams a snapshot, from which ReadRing makes an equal ring. It implements io.WriterTo.
func (r *Ring) WriteTo(w io.Writer) (int64, error) {
	out := newSectionWriter(w)
	out.bytes(append([]byte(snapshotMagic), r.version()))
	out.section(values("header", []header{r.header()}))
	for _, s := range r.sections() {
		out.section(s)
	}
	if p := r.priorities; p != nil {
		out.section(values("priority header", []priorityHeader{{p.alpha, p.highest}}))
		out.section(r.prioritySection())
	}
	n, err := out.close()
	if err != nil {
		err = fmt.Errorf("replay: the snapshot could not be written: %w", err)
	}
	return n, err
}

// ReadRing reads a snapshot of a ring that was made with the given options. One of another ring is refused before
// memory is taken, so that a file takes no more than the ring; a truncated or altered one is refused with the section
// named.
func ReadRing(o Options, source io.Reader) (*Ring, error) {
	in := newSectionReader(bufio.NewReaderSize(source, chunkElements))
	version, err := in.magic()
	if err != nil {
		return nil, err
	}
	h := make([]header, 1)
	if err := in.section(values("header", h)); err != nil {
		return nil, err
	}
	if there := h[0].options(); there != o {
		return nil, fmt.Errorf("replay: the snapshot is of a ring of %+v, not of %+v", there, o)
	}
	r, err := h[0].ring()
	if err != nil {
		return nil, err
	}
	for _, s := range r.sections() {
		if err := in.section(s); err != nil {
			return nil, err
		}
	}
	r.clearForgotten()
	if version == versionPrioritized {
		if err := r.readPriorities(in); err != nil {
			return nil, err
		}
	}
	if err := in.end(); err != nil {
		return nil, err
	}
	if err := r.checkReferences(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Ring) header() header {
	o := r.options
	return header{
		Capacity: int64(o.Capacity), Lanes: int64(o.Lanes), ObservationSize: int64(o.ObservationSize),
		StateSize: int64(o.StateSize), StateEvery: int64(o.StateEvery),
		Count: r.count, EndCount: r.endCount, OldestEnd: r.oldestEnd, StateCount: r.stateCount,
		EpisodeCount: r.episodeCount,
	}
}

func (h header) options() Options {
	return Options{Capacity: int(h.Capacity), Lanes: int(h.Lanes), ObservationSize: int(h.ObservationSize),
		StateSize: int(h.StateSize), StateEvery: int(h.StateEvery)}
}

// ring returns the ring that a header describes, with zero arrays.
func (h header) ring() (*Ring, error) {
	r, err := NewRing(h.options())
	if err != nil {
		return nil, fmt.Errorf("%w (says the snapshot's header)", err)
	}
	r.count, r.endCount, r.oldestEnd = h.Count, h.EndCount, h.OldestEnd
	r.stateCount, r.episodeCount = h.StateCount, h.EpisodeCount
	held := r.endCount - r.oldestEnd
	const most = 1 << 62 // of transitions, to which more can be added
	if r.count < 0 || r.count > most || r.oldestEnd < 0 || held < 0 || held > int64(r.options.Capacity) ||
		r.endCount > r.count ||
		r.stateCount < 0 || r.stateCount > r.count || r.episodeCount < r.endCount || r.episodeCount > r.count {
		return nil, fmt.Errorf("replay: the snapshot's header contradicts itself")
	}
	r.needChunks()
	return r, nil
}

// sections returns the arrays in the order of the file, of episode ends and states the part in use.
func (r *Ring) sections() []section {
	var (
		ends   = int(min(r.endCount, int64(r.options.Capacity)))
		each   = r.options.endsIn()
		o      = r.options.ObservationSize
		states = min(r.stateCount, int64(r.options.stateSlots()))
	)
	return []section{
		values("lanes", r.lanes),
		values("observations", r.observations),
		values("actions", r.actions),
		values("rewards", r.rewards),
		values("flags", r.flags),
		values("episodes", r.episodes),
		values("steps", r.steps),
		values("finals", r.finals),
		values("ends", parts(r.ends, each, ends, func(c endChunk) []int64 { return c.transitions })...),
		values("final observations",
			parts(r.ends, each*o, ends*o, func(c endChunk) []float32 { return c.observations })...),
		values("newest observations", r.newest),
		values("state slots", r.stateSlots),
		values("states", r.states[:states*int64(r.options.StateSize)]),
	}
}

// checkReferences refuses numbers that would lead out of the arrays, which a checksum cannot see in a snapshot
// that was made so.
func (r *Ring) checkReferences() error {
	if err := r.checkLanes(); err != nil {
		return err
	}
	for slot := range r.steps {
		if r.steps[slot] < 0 || r.finals[slot] < 0 || int(r.finals[slot]) >= r.options.Capacity {
			return fmt.Errorf("replay: the snapshot's transition in slot %d contradicts its header", slot)
		}
		if len(r.stateSlots) > 0 && (r.stateSlots[slot] < 0 || int(r.stateSlots[slot]) >= r.options.stateSlots()) {
			return fmt.Errorf("replay: the snapshot's stored state of slot %d contradicts its header", slot)
		}
	}
	for e := r.oldestEnd; e < r.endCount; e++ {
		if end := r.endAt(e); end < r.oldest() || end >= r.count {
			return fmt.Errorf("replay: the snapshot's episode end %d contradicts its header", e)
		}
	}
	for c := r.oldest(); c < r.count; c++ {
		if slot := r.slot(c); r.flags[slot]&endsEpisode != 0 && !r.holdsEnd(int64(r.finals[slot]), c) {
			return fmt.Errorf("replay: the snapshot's transition %d ends an episode that is not held", c)
		}
	}
	return nil
}

// holdsEnd reports whether the episode end in a place is held and is that of a transition.
func (r *Ring) holdsEnd(place, transition int64) bool {
	capacity := int64(r.options.Capacity)
	e := r.oldestEnd + (place-r.oldestEnd%capacity+capacity)%capacity
	return e < r.endCount && r.endAt(e) == transition
}

// checkLanes refuses lanes that do not follow their newest transition, and transitions without an episode
// that could be drawn.
func (r *Ring) checkLanes() error {
	for n, l := range r.lanes {
		if l.Step < 0 || l.Step > 0 &&
			(int64(n) >= r.count || r.options.stepAfter(r.steps[r.slot(r.newestOf(n))]) != l.Step) {
			return fmt.Errorf("replay: the snapshot's lane %d contradicts its transitions", n)
		}
	}
	if r.count > 0 && r.Episodes() == 0 {
		return fmt.Errorf("replay: the snapshot's transitions belong to no episode")
	}
	return nil
}

// priorityHeader describes the priorities of a ring.
type priorityHeader struct{ Alpha, Highest float64 }

func (r *Ring) version() byte {
	if r.priorities != nil {
		return versionPrioritized
	}
	return versionPlain
}

// prioritySection returns the section of the priorities in use. The sums of the tree are computed after reading.
func (r *Ring) prioritySection() section {
	return values("priorities", r.priorities.tree.values()[:r.Len()])
}

// readPriorities reads what version 2 has after version 1, and refuses what would draw transitions that are
// not held, or none.
func (r *Ring) readPriorities(in *sectionReader) error {
	headers := make([]priorityHeader, 1)
	if err := in.section(values("priority header", headers)); err != nil {
		return err
	}
	h := headers[0]
	if !(h.Alpha >= 0 && h.Alpha <= 1 && h.Highest >= 1 && h.Highest <= PriorityCeiling) {
		return fmt.Errorf("replay: invalid alpha %v or highest priority %v in the snapshot", h.Alpha, h.Highest)
	}
	if err := r.newPriorities(h.Alpha, h.Highest); err != nil {
		return err
	}
	if err := in.section(r.prioritySection()); err != nil {
		return err
	}
	for i, value := range r.priorities.tree.values()[:r.Len()] {
		if !(value > 0 && value <= h.Highest) {
			return fmt.Errorf("replay: the snapshot's priority %d is %v, which does not lie above 0 to %v", i, value,
				h.Highest)
		}
	}
	r.priorities.tree.add()
	return nil
}
