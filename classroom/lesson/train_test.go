package lesson

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
)

const gonogo = `"task":"GoNogo","learning_rate":0.003,"seed":0`

// TestTrain learns GoNogo, and shows that slices leave the bits as they are: those of a trainer without a page.
func TestTrain(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	a := ask[trainData](t, r, "train", `{`+gonogo+`}`)
	if a.Data.Update != 0 || a.Data.Solved || a.More {
		t.Errorf("before the first update: %+v", a.Data)
	}
	for _, slice := range []string{`"updates":1`, `"updates":99`} {
		a = ask[trainData](t, r, "train", `{`+gonogo+`,`+slice+`}`)
	}
	if a.Data.Update != 100 || a.Data.Share < solvedAt || !a.Data.Solved || len(a.Data.Evaluations) != 5 {
		t.Errorf("after 100 updates: %+v", a.Data)
	}
	for _, place := range []string{"train-share", "train-loss", "train-trial"} {
		if len(a.Charts[place].Options) == 0 {
			t.Errorf("chart %s is missing", place)
		}
	}
	if alone := trainedAlone(t, r, 100); alone != a.Data.Digest {
		t.Errorf("digest %s, without a page %s", a.Data.Digest, alone)
	}
	if other := ask[trainData](t, r, "train", `{`+gonogo+`,"anew":true,"updates":3}`); other.Data.Update != 3 ||
		other.Data.Digest == a.Data.Digest {
		t.Errorf("anew: %+v", other.Data)
	}
}

// trainedAlone returns the digest of the agent of a trainer after so many updates.
func trainedAlone(t *testing.T, r *Room, updates int64) string {
	t.Helper()
	c, err := assemble("GoNogo", map[string]any{"learning_rate": 0.003})
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPupil(r.backend, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.trainer.TrainUntil(context.Background(), updates, p); err != nil {
		t.Fatal(err)
	}
	digest, err := p.digest(0)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// TestSlices asks for time, and stops where it pleases.
func TestSlices(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for i := range 3 {
		a := ask[trainData](t, r, "train", `{`+gonogo+`,"millis":1}`)
		if !a.More || len(a.Charts) > 0 {
			t.Errorf("slice %d: %+v", i, a)
		}
	}
	if a := ask[trainData](t, r, "train", `{`+gonogo+`,"millis":1,"look":true}`); !a.More || a.Data.Update < 4 {
		t.Errorf("the slice to look at: %+v", a.Data)
	}
	if _, err := r.Ask("train", []byte(`{`+gonogo+`,"millis":5000}`)); err == nil ||
		!strings.Contains(err.Error(), "invalid millis 5000: use 0 to 1000") {
		t.Errorf("5 s at once: %v", err)
	}
}

// TestWipe wipes the memory of an agent that has learned: in the delay its answers become a guess.
func TestWipe(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for name, input := range map[string]string{"wipe": `{"step":7,"cue":"go"}`, "loss": `{"draw":0}`} {
		if _, err := r.Ask(name, []byte(input)); err == nil || !strings.Contains(err.Error(), "train one first") {
			t.Errorf("%s without an agent: %v", name, err)
		}
	}
	ask[trainData](t, r, "train", `{`+gonogo+`,"updates":100}`)
	a := ask[wipeData](t, r, "wipe", `{"step":7,"cue":"go"}`)
	if len(a.Data.Points) != 15 || a.Data.Intact < 0.95 || a.Data.Wiped > 0.8 || a.Data.Points[0].Accuracy < 0.95 {
		t.Errorf("%+v", a.Data)
	}
	intact, err := r.pupil.acted(-1)
	if err != nil {
		t.Fatal(err)
	}
	wiped, err := r.pupil.acted(7)
	if err != nil {
		t.Fatal(err)
	}
	for step, want := range map[int]bool{6: true, 7: false} {
		if got := slices.Equal(intact[0].Q[step], wiped[0].Q[step]); got != want {
			t.Errorf("the values at step %d are the same: %t, want %t", step, got, want)
		}
	}
}

// TestLoss checks the terms of a window against each other, and that no value depends on what comes after it.
func TestLoss(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ask[trainData](t, r, "train", `{`+gonogo+`,"updates":5}`)
	d := ask[lossData](t, r, "loss", `{"draw":3}`).Data
	sum, n := 0.0, 0.0
	for i, mask := range d.Terms.Mask {
		if mask == 0 {
			continue
		}
		e := d.Terms.Taken[i] - d.Terms.Targets[i]
		if math.Abs(e-d.Terms.Errors[i]) > 1e-12 || math.Abs(e) < 1 && math.Abs(e*e/2-d.Terms.Losses[i]) > 1e-12 {
			t.Errorf("step %d: q - y is %g, its error %g and loss %g", i, e, d.Terms.Errors[i], d.Terms.Losses[i])
		}
		sum, n = sum+d.Terms.Losses[i], n+1
	}
	if n == 0 || math.Abs(sum/n-d.Loss) > 1e-9 {
		t.Errorf("the mean of the terms is %g, the loss %g", sum/n, d.Loss)
	}
	for i, row := range d.Sensitivity {
		if later := row[i+1:]; len(later) > 0 && slices.Max(later) != 0 {
			t.Errorf("the value at step %d depends on later inputs: %v", i, later)
		}
	}
}

// TestFailures fails and repairs each failure, in as few updates as both can be seen.
func TestFailures(t *testing.T) {
	t.Parallel()
	seen := map[string]int{"no-projection": 80, "short-window": 80, "window-end": 120, "zero-start": 240,
		"shifted-target": 420, "no-final-bootstrap": 80, "truncation": 80, "classic": 80}
	for _, f := range failures() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && seen[f.name] > 80 {
				t.Skip("long training: those of 80 updates suffice for the race detector")
			}
			a := ask[failData](t, newRoom(t), "break", fmt.Sprintf(`{"failure":%q,"updates":%d}`, f.name, seen[f.name]))
			if a.Data.Update != int64(seen[f.name]) || a.Data.Broken > 0.75 || a.Data.Repaired < 0.9 {
				t.Errorf("%+v", a.Data)
			}
		})
	}
	if _, err := newRoom(t).Ask("break", []byte(`{"failure":"laziness"}`)); err == nil {
		t.Error("an unknown failure is no error")
	}
}

