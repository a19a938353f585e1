package sweep

import (
	"context"
	"slices"
	"time"

	"engram/internal/lock"
	"engram/lab"
)

// holder returns the process that made a claim, in the form in which it holds the locks of its runs.
func (l line) holder() lock.Holder {
	return lock.Holder{PID: l.PID, Host: l.Host, Boot: l.Machine, Namespace: l.Namespace, Started: l.Started}
}

// deadHere returns the processes that died on this machine with attempts at a lost trial, whose locks are therefore
// free. Attempts that do not name their container are left out.
func (t *trial) deadHere() (dead []lock.Holder) {
	for _, r := range t.attempts {
		if c := r.claim; r.end == nil && c.Machine != "" && c.Machine == lock.Boot() && c.Namespace != "" {
			dead = append(dead, c.holder())
		}
	}
	return dead
}

// bury makes the locks of runs available at once whose holders are known to have died with earlier attempts.
func (p *pack) bury() {
	for _, a := range p.attempts {
		for seed := range p.training.goal.Seeds {
			lock.Bury(p.training.dir(a, seed), func(h lock.Holder) bool { return slices.ContainsFunc(a.dead, h.Is) })
		}
	}
}

// await waits until no process holds the lock of a run, or until latest. The wait is not counted as the attempt's time.
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

// reached implements objective: it returns the newest update for which the runs of all seeds have a checkpoint.
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
