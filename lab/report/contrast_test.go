package report

import (
	"reflect"
	"strings"
	"testing"

	"engram/drqn"
)

// trace returns a trial of two steps: M [2][1] before the answer, h at the answer, and the right answer.
func trace(m0, m1, h float32, answer int) drqn.TrialTrace {
	return drqn.TrialTrace{Actions: []int{0, 0}, GroundTruth: []int{0, answer},
		States: [][]float32{{m0, m1}, {9, 9}}, Hidden: [][]float32{{7, 7}, {h, -h}}}
}

// By hand: two trials of one kind, of means 2, 5 and 3; one of the other, 1, 1 and 1.
func TestMemoryContrast(t *testing.T) {
	traces := []drqn.TrialTrace{trace(1, 4, 2, 1), trace(1, 1, 1, 2), trace(3, 6, 4, 1)}
	got, err := MemoryContrast(traces, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Contrast{Memory: [][]float64{{1}, {4}}, Hidden: []float64{2, -2}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if _, err := MemoryContrast(traces, 2, 3); err == nil || !strings.Contains(err.Error(), "both kinds") {
		t.Errorf("of one kind only: %v", err)
	}
	short := trace(1, 1, 1, 1)
	short.Actions = short.Actions[:1]
	if _, err := MemoryContrast([]drqn.TrialTrace{short}, 2, 1); err == nil ||
		!strings.Contains(err.Error(), "1 steps") {
		t.Errorf("of a trial without a step before the answer: %v", err)
	}
}

func TestNorm(t *testing.T) {
	if got := Norm(float32(3), 4); got != 5 {
		t.Errorf("the size of (3, 4) is %v, want 5", got)
	}
}
