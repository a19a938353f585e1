package watch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
	"engram/plots"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// one looks at the only run.
func one(t testing.TB, w *Watcher) View {
	t.Helper()
	views := w.Look()
	if len(views) != 1 {
		t.Fatalf("%d views, want 1", len(views))
	}
	return views[0]
}

func watcher(t testing.TB, dirs ...string) *Watcher {
	t.Helper()
	w, err := New(dirs...)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWatchedRun watches a training without pause, by two watchers. It ends as one that nobody watched does, in the
// same bytes, and nothing was left in its directory.
func TestWatchedRun(t *testing.T) {
	c := drqntest.Small(t)
	c.Updates, c.EvalEvery = 120, 30
	alone := labtest.Train(t, filepath.Join(t.TempDir(), "alone"), c)
	dir := filepath.Join(t.TempDir(), "watched")
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() { followUntil(t, dir, done) })
	}
	labtest.Train(t, dir, c)
	close(done)
	readers.Wait()
	for _, name := range []string{"config.json", "metrics.jsonl", "evals.jsonl", "checkpoints/120/weights.json"} {
		want, err := os.ReadFile(filepath.Join(alone.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from that of a run that nobody watched: %v", name, err)
		}
	}
	if got, want := names(t, dir), names(t, alone.Dir); !slices.Equal(got, want) {
		t.Errorf("the directory holds %v, want %v", got, want)
	}
	v := one(t, watcher(t, dir))
	if v.State != lab.Finished || v.Update != 120 || v.Latest == nil || v.Latest.Update != 120 || v.Result == nil {
		t.Errorf("at the end it shows %+v", v)
	}
}

