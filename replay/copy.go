package replay

import (
	"fmt"
	"slices"
)

// CopyTo copies the ring into dst, whose memory is used again where it has room: a copy of memory, which is what a
// snapshot delays acting; the copy is then written to a file while acting continues. The samplers of dst, if
// it has any, see the copy.
func (r *Ring) CopyTo(dst *Ring) {
	old := *dst
	*dst = *r
	dst.lanes = append(old.lanes[:0], r.lanes...)
	dst.observations = append(old.observations[:0], r.observations...)
	dst.actions = append(old.actions[:0], r.actions...)
	dst.rewards = append(old.rewards[:0], r.rewards...)
	dst.flags = append(old.flags[:0], r.flags...)
	dst.episodes = append(old.episodes[:0], r.episodes...)
	dst.steps = append(old.steps[:0], r.steps...)
	dst.finals = append(old.finals[:0], r.finals...)
	dst.stateSlots = append(old.stateSlots[:0], r.stateSlots...)
	dst.ends, dst.spare = r.options.copyChunks(append(old.ends, old.spare...), r.ends), nil
	dst.newest = append(old.newest[:0], r.newest...)
	dst.states = append(old.states[:0], r.states...)
	if p := r.priorities; p != nil {
		copied := *p
		copied.tree = &sumTree{nodes: slices.Clone(p.tree.nodes), n: p.tree.n}
		dst.priorities = &copied
	}
}

// Adopt makes the ring what other is, which must not be used after. Both must have the same options and, if one has
// priorities, the same alpha. The ring's samplers continue with it.
func (r *Ring) Adopt(other *Ring) error {
	if r.options != other.options {
		return fmt.Errorf("replay: a ring of %+v cannot become one of %+v", r.options, other.options)
	}
	if p, q := r.priorities, other.priorities; (p == nil) != (q == nil) || p != nil && p.alpha != q.alpha {
		return fmt.Errorf("replay: a ring cannot become one with other priorities")
	}
	*r = *other
	return nil
}
