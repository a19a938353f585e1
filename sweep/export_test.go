package sweep

import (
	"context"
	"encoding/csv"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"engram/sweep/search"
)

// The CSV has a row for each trial, with the value as it is.
func TestExport(t *testing.T) {
	t.Parallel()
	s := functionStudy("mixed", "tpe", 40)
	s.Goal.Steps, s.Pruner = 3, search.Rule{Kind: "median"}
	dir := made(t, s)
	worked(t, dir, Options{Workers: 2})
	r, status := checked(t, dir)
	var out strings.Builder
	if err := r.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 41 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	best := rows[1+status.Best.Trial]
	value, err := strconv.ParseFloat(best[2], 64)
	if err != nil || value != *status.Best.Value || best[1] != "complete" {
		t.Errorf("the best trial's row is %q, its value %g", best, *status.Best.Value)
	}
}

// A cell that cannot wait for its trials ends them as interrupted, and they are resumed; what such a trial still does
// counts for nothing.
func TestTrialsThatAreNotWaitedForGoOn(t *testing.T) {
	dir := made(t, functionStudy("branin", "random", 3))
	w, err := newWorker(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	attempts, err := w.claim(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.interrupt(); err != nil {
		t.Fatal(err)
	}
	if _, status := checked(t, dir); status.States[Interrupted] != 2 {
		t.Fatal(status.Line())
	}
	if err := attempts[0].finish(-1000, nil); err != nil {
		t.Error(err)
	}
	worked(t, dir, Options{})
	if _, status := checked(t, dir); status.States[Complete] != 3 || status.Attempts != 5 || *status.Best.Value < 0 {
		t.Errorf("%d attempts, %s", status.Attempts, status.Line())
	}
}

// stubborn is a function whose trials do not heed the context until they are let go.
type stubborn struct {
	*function
	running, leave chan bool
}

func (s *stubborn) run(_ context.Context, attempts []*attempt) error {
	s.running <- true
	<-s.leave
	return attempts[0].finish(-1000, nil)
}

// Work with a patience returns although a trial runs on, which then counts as interrupted: its result counts for
// nothing.
func TestPatienceOfWork(t *testing.T) {
	dir := made(t, functionStudy("branin", "random", 1))
	w, err := newWorker(dir, Options{Patience: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	s := &stubborn{w.objective.(*function), make(chan bool), make(chan bool)}
	w.objective = s
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.workPatiently(ctx) }()
	<-s.running
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it returns %v", err)
	}
	s.leave <- true
	if _, status := checked(t, dir); status.States[Interrupted] != 1 || status.Best != nil {
		t.Errorf("%s", status.Line())
	}
}