// followUntil looks without pause; what it sees must only go forward.
func followUntil(t *testing.T, dir string, done <-chan struct{}) {
	var w *Watcher
	last := int64(0)
	for {
		select {
		case <-done:
			if last == 0 {
				t.Error("nothing was seen while it trained")
			}
			return
		default:
		}
		if w == nil {
			w, _ = New(dir) // there is no run yet
			time.Sleep(time.Millisecond)
			continue
		}
		for _, v := range w.Look() {
			if said := strings.Join(v.Trouble, " "); v.Update < last || v.Update > 0 && v.State == lab.Died ||
				strings.Contains(said, "jsonl") {
				t.Errorf("after update %d it shows %d, %s, and says %q", last, v.Update, v.State, said)
				return
			}
			last = v.Update
		}
	}
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestBest checks the latest evaluation and the one with the highest reward.
func TestBest(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	lines := `{"update":0,"reward_per_trial":-0.5,"share_of_ceiling":-1}
{"update":6,"reward_per_trial":0.45,"share_of_ceiling":0.9}
{"update":12,"reward_per_trial":0.1,"share_of_ceiling":0.2}
`
	if err := os.WriteFile(filepath.Join(r.Dir, "evals.jsonl"), []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	v := one(t, watcher(t, r.Dir))
	if v.Best.Update != 6 || v.Latest.Update != 12 {
		t.Errorf("best %+v, latest %+v", v.Best, v.Latest)
	}
	if !slices.ContainsFunc(v.Trouble, func(s string) bool { return strings.Contains(s, "fell from 0.450 to 0.100") }) {
		t.Errorf("it says %q of an agent that fell", v.Trouble)
	}
}

// TestRate checks the rate of 300 updates in 2 s; the clock of an earlier process does not count.
func TestRate(t *testing.T) {
	var f follower
	for _, timing := range []lab.Timing{{Update: 100, Seconds: 50}, {Update: 200, Seconds: 99},
		{Update: 200, Seconds: 1}, {Update: 350, Seconds: 2}, {Update: 500, Seconds: 3}} {
		f.addTiming(timing)
	}
	if rate, interval := f.rate(); rate != 150 || interval != 1 {
		t.Errorf("%v updates a second, a report every %v s", rate, interval)
	}
	for i := range 10 * pacesKept {
		f.addTiming(lab.Timing{Update: int64(500 + i), Seconds: float64(3 + i)})
	}
	if rate, _ := f.rate(); rate != 1 || len(f.paces) != pacesKept {
		t.Errorf("%v updates a second over %d reports", rate, len(f.paces))
	}
}

// The page of a gated run has the quartiles of lambda_t over training, and lambda_t over a trial of the
// newest agent; the text has the newest quartiles.
func TestGates(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	c := drqntest.Small(t)
	c.ForgetGate, c.ForgetBias, c.ForgetScale, c.ForgetGain, c.TrainLambda = drqn.ForgetRow, 2, 2, 5, false
	c, err := c.WithoutUnused()
	if err != nil {
		t.Fatal(err)
	}
	r := labtest.Train(t, filepath.Join(root, "run"), c)
	metrics, err := r.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	v, last := watcher(t, root).Look()[0], metrics[len(metrics)-1]
	want := fmt.Sprintf("%.3f (%.3f to %.3f)", last.LambdaMedian, last.LambdaFirst, last.LambdaThird)
	if text := v.Text(120); !(last.LambdaThird > 0) || !strings.Contains(text, "lambda_t") ||
		!strings.Contains(text, want) {
		t.Errorf("the text lacks %q: %s", want, text)
	}
	headings := map[string]plots.Chart{}
	for _, chart := range v.Charts() {
		headings[chart.Heading()] = chart
	}
	band, drawn := headings["Decay lambda_t of M"].(plots.Lines)
	if !drawn || len(band.Series[0].Y) != len(metrics) || band.Series[0].Y[0] != metrics[0].LambdaMedian ||
		band.Series[0].Low[1] != metrics[1].LambdaFirst || band.Series[0].High[2] != metrics[2].LambdaThird {
		t.Errorf("the course over training: %+v of %+v", band.Series, metrics)
	}
	for _, heading := range []string{"Decay lambda_t of M over a trial", "lambda_t of each hidden unit over a trial"} {
		if headings[heading] == nil {
			t.Errorf("the page lacks %q", heading)
		}
	}
	if err := os.RemoveAll(filepath.Join(r.Dir, "checkpoints")); err != nil {
		t.Fatal(err)
	}
	if charts := watcher(t, root).Look()[0].Charts(); len(charts) != 4 {
		t.Errorf("%d charts without a checkpoint, want 4", len(charts))
	}
}

func TestFindings(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	healthy := View{Cell: "mpn", State: lab.Running, Changed: now.Add(-10 * time.Second),
		last: drqn.Metrics{Update: 100, Lambda: 0.9}}
	if found := healthy.findings(now, 1, 0); len(found) > 0 {
		t.Errorf("of a healthy run it says %q", found)
	}
	for want, change := range map[string]func(*View) (interval float64, clipped int){
		"nothing was written for 3 min": func(v *View) (float64,
			int) {
			v.Changed = now.Add(-3 * time.Minute)
			return 1, 0
		},
		"it failed: no space left": func(v *View) (float64, int) {
			v.State, v.Error = lab.Failed,
				"no space left"
			return 1, 0
		},
		"it died":                                  func(v *View) (float64, int) { v.State = lab.Died; return 1, 0 },
		"clipped in the last 30 reports":           func(v *View) (float64, int) { return 1, 30 },
		"lambda fell to 0.010: it forgets at once": func(v *View) (float64, int) { v.last.Lambda = 0.01; return 1, 0 },
		"the third quartile of lambda_t fell to 0.040: it forgets at once": func(v *View) (float64, int) {
			v.decays, v.last.LambdaThird = &[3]curve{}, 0.04
			return 1, 0
		},
	} {
		v := healthy
		interval, clipped := change(&v)
		if found := v.findings(now, interval, clipped); len(found) != 1 || !strings.Contains(found[0], want) {
			t.Errorf("it says %q, want %q", found, want)
		}
	}
	slow := healthy
	slow.Changed = now.Add(-3 * time.Minute)
	if found := slow.findings(now, 60, 0); len(found) > 0 {
		t.Errorf("of a run that reports every minute it says %q after three", found)
	}
}

// TestUnreadable checks that damage in a run's files is reported, and that the other runs are shown.
func TestUnreadable(t *testing.T) {
	root := t.TempDir()
	good, bad, altered := filepath.Join(root, "good"), filepath.Join(root, "bad"), filepath.Join(root, "altered")
	for _, dir := range []string{good, bad, altered} {
		labtest.Train(t, dir, drqntest.Small(t))
	}
	if err := os.WriteFile(filepath.Join(bad, "config.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(altered, "metrics.jsonl"), []byte("{]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, v := range watcher(t, root).Look() {
		said := strings.Join(v.Trouble, " ")
		switch v.Dir {
		case good:
			if said != "" {
				t.Errorf("of the good run it says %q", said)
			}
		case bad:
			if !strings.Contains(said, "config.json") {
				t.Errorf("of a cut config it says %q", said)
			}
		case altered:
			if !strings.Contains(said, "metrics.jsonl, line 1") || v.Latest == nil || v.State != lab.Finished {
				t.Errorf("of altered metrics it says %q, %+v", said, v)
			}
		}
		if v.Text(80) == "" || !v.Ended() {
			t.Errorf("%s shows %q", v.Dir, v.Text(80))
		}
	}
}

func TestNothingToWatch(t *testing.T) {
	dir := t.TempDir()
	for _, missing := range []string{dir, filepath.Join(dir, "missing")} {
		if _, err := New(missing); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("error %v", err)
		}
	}
}

// TestCurveIsBounded adds a line y = x of many places: the curve stays on it, and small.
func TestCurveIsBounded(t *testing.T) {
	var c curve
	const places = 100_000
	for i := range places {
		c.add(float64(i), float64(i)-1) // two members
		c.add(float64(i), float64(i)+1)
	}
	points := c.all()
	if len(points) > mostPoints || len(points) < mostPoints/2 {
		t.Errorf("%d points", len(points))
	}
	for i, p := range points {
		if p.x != p.y || i > 0 && p.x <= points[i-1].x {
			t.Fatalf("point %d is %v", i, p)
		}
	}
	if first, last := points[0].x, points[len(points)-1].x; first > 200 || last < places-200 {
		t.Errorf("the curve goes from %v to %v", first, last)
	}
}
