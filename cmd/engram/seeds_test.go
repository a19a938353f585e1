package main

import (
	"math"
	"strings"
	"testing"

	"engram/drqn"
)

// TestSeedsThatWrapAround: members' seeds follow the first, and none is one of another run.
func TestSeedsThatWrapAround(t *testing.T) {
	if _, err := jobsOf(drqn.Config{Seed: math.MaxUint64}, trainOptions{dir: "x", members: 2}); err == nil ||
		!strings.Contains(err.Error(), "at most 18446744073709551614") {
		t.Errorf("error %v", err)
	}
	jobs, err := jobsOf(drqn.Config{Seed: math.MaxUint64 - 1}, trainOptions{dir: "x", members: 2})
	if err != nil || jobs[1].Config.Seed != math.MaxUint64 {
		t.Errorf("%v, %v", jobs, err)
	}
}
