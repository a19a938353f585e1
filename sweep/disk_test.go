package sweep

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"engram/internal/lock"
)

// smallDisk mounts a real file system of 256 KB and returns its directory.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Fatalf("a small file system cannot be mounted: run the tests as root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// A line for which there is no room leaves nothing in the file, so that the next line can be read.
func TestHalfALineIsTakenBack(t *testing.T) {
	disk := smallDisk(t)
	s := functionStudy("branin", "random", 1)
	dir := filepath.Join(disk, "study")
	if err := Create(dir, s); err != nil {
		t.Fatal(err)
	}
	w, err := claimFile(dir, line{Event: eventClaim, Time: now(), Attempt: 1, Values: firstValues(t, s),
		Machine: lock.Boot(), PID: os.Getpid()})
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 1<<20), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	value := 1.0
	end := line{Event: eventEnd, Time: now(), State: Failed, Reason: strings.Repeat("long ", 10_000)}
	if err := w.append(end); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), w.path) {
		t.Fatalf("on a full disk: %v", err)
	}
	if after, err := os.ReadFile(w.path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%d bytes before, %d after, %v", len(before), len(after), err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	end = line{Event: eventEnd, Time: now(), State: Complete, Value: &value}
	if err := errors.Join(w.append(end), w.close()); err != nil {
		t.Fatal(err)
	}
	if _, status := checked(t, dir); status.States[Complete] != 1 {
		t.Errorf("with room again: %s", status.Line())
	}
}

func TestAFullDiskLosesNothing(t *testing.T) {
	dir := smallDisk(t)
	study := filepath.Join(dir, "study")
	if err := Create(study, functionStudy("branin", "random", 30)); err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 210<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	err := Work(t.Context(), study, Options{})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), study) {
		t.Fatalf("on a full disk: %v", err)
	}
	_, before := checked(t, study)
	if before.States[Complete] == 0 || before.States[Complete] == 30 {
		t.Fatalf("on a full disk: %s", before.Line())
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	worked(t, study, Options{})
	if _, after := checked(t, study); after.States[Complete] != 30 || *after.Best.Value > *before.Best.Value {
		t.Errorf("with room again: %s; it was %s", after.Line(), before.Line())
	}
}

// Of many workers that claim an attempt at the same moment, one gets it, and the file is the one that it wrote.
func TestOneClaimOfManySucceeds(t *testing.T) {
	s := functionStudy("branin", "random", 1)
	dir := made(t, s)
	var group sync.WaitGroup
	var mutex sync.Mutex
	var winners []int
	for pid := 1; pid <= 16; pid++ {
		group.Go(func() {
			w, err := claimFile(dir, line{Event: eventClaim, Time: now(), Trial: 0, Attempt: 1,
				Values: firstValues(t, s), Machine: lock.Boot(), PID: pid})
			if errors.Is(err, errTaken) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			mutex.Lock()
			defer mutex.Unlock()
			winners = append(winners, pid)
			t.Cleanup(func() { w.close() })
		})
	}
	group.Wait()
	r, _ := checked(t, dir)
	if len(winners) != 1 || r.view.trials[0].attempts[0].claim.PID != winners[0] {
		t.Errorf("winners %v, the file is of %d", winners, r.view.trials[0].attempts[0].claim.PID)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, attemptsDir, ".claim-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
