package replay

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

var snapshotOptions = Options{Capacity: 40, Lanes: 2, ObservationSize: 3, StateSize: 4, StateEvery: 3}

func snapshotOf(t testing.TB, r *Ring) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := r.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("wrote %d bytes, said %d: %v", out.Len(), n, err)
	}
	return out.Bytes()
}

// TestSnapshot pushes to and samples from a ring and its copy: they must stay equal.
func TestSnapshot(t *testing.T) {
	for _, pushes := range []int{0, 1, 17, 39, 40, 41, 150} {
		r := filled(t, snapshotOptions, pushes)
		copied, err := ReadRing(snapshotOptions, bytes.NewReader(snapshotOf(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r, copied) {
			t.Fatalf("after %d pushes: the copy differs", pushes)
		}
		var drawn [2]string
		for i, ring := range []*Ring{r, copied} {
			m := newModel(snapshotOptions)
			s, b := mustWindows(t, ring, Window{Length: 4, BurnIn: 1, End: EndEpisode, Start: StartStored}, 8)
			for range 20 {
				if err := ring.Push(m.push(len(m.all)%9 == 8, false)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Sample(b, rand.New(rand.NewPCG(5, 5))); err != nil {
				t.Fatal(err)
			}
			drawn[i] = fmt.Sprint(*b)
		}
		if drawn[0] != drawn[1] {
			t.Errorf("after %d pushes: the copy draws another batch", pushes)
		}
	}
}

// small has every section of a snapshot; it is full after 6 pushes.
var small = Options{Capacity: 6, Lanes: 2, ObservationSize: 1, StateSize: 1, StateEvery: 2}

// TestSnapshotRefused alters and cuts a snapshot at every byte.
func TestSnapshotRefused(t *testing.T) {
	refused(t, snapshotOf(t, filled(t, small, 15)), "states")
	refused(t, snapshotOf(t, prioritized(t, small, 15)), "priorities")
}

func refused(t *testing.T, good []byte, last string) {
	t.Helper()
	for at := range good {
		altered := bytes.Clone(good)
		altered[at] ^= 0x20
		if _, err := ReadRing(small, bytes.NewReader(altered)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("byte %d altered: error %v", at, err)
		}
		if _, err := ReadRing(small, bytes.NewReader(good[:at])); err == nil {
			t.Errorf("cut to %d bytes: no error", at)
		}
	}
	if _, err := ReadRing(small, bytes.NewReader(append(bytes.Clone(good), 0))); err == nil ||
		!strings.Contains(err.Error(), "more bytes after its last section") {
		t.Errorf("with a byte more: error %v", err)
	}
	if _, err := ReadRing(small, bytes.NewReader(good[:len(good)-6])); err == nil ||
		!strings.Contains(err.Error(), `"`+last+`"`) {
		t.Errorf("cut in the %s: error %v does not name them", last, err)
	}
}

type fullDisk struct{ room int }

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestSnapshotOnFullDisk(t *testing.T) {
	r := filled(t, snapshotOptions, 100)
	for _, room := range []int{0, 10, 3000} {
		if _, err := r.WriteTo(&fullDisk{room}); room < len(snapshotOf(t, r)) && !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: error %v", room, err)
		}
	}
}