// TestCow judges under another time limit than it learns under.
func TestCow(t *testing.T) {
	t.Parallel()
	f, err := failureOf("truncation")
	if err != nil {
		t.Fatal(err)
	}
	_, c, err := f.configs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPupil(newRoom(t).backend, c)
	if err != nil {
		t.Fatal(err)
	}
	p.limit = f.limit
	for i := range p.trainer.Weights(0) {
		p.trainer.Weights(0)[i] = 0 // all actions are worth the same, and the first is to keep
	}
	if err := p.Evaluation(0, drqn.Evaluation{Trials: 1}); err != nil {
		t.Fatal(err)
	}
	if share := p.share(0); math.Abs(share-1) > 1e-6 {
		t.Errorf("keeping the cow for %d days earns a share of %g", f.limit, share)
	}
}

// TestSweep trains every point of the grid, and gives each agent its place on the axes.
func TestSweep(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	a := ask[sweepData](t, r, "sweep", `{}`)
	if len(a.Data.Trials) != len(sweepRates)*len(sweepEtas) || a.Data.Trials[0].Share != nil {
		t.Fatalf("before: %+v", a.Data)
	}
	a = ask[sweepData](t, r, "sweep", `{"updates":15}`)
	seen := map[[2]float64]bool{}
	for _, s := range a.Data.Trials {
		seen[[2]float64{s.LearningRate, s.Eta}] = true
		if s.Share == nil {
			t.Errorf("%+v has no share", s)
		}
	}
	if len(seen) != len(a.Data.Trials) || a.Data.Update != 15 {
		t.Errorf("%+v", a.Data)
	}
}
