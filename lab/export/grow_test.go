package export

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
	"engram/lab"
)

// stopAt ends a training at its first report from an update on.
type stopAt struct {
	update int64
	cancel context.CancelFunc
}

func (s stopAt) Metrics(m drqn.Metrics) error {
	if m.Update >= s.update {
		s.cancel()
	}
	return nil
}
func (stopAt) Evaluation(int, drqn.Evaluation) error { return nil }
func (stopAt) Notice(string)                         {}

// trainUntil trains to a report, or to the end.
func trainUntil(t *testing.T, job lab.Job, update int64) *lab.Run {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := lab.Train(ctx, []lab.Job{job}, backendtest.Open(t, backend.Go), backend.Go, stopAt{update, cancel})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	r, err := lab.Open(job.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// steps reads whole records and returns the steps of their events, as a reader does that holds the file open.
func steps(t *testing.T, r io.Reader) (list []int64) {
	t.Helper()
	for {
		head := make([]byte, 12)
		if _, err := io.ReadFull(r, head); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, binary.LittleEndian.Uint64(head)+4)
		if _, err := io.ReadFull(r, body); err != nil {
			t.Fatal(err)
		}
		for fields := body[:len(body)-4]; len(fields) > 0; {
			number, kind, n := protowire.ConsumeTag(fields)
			if number == 2 {
				step, _ := protowire.ConsumeVarint(fields[n:])
				list = append(list, int64(step))
			}
			fields = fields[n+protowire.ConsumeFieldValue(number, kind, fields[n:]):]
		}
	}
}

// TestExportAgain exports while it trains: who holds the first file open reads what is new from it. After a resume that
// takes lines back a new file begins, whose name sorts after the first's.
func TestExportAgain(t *testing.T) {
	c := drqntest.Small(t)
	c.CheckpointEvery = 3
	job, out := lab.Job{Dir: filepath.Join(t.TempDir(), "run"), Config: c}, t.TempDir()
	write := func(r *lab.Run) string {
		t.Helper()
		paths, err := Write(r, "tensorboard", out)
		if err != nil || len(paths) != 1 {
			t.Fatal(paths, err)
		}
		return paths[0]
	}
	first := write(trainUntil(t, job, 3))
	open, err := os.Open(first)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if got := steps(t, open); len(got) == 0 || got[len(got)-1] != 3 {
		t.Fatalf("the first export has the steps %v", got)
	}
	if again := write(trainUntil(t, job, 3)); again != first {
		t.Errorf("an export of the same is %s", again)
	}
	r := trainUntil(t, job, 9)
	if again := write(r); again != first {
		t.Errorf("a longer run is in %s, not in %s", again, first)
	}
	got := steps(t, open)
	if len(got) == 0 || got[0] <= 3 && got[len(got)-1] != 9 {
		t.Errorf("who holds the file open reads on with the steps %v", got)
	}
	timing := filepath.Join(r.Dir, "timing.jsonl") // another clock: the run resumed from an earlier checkpoint
	data, err := os.ReadFile(timing)
	if err == nil {
		err = os.WriteFile(timing, bytes.Replace(data, []byte(`"seconds":`), []byte(`"seconds":1`), 1), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{".0002", ".0002"} {
		if next := write(r); next != first+suffix {
			t.Errorf("after lines were taken back: %s, want %s", next, first+suffix)
		}
	}
	if series, err := seriesOf(first); err != nil || len(series) != 2 {
		t.Errorf("there are %v, %v", series, err)
	}
	if err := os.WriteFile(timing, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, update := range []int64{9, 12} {
		if next := write(trainUntil(t, job, update)); next != first+".0003" {
			t.Errorf("once more: %s", next)
		}
	}
}
