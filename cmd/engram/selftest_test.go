package main

import (
	"encoding/json"
	"slices"
	"testing"

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
