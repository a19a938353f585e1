package bridge_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/analysis/report"
	"engram/bridge"
	"engram/internal/drqntest"
	"engram/lab/perturb"
	"engram/lab/record"
)

// TestRecords records agents in environments of Python by the episode, with what each says of itself, and reads the
// file in Python.
func TestRecords(t *testing.T) {
	t.Parallel()
	for task, wanted := range map[string]struct {
		conditions []string
		steps      int // of each episode; 0: they differ
	}{
		"gymnasium:CartPole-v1":               {nil, 0},
		"popgym:popgym-RepeatPreviousEasy-v0": {nil, 51},
		"testdata.odd:Told": {[]string{".._evil__31m", "5", "cue", "easy", "level", "nan", "none", "place.0", "place.1",
			"side"}, 10},
	} {
		t.Run(task, func(t *testing.T) {
			t.Parallel()
			p := drqntest.Policy(t, "general", map[string]string{"task": task, "hidden": "4", "window": "8"})
			path := filepath.Join(t.TempDir(), "r.npz")
			o := record.Options{Trials: 12, Seed: 3, State: record.State{Kind: record.EveryKth, N: 4}}
			if _, err := record.Write(t.Context(), p, path, o); err != nil {
				t.Fatal(err)
			}
			r, err := record.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			known := slices.ContainsFunc(r.GroundTruth, func(truth int32) bool { return truth != -1 })
			if r.Unit != "episode" || r.Trials != 12 || r.Correct != nil || slices.Contains(r.Fresh, false) || known {
				t.Errorf("recorded %+v, correct %v, fresh %v, truth known %v", r.About, r.Correct, r.Fresh, known)
			}
			if got := r.Conditions(); !slices.Equal(got, wanted.conditions) {
				t.Errorf("conditions %q, want %q", got, wanted.conditions)
			}
			if wanted.steps != 0 && r.Steps != 12*wanted.steps {
				t.Errorf("%d steps of 12 episodes of %d", r.Steps, wanted.steps)
			}
			readInPython(t, path, r)
			_, perturbing := perturb.Run(t.Context(), p, 5, 1, perturb.Perturbation{Kind: perturb.Wipe, When: "1"})
			_, analysing := report.Analyse(t.Context(), p, report.Options{Trials: 20})
			for _, err := range []error{perturbing, analysing} {
				if err == nil || !strings.HasPrefix(err.Error(), task+" is no task of engram: use a run of") {
					t.Errorf("compared without a ground truth: %v", err)
				}
			}
		})
	}
}

// readInPython reads the recording as docs/python.md shows. What Told's observation shows is what its condition says.
func readInPython(t *testing.T, path string, r *record.Recording) {
	t.Helper()
	python := exec.CommandContext(t.Context(), bridge.Python(), "-W", "ignore", "-c", `
import json, sys
import numpy as np
z = np.load(sys.argv[1])
trial = np.repeat(np.arange(len(z["trial_offsets"]) - 1), np.diff(z["trial_offsets"]))
if "condition_side" in z:
    drawn = z["observation"][:, 1]
    assert (z["condition_side"][trial] == (drawn * 2).astype(int)).all()
    assert (z["condition_cue"][trial] == np.where(drawn < .5, "left", "right")).all()
    assert (z["condition_level"] == np.where(z["condition_side"], 0, .5)).all() and z["condition_level"].dtype == float
    assert (z["condition_nan"] == "").all()
print(json.dumps([int(trial[-1]) + 1, len(z["q"]), float(z["reward"].sum())]))
`, path)
	out, err := python.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got [3]float64
	sum := 0.0
	for _, reward := range r.Reward {
		sum += float64(reward)
	}
	if err := json.Unmarshal(out, &got); err != nil || got[0] != 12 || int(got[1]) != r.Steps || got[2]-sum > 1e-3 ||
		sum-got[2] > 1e-3 {
		t.Errorf("Python reads %s, want 12 episodes of %d steps that earn %v, %v", out, r.Steps, sum, err)
	}
}
