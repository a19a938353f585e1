package cmd

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"engram/internal/selftest/kills"
)

// TestKills is the short form of 'engram selftest kills'.
func TestKills(t *testing.T) {
	t.Parallel()
	var runs []kills.Run
	out := ok(t, "selftest", "kills", "--kills", "4", "--members", "1,2", "--backend", "go", "--updates", "150",
		"--dir", t.TempDir(), "--json")
	if err := json.Unmarshal([]byte(out), &runs); err != nil {
		t.Fatal(err)
	}
	killed, writing := 0, 0
	for _, r := range runs {
		killed, writing = killed+r.Kills, writing+r.Writing
		if len(r.Different) > 0 || len(r.Alone) != r.Members || !slices.Equal(r.Alone, r.Killed) {
			t.Errorf("seed %d, %s: %v, digests %v and alone %v", r.Seed, r.Kind, r.Different, r.Killed, r.Alone)
		}
	}
	if killed < 8 || writing == 0 {
		t.Errorf("%d kills, %d of them while writing a checkpoint: %+v", killed, writing, runs)
	}
}

// TestSelftestDies checks that the processes of a killed selftest end in good order.
func TestSelftestDies(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	command := exec.Command(binary(), "selftest", "soak", "--for", "10m", "--backend", "go", "--dir", top)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	until := func(what string, holds func(run string) bool) {
		for range 3000 {
			if dirs, _ := filepath.Glob(filepath.Join(top, "*", "run")); len(dirs) == 1 && holds(dirs[0]) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal("no " + what)
	}
	until("metrics", func(run string) bool { return size(t, filepath.Join(run, "metrics.jsonl")) > 0 })
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	command.Wait()
	until("end of the training", func(run string) bool {
		about, _ := os.ReadFile(filepath.Join(run, "run.json"))
		return strings.Contains(string(about), `"interrupted"`)
	})
}
