package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"engram/drqn"
	"engram/internal/journal"
)

// extreme are lines as long as they can be.
var extreme = struct {
	metrics    drqn.Metrics
	evaluation drqn.Evaluation
	timing     Timing
}{
	drqn.Metrics{Update: math.MinInt64, EnvironmentSteps: math.MinInt64, Trials: math.MinInt64, Loss: -math.Pi * 1e-300,
		GradientNorm: -math.Pi * 1e-300, MeanQ: -math.Pi * 1e-300,
		Eta: -math.Pi * 1e-300, Lambda: -math.Pi * 1e-300, Epsilon: -math.Pi * 1e-300,
		RewardPerTrial: -math.Pi * 1e-300, LambdaFirst: -math.Pi * 1e-300, LambdaMedian: -math.Pi * 1e-300,
		LambdaThird: -math.Pi * 1e-300},
	drqn.Evaluation{Task: "PerceptualDecisionMakingDelayResponse", Update: math.MinInt64, Trials: math.MinInt64,
		RewardPerTrial: -math.Pi * 1e-300, ShareOfCeiling: -math.Pi * 1e-300,
		Accuracy: -math.Pi * 1e-300, Seed: math.MaxUint64, Lambda: -math.Pi * 1e-300,
		TrialCeiling: -math.Pi * 1e-300, Confirmation: true, Final: true},
	Timing{math.MinInt64, -math.Pi * 1e-300},
}

// TestNoLineCrossesAPage checks that lines of any length that occurs, and of the greatest, each lie within a page, and
// are JSON.
func TestNoLineCrossesAPage(t *testing.T) {
	dir := t.TempDir()
	j, err := openJournals(dir, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	for update := range int64(200) {
		m, e := extreme.metrics, extreme.evaluation
		if update%3 > 0 {
			m, e = drqn.Metrics{Update: update, Loss: 1 / float64(update)}, drqn.Evaluation{Update: update,
				Accuracy: 1 / float64(update)}
		}
		if err := errors.Join(j.metrics(m), j.evaluation(e), j.files[timingFile].Append(extreme.timing)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range journalFiles {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(data)) != j.sizes()[name] || len(data) < 3*journal.Page {
			t.Errorf("%s has %d bytes of %d", name, len(data), j.sizes()[name])
		}
		at := 0
		for line := range bytes.Lines(data) {
			if first, last := at/journal.Page, (at+len(line)-1)/journal.Page; first != last || !json.Valid(line) {
				t.Errorf("%s: %q is in pages %d to %d", name, line, first, last)
			}
			at += len(line)
		}
	}
}

// TestNoHalfLine checks that a reader that never waits finds the end of a line at the end of the file, while lines are
// appended without a pause.
func TestNoHalfLine(t *testing.T) {
	dir := t.TempDir()
	j, err := openJournals(dir, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	file, err := os.Open(filepath.Join(dir, metricsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	wrote, done := 0, make(chan error, 1)
	go func() {
		var err error
		for began := time.Now(); err == nil && time.Since(began) < looking; wrote++ {
			err = j.metrics(drqn.Metrics{Update: int64(wrote), Loss: 1 / float64(wrote+1)})
		}
		done <- err
	}()
	reads, half, at, data := 0, 0, int64(0), make([]byte, 1<<20)
	for ; len(done) == 0; reads++ {
		n, _ := file.ReadAt(data, at) // io.EOF, nearly always
		whole := bytes.LastIndexByte(data[:n], '\n') + 1
		if at += int64(whole); whole < n && n < len(data) {
			half++
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	t.Logf("%d lines, %d reads, %d ended in half a line", wrote, reads, half)
	if half > 0 || wrote == 0 {
		t.Errorf("%d of %d reads of %d lines ended in half a line", half, reads, wrote)
	}
}

// looking is how long TestNoHalfLine reads.
const looking = 2 * time.Second
