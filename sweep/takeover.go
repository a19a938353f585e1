package sweep

import (
	"context"
	"slices"
	"time"

	"engram/internal/lock"
	"engram/lab"
)

// holder is the process of a claim, as it holds the locks of its runs.
func (l line) holder() lock.Holder {
	return lock.Holder{PID: l.PID, Host: l.Host, Boot: l.Machine, Namespace: l.Namespace, Started: l.Started}
}

// deadHere returns the processes that died on this machine with attempts of a trial that is lost: the attempts' locks
// are free. Those that do not say which container they ran in are left out.
func (t *trial) deadHere() (dead []lock.Holder) {
	for _, r := range t.attempts {
		if c := r.claim; r.end == nil && c.Machine != "" && c.Machine == lock.Boot() && c.Namespace != "" {
			dead = append(dead, c.holder())
		}
	}
	return dead
}

// bury lets the locks of runs be taken over at once whose holders are known to have died with earlier attempts.
func (p *pack) bury() {
	for _, a := range p.attempts {
		for seed := range p.training.goal.Seeds {
			lock.Bury(p.training.dir(a, seed), func(h lock.Holder) bool { return slices.ContainsFunc(a.dead, h.Is) })
		}
	}
}

// await waits until nobody holds the lock of a run any more, at most until a time. That time is not the attempt's own.
func (a *attempt) await(ctx context.Context, run string, latest time.Time) error {
	a.charge(0)
	defer a.charge(1)
	for {
		if _, held := lock.HolderOf(run); !held || time.Now().After(latest) {
			return nil
		}
		if a.superseded() {
			return errSuperseded
		}
		if err := wait(ctx, min(waitBetween, max(time.Millisecond, time.Until(latest)))); err != nil {
			return err
		}
	}
}

// reached implements objective: the checkpoint that the runs of all seeds have.
func (t *training) reached(runs string) int64 {
	least := int64(-1)
	for seed := range t.goal.Seeds {
		newest := int64(0)
		if r, err := lab.Open(t.dir(&attempt{runs: runs}, seed)); err == nil {
			if updates, err := r.Checkpoints(); err == nil && len(updates) > 0 {
				newest = slices.Max(updates)
			}
		}
		if least < 0 || newest < least {
			least = newest
		}
	}
	return max(0, least)
}
