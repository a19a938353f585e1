package drqn

import (
	"os"
	"os/exec"
	"runtime"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/mpn"
	"engram/tasks"
)

// TestDeviceFootprint checks that an agent takes what its arrays hold, counted by hand, and that each member takes the
// same.
func TestDeviceFootprint(t *testing.T) {
	c := preset(t, "default")
	c.Task, c.Hidden, c.Readout, c.Batch, c.Window, c.Input, c.InputSize = "GoNogo", 10, 0, 2, 11, InputIdentity, 0
	one, err := c.Footprint(1)
	if err != nil {
		t.Fatal(err)
	}
	// 12 observations of 3; 10 units with 3 weights and a bias, eta and lambda, 2 actions; 3 chunks' borders of 10 x 3.
	const parameters = 10*4 + 2 + 2*11
	want := 4. * (8*parameters + 2*12*9 + 2*(12*60+2*12*6*10+2*3*30))
	if one.Device != want {
		t.Errorf("%v bytes, want %v", one.Device, want)
	}
	if many, err := c.Footprint(1024); err != nil || many.Device != 1024*want {
		t.Errorf("1024 members take %v bytes, one %v: %v", many, one, err)
	}
	c.EtaShape = mpn.ShapeRow // of 10 etas; M of 10 x 3 is kept before each of 12 steps
	variant := 4. * (8*(parameters+9) + 2*12*9 + 2*(12*60+2*12*10+2*13*30))
	if f, err := c.Footprint(1); err != nil || f.Device != variant {
		t.Errorf("a variant takes %v bytes, want %v: %v", f.Device, variant, err)
	}
	c.Task = "typo"
	if _, err := c.Footprint(1); err == nil {
		t.Error("a task that does not exist was taken")
	}
}

// counted is GoNogo under a name of its own; made counts how often it is made and checked.
type counted struct {
	*tasks.GoNogo
	made *int
}

func (c counted) Spec() tasks.Spec {
	spec := c.GoNogo.Spec()
	spec.Name = "Counted"
	return spec
}

func (c counted) Check() error {
	*c.made++
	return c.GoNogo.Check()
}

// TestResolvedOnce checks that a trainer and a policy make the task of a config once, besides the environments that are
// acted in.
func TestResolvedOnce(t *testing.T) {
	made := 0
	if err := tasks.Register(func() tasks.Task { return counted{tasks.NewGoNogo(), &made} }); err != nil {
		return // the test is run twice
	}
	c := small(t, "session")
	c.Task = "Counted"
	trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c, c, c)
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 * (1 + c.Environments); made != want {
		t.Errorf("a trainer of three made its task %d times, want %d", made, want)
	}
	made = 0
	if _, err := NewPolicy(c, trainer.Weights(0)); err != nil || made != 1 {
		t.Errorf("a policy made its task %d times, want once; %v", made, err)
	}
	made = 0
	if f, err := c.Footprint(3); err != nil || !(f.Host > 0 && f.Device > 0) || made != 1 {
		t.Errorf("an estimate of memory made its task %d times, want once; %v, %v", made, f, err)
	}
}

// TestPlanOfStates checks that the ring keeps states only if windows start from them, as often as the config says.
func TestPlanOfStates(t *testing.T) {
	c := small(t, "session")
	c.StateEvery = 3
	p := planOf(t, c)
	if p.ring.StateSize != p.net.StateSize() || p.ring.StateSize != c.Hidden*c.InputSize || p.ring.StateEvery != 3 {
		t.Errorf("a ring with %+v", p.ring)
	}
	if p := planOf(t, small(t, "default")); p.ring.StateSize != 0 || p.ring.StateEvery != 0 {
		t.Errorf("windows start from zero, and the ring has %+v", p.ring)
	}
}

// TestHostFootprint checks that a trainer with a snapshot of its state takes at most what Footprint says, which assumes
// the most that a ring can need, and not much less. It measures in a process of its own: what other tests left in this
// one may be collected meanwhile.
func TestHostFootprint(t *testing.T) {
	const own = "ENGRAM_TEST_OWN_HEAP"
	if os.Getenv(own) == "" {
		command := exec.Command(os.Args[0], "-test.run=^TestHostFootprint$")
		command.Env = append(os.Environ(), own+"=1")
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	for _, name := range []string{"default", "session"} {
		c := preset(t, name)
		c.Capacity = 150_000
		estimate, err := c.Footprint(1)
		if err != nil {
			t.Fatal(err)
		}
		want, before := estimate.Host, heap()
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
			t.Errorf("%s: %.1f MB of the heap, Footprint says %.1f", name, got/1e6, want/1e6)
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
