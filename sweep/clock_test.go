package sweep

import (
	"testing"
	"time"
)

// TestATrialPaysForItsShare: of each stretch a trial pays for its share of the pack, and for none while it waits.
func TestATrialPaysForItsShare(t *testing.T) {
	p, attempts := packOf(t, quickTraining(4), 4)
	one := &attempts[0].clock
	pass := func(seconds float64) {
		one.since = one.since.Add(-time.Duration(seconds * float64(time.Second)))
	}
	pass(80)
	newPack(p.training, attempts[:2]) // two were pruned
	pass(10)
	newPack(p.training, attempts[:1])
	pass(3)
	one.setShare(0)
	pass(1000)
	if got, want := attempts[0].seconds(), 80.0/4+10.0/2+3; got < want || got > want+1 {
		t.Errorf("it pays for %g s, want %g", got, want)
	}
}
