package sweep

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"engram/internal/lock"
	"engram/internal/plain"
)

// leastFree is the room on a disk, in bytes, below which workers fail to write.
const leastFree = 1 << 20

// waiting returns why no further trial begins or ends, and what would change that: one sentence for each reason, none
// for a study that is done and whole.
func (r *Reader) waiting(s Status, trials []Trial) (why []string) {
	failed, running := s.States[Failed], s.States[Running]
	rest := r.Total - s.Settled() - failed - s.States[Aside] - running
	resume := "engram sweep resume " + plain.Path(r.Dir)
	if failed > 0 {
		why = append(why, fmt.Sprintf("%d failed: '%s --retry-failed' tries them again", failed, resume))
	}
	if n := s.States[Aside]; n > 0 {
		why = append(why, fmt.Sprintf("%d are set aside, after %d attempts each that failed or were lost without "+
			"progress, and are not tried again", n, r.Study.maxAttempts()))
	}
	switch {
	case s.Done:
		return why
	case running == 0:
		why = append(why, "no worker is alive: '"+resume+"' starts one here, 'engram sweep submit' on a cluster")
	case rest == 0:
		why = append(why, "every trial that is left is running: nothing waits for a worker")
	default:
		why = append(why, fmt.Sprintf("%d wait until one of the %d that run ends, or for more workers", rest, running))
	}
	return append(append(why, r.obstacles()...), r.silences(trials)...)
}

// obstacles returns what keeps workers on this machine from the study's files.
func (r *Reader) obstacles() (found []string) {
	attempts := filepath.Join(r.Dir, attemptsDir)
	var disk syscall.Statfs_t
	if err := syscall.Statfs(attempts, &disk); err == nil && disk.Bavail*uint64(disk.Bsize) < leastFree {
		found = append(found, fmt.Sprintf("the disk of %s is full: it has %d KB left", r.Dir,
			disk.Bavail*uint64(disk.Bsize)>>10))
	}
	const writable = 2 // W_OK of access(2)
	if err := syscall.Access(attempts, writable); err != nil {
		found = append(found, fmt.Sprintf("this user cannot write to %s: %v", attempts, err))
	}
	return found
}

// silences returns the trials that wait for a worker elsewhere to count as dead: those whose attempt has gone silent,
// and those whose run another process still holds the lock of.
func (r *Reader) silences(trials []Trial) (found []string) {
	stale := r.Study.staleAfter()
	for _, t := range trials {
		switch t.State {
		case Running:
			last := r.view.trials[t.Trial].last()
			if last.claim.Machine != "" && last.claim.Machine == lock.Boot() {
				continue // the kernel tells when it dies
			}
			info, err := os.Stat(last.lines.Path)
			if err != nil {
				continue
			}
			silent := time.Since(info.ModTime())
			if silent < stale/2 { // a worker gives a sign of life every sixth
				continue
			}
			found = append(found, fmt.Sprintf("trial %d on host %s gave no sign of life for %s: it is lost after %s",
				t.Trial, plain.Text(last.claim.Host), silent.Round(time.Second), stale))
		case Interrupted, Lost:
			for seed := range max(1, r.Study.Goal.Seeds) {
				run := filepath.Join(RunsOf(r.Dir, t.Trial), seedDir(seed))
				if h, held := lock.HolderOf(run); held {
					found = append(found, fmt.Sprintf("trial %d waits for its run %s, which process %d on %s writes",
						t.Trial, run, h.PID, plain.Text(h.Host)))
				}
			}
		}
	}
	return found
}
