package sweep

import (
	"math"
	"path/filepath"
	"testing"
	"time"

	"engram/internal/journal"
)

// The time left is estimated from the time in which anyone worked: a pause between two sittings does not count.
func TestLeftIsToldByWhatWasDone(t *testing.T) {
	s := functionStudy("branin", "random", 4)
	s.Goal.Steps = 10
	dir := made(t, s)
	values := firstValues(t, s)
	score, value, began := 1.0, 1.0, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }
	write := func(trial int, lines ...line) {
		t.Helper()
		w := &writer{path: filepath.Join(dir, attemptsDir, attemptFile(trial, 1))}
		var err error
		if w.lines, err = journal.Open(w.path, 0); err != nil {
			t.Fatal(err)
		}
		defer w.lines.Close()
		for _, l := range lines {
			if err := w.append(l); err != nil {
				t.Fatal(err)
			}
		}
	}
	claim := func(trial, when int) line {
		return line{Event: eventClaim, Time: at(when), Trial: trial, Attempt: 1, Values: values, Host: "elsewhere",
			Machine: "another"}
	}
	// Ten seconds of two trials at a time; an hour later five seconds of a third, which is half done.
	write(0, claim(0, 0), line{Event: eventEnd, Time: at(10), State: Complete, Value: &value, Seconds: 10})
	write(1, claim(1, 2), line{Event: eventEnd, Time: at(10), State: Complete, Value: &value, Seconds: 8})
	write(2, claim(2, 3600), line{Event: eventReport, Time: at(3605), Step: 5, Score: &score, Seconds: 5})
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	left, ok := r.left()
	if want := 15 * (4/2.5 - 1); !ok || math.Abs(left-want) > 1e-9 {
		t.Errorf("%g s left, want %g", left, want)
	}
	if cost := r.cost(); cost != 23 {
		t.Errorf("cost %g s, want 23", cost)
	}
}
