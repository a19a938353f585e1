package compare

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
	"engram/suite"
)

// Runs that differ only in their seed are one curve with a band, others have curves of their own.
func TestRead(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	c := drqntest.Small(t)
	var seeds []lab.Job
	for seed := range 3 {
		c.Seed = uint64(seed)
		seeds = append(seeds, lab.Job{Dir: filepath.Join(top, "many", fmt.Sprintf("seed-%d", seed)), Config: c})
	}
	labtest.TrainAll(t, seeds...)
	c.Hidden = 12
	labtest.Train(t, filepath.Join(top, "one"), c)
	curves, err := Read(filepath.Join(top, "many"), filepath.Join(top, "one"))
	if err != nil || len(curves) != 2 {
		t.Fatalf("%+v, %v", curves, err)
	}
	many, one := curves[0], curves[1]
	if many.Name != "many" || many.Seeds != 3 || many.Running != 0 || len(many.Updates) != 3 ||
		math.IsNaN(many.Shares[0].Low) || many.End == nil {
		t.Errorf("%+v", many)
	}
	if one.Name != "one" || one.Seeds != 1 || !math.IsNaN(one.Shares[0].Low) || one.Parameters <= many.Parameters {
		t.Errorf("%+v", one)
	}
	if many.series().Low == nil || len(many.series().High) != 3 || one.series().Low != nil {
		t.Error("a band is drawn where there is one")
	}
	many.Shares[1].Low = math.NaN() // no other seed has come so far
	if s := many.series(); s.Low != nil || s.High != nil {
		t.Errorf("a band of some points is drawn: %v", s.Low)
	}
	if notice := Notice(curves); !strings.HasPrefix(notice, "one has ") {
		t.Errorf("notice %q", notice)
	}
	all, err := Read(top)
	if err != nil || len(all) != 2 || !strings.HasSuffix(all[0].Name, filepath.Join("many")) {
		t.Errorf("of all below: %+v, %v", all, err)
	}
	over, err := Evaluate(t.Context(), "timing.delay", []float64{200, 500}, 20, 1, filepath.Join(top, "many"),
		filepath.Join(top, "one"))
	if err != nil || len(over) != 2 || over[0].Seeds != 3 || over[1].Right[1].Low >= over[1].Right[1].Point &&
		over[1].Right[1].Point > 0 || over[1].Values[1] != 500 {
		t.Errorf("%+v, %v", over, err)
	}
	if notice := OverNotice(over); notice != Notice(curves) {
		t.Errorf("the notice of the evaluations is %q, that of the curves %q", notice, Notice(curves))
	}
	if rows := OverTable(over).Rows; len(rows) != 4 || rows[3][2] != "500" {
		t.Errorf("rows %q", rows)
	}
	if _, err := Evaluate(t.Context(), "timing.pause", []float64{200}, 20, 1, filepath.Join(top, "one")); err == nil ||
		!strings.Contains(err.Error(), `period "pause" does not exist`) {
		t.Errorf("error %v", err)
	}
	if _, err := OverChart(over).Options(); err != nil {
		t.Error(err)
	}
	if charts := Charts(curves); len(charts) != 1 || len(charts[0].Series) != 2 {
		t.Errorf("charts %+v", charts)
	} else if _, err := charts[0].Options(); err != nil {
		t.Error(err)
	}
	path := filepath.Join(top, "page.html")
	if err := Page(curves).Save(path); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(page), "<td>many</td>") ||
		!strings.Contains(string(page), "Note: one has") {
		t.Errorf("the page lacks the table or the notice: %v", err)
	}
	for dir, want := range map[string]string{filepath.Join(top, "none"): "is not a run", t.TempDir(): "is not a run"} {
		if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// stopper cancels at the first metrics.
type stopper struct{ cancel context.CancelFunc }

func (s stopper) Metrics(drqn.Metrics) error          { s.cancel(); return nil }
func (stopper) Evaluation(int, drqn.Evaluation) error { return nil }
func (stopper) Notice(string)                         {}

// A run that has just begun says how far it is, and one without an evaluation is an error.
func TestReadUnfinished(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	job := lab.Job{Dir: dir, Config: drqntest.Small(t)}
	_, err := lab.Train(ctx, []lab.Job{job}, backendtest.Open(t, backend.Go), backend.Go, stopper{cancel})
	if err == nil {
		t.Fatal("a cancelled training succeeds")
	}
	curves, err := Read(dir)
	if err != nil || curves[0].Running != 1 || curves[0].End != nil {
		t.Fatalf("%+v, %v", curves, err)
	}
	if row := Table(curves).Rows[0]; row[7] != "1 of 1 not finished" || row[4] != "0" {
		t.Errorf("row %q", row)
	}
	if err := os.Truncate(filepath.Join(dir, "evals.jsonl"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "holds no run that was evaluated") {
		t.Errorf("error %v", err)
	}
}

// A suite's archive has a curve for each task and agent, as the suite's own page.
func TestReadSuite(t *testing.T) {
	t.Parallel()
	const dir = "../results/cells"
	p, results, err := suite.Results(dir)
	if err != nil {
		t.Fatal(err)
	}
	curves, err := Read(dir)
	if err != nil || len(curves) != len(p.Tasks)*len(p.Agents) {
		t.Fatalf("%d curves, %v", len(curves), err)
	}
	rows, err := suite.Table(p, results)
	if err != nil {
		t.Fatal(err)
	}
	if c, r := curves[0], rows[0]; c.End.Point != *r.IQM || c.Parameters != r.Parameters || c.Seeds != r.Seeds ||
		c.Name != filepath.Join("cells", r.Task, r.Agent) {
		t.Errorf("%+v; the suite says %+v", c, r)
	}
	if curves[0].NoCeiling {
		t.Error("the suite's tasks have a ceiling")
	}
	if curves, err := Read("../results/neurogym"); err != nil || !curves[0].NoCeiling {
		t.Errorf("environments of Python have no ceiling: %v", err)
	}
}
