package drqn

import (
	"runtime"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// TestDeviceBytes: an agent takes what its arrays hold, counted by hand, and members take the same each.
func TestDeviceBytes(t *testing.T) {
	c := preset(t, "default")
	c.Task, c.Hidden, c.Readout, c.Batch, c.Window, c.Input, c.InputSize = "GoNogo", 10, 0, 2, 11, InputIdentity, 0
	one, err := c.DeviceBytes(1)
	if err != nil {
		t.Fatal(err)
	}
	// 12 observations of 3; 10 units with 3 weights and a bias, eta and lambda, 2 actions; 3 chunks' borders of 10 x 3.
	const parameters = 10*4 + 2 + 2*11
	want := 4. * (8*parameters + 2*12*9 + 2*(12*60+2*12*6*10+2*3*30))
	if one != want {
		t.Errorf("%v bytes, want %v", one, want)
	}
	if many, err := c.DeviceBytes(1024); err != nil || many != 1024*one {
		t.Errorf("1024 members take %v bytes, one %v: %v", many, one, err)
	}
	c.Task = "typo"
	if _, err := c.DeviceBytes(1); err == nil {
		t.Error("a task that does not exist was taken")
	}
}

// TestHostBytes: a trainer with a snapshot of its state takes at most what HostBytes says, which assumes the
// most that a ring can need, and not much less.
func TestHostBytes(t *testing.T) {
	for _, name := range []string{"default", "session"} {
		c := preset(t, name)
		c.Capacity = 150_000
		want, err := c.HostBytes(1)
		if err != nil {
			t.Fatal(err)
		}
		before := heap()
		trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c)
		if err != nil {
			t.Fatal(err)
		}
		var state State
		if err := trainer.Snapshot(0, &state); err != nil {
			t.Fatal(err)
		}
		got := heap() - before
		runtime.KeepAlive(trainer)
		runtime.KeepAlive(&state)
		if got < 0.6*want || got > 1.1*want {
			t.Errorf("%s: %.1f MB of the heap, HostBytes says %.1f", name, got/1e6, want/1e6)
		}
	}
}

// heap returns the bytes of the heap that are in use.
func heap() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}
