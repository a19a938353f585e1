package replay

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"engram/internal/boundstest"
)

// snapshotMemory bounds what reading a snapshot of a small ring and sampling from it allocates, whatever the file says.
const snapshotMemory = 4 << 20

// snapshotStart is where the header begins: after the magic and the version.
const snapshotStart = len(snapshotMagic) + 1

// FuzzSnapshot reads any bytes as a snapshot, as they are and with right checksums, as a forger would. A snapshot that
// is not refused is a ring that writes the same bytes again, except what it has forgotten, and that samples and
// continues.
func FuzzSnapshot(f *testing.F) {
	for _, r := range []*Ring{filled(f, small, 0), filled(f, small, 3), filled(f, small, 15), filled(f, small, 31),
		prioritized(f, small, 3), prioritized(f, small, 15)} {
		f.Add(snapshotOf(f, r), true)
		f.Add(snapshotOf(f, r)[:40], false)
		f.Add(withForgotten(r, snapshotOf(f, r), 7), true) // as earlier versions wrote values there
	}
	f.Fuzz(func(t *testing.T, data []byte, forged bool) {
		boundstest.Within(t, snapshotMemory, func() {
			if forged {
				data = withChecksums(data)
			}
			if r, err := ReadRing(small, bytes.NewReader(data)); err == nil {
				use(t, r, data)
			}
		})
	})
}

// withChecksums returns a snapshot of the ring small whose sections have the right checksums.
func withChecksums(data []byte) []byte {
	var h header
	sizes := []int{binary.Size(h)}
	if _, err := binary.Decode(data[min(snapshotStart, len(data)):], binary.LittleEndian, &h); err == nil &&
		h.options() == small {
		if r, err := h.ring(); err == nil {
			sizes = append(sizes, sectionSizes(r)...)
		}
	}
	out := bytes.Clone(data)
	at := snapshotStart
	for _, size := range sizes {
		if at+size+4 > len(out) {
			break
		}
		sum := newChecksum()
		sum.Write(out[at : at+size])
		binary.LittleEndian.PutUint32(out[at+size:], sum.Sum32())
		at += size + 4
	}
	return out
}

// withForgotten returns the snapshot of a ring with the given byte all over the episode ends that are no longer held.
func withForgotten(r *Ring, data []byte, b byte) []byte {
	held := map[int]bool{} // by place
	for e := r.oldestEnd; e < r.endCount; e++ {
		held[r.endSlot(e)] = true
	}
	each := map[string]int{"ends": 8, "final observations": 4 * r.options.ObservationSize} // bytes
	out, at := bytes.Clone(data), snapshotStart+binary.Size(header{})+4
	sizes := sectionSizes(r)
	for i, s := range r.sections() {
		if n := each[s.name]; n > 0 {
			for place := range sizes[i] / n {
				if !held[place] {
					copy(out[at+place*n:], bytes.Repeat([]byte{b}, n))
				}
			}
		}
		at += sizes[i] + 4
	}
	return withChecksums(out)
}

// sectionSizes returns the bytes of the sections after the header, those of priorities included.
func sectionSizes(r *Ring) (sizes []int) {
	counted := func(s section) int {
		var out bytes.Buffer
		if err := s.write(&out); err != nil {
			panic(err) // a buffer takes everything
		}
		return out.Len()
	}
	for _, s := range r.sections() {
		sizes = append(sizes, counted(s))
	}
	return append(sizes, binary.Size(priorityHeader{}), 8*r.Len())
}

// use samples from a ring in every way that it allows, and pushes on to it.
func use(t *testing.T, r *Ring, data []byte) {
	if !bytes.Equal(snapshotOf(t, r), withForgotten(r, data, 0)) {
		t.Error("what was read does not write itself again")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	ways := []Window{{Length: 2, End: EndUniform, Start: StartStored, BurnIn: 1},
		{Length: 3, End: EndEpisode, Start: StartZero}}
	if p := r.priorities; p != nil {
		ways = append(ways, Window{Length: 2, End: EndPrioritized, Start: StartZero, Alpha: p.alpha})
	}
	m := newModel(small)
	for range 3 * small.Capacity {
		for _, way := range ways {
			s, err := r.Windows(way)
			if err != nil {
				continue // prioritised windows ask for an alpha above 0
			}
			b, err := s.NewBatch(2)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Sample(b, rng); err != nil && r.Len() > 0 && way.End == EndUniform {
				t.Errorf("%+v: %v", way, err)
			}
		}
		if err := r.Push(m.push(rng.IntN(3) == 0, false)); err != nil && m.options.StateSize == 0 {
			t.Error(err)
		}
	}
}
