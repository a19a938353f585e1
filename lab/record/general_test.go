package record

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/tasks"
)

// walk is an environment that is no task: trials of three or four steps, of which the third trial of every episode is
// cut after one step. Its parameter is the number of the trial since its first Reset. As episodes it has no trials.
type walk struct {
	Episodes bool `json:"episodes"`

	trial, inEpisode, at int
}

func (w *walk) Check() error { return nil }

func (w *walk) Spec() tasks.Spec {
	return tasks.Spec{Name: "Walk", Observations: []string{"trial", "at"}, Actions: []string{"a", "b"},
		Trials: !w.Episodes}
}

func (w *walk) Reset(uint64) ([]float32, error) {
	w.inEpisode, w.at = 0, 0
	w.trial++
	return w.observe(), nil
}

func (w *walk) observe() []float32 { return []float32{float32(w.trial), float32(w.at)} }

func (w *walk) Step(int) (s tasks.Step, err error) {
	w.at++
	switch {
	case w.inEpisode == 2:
		s.Truncated = true
	case w.at == 3+w.trial%2:
		s.Info = tasks.Info{TrialEnd: true, Correct: w.trial%4 == 1, HasTruth: true, GroundTruth: 1}
		w.trial, w.inEpisode, w.at = w.trial+1, w.inEpisode+1, 0
	}
	s.Reward, s.Observation = float32(w.trial), w.observe()
	return s, nil
}

func (w *walk) DescribeTrial() (tasks.TrialDescription, error) {
	if w.trial > 30 {
		return tasks.TrialDescription{}, fmt.Errorf("trial %d is secret", w.trial)
	}
	return tasks.TrialDescription{Params: map[string]any{"number": w.trial, "odd": w.trial%2 == 1},
		Periods: []tasks.Period{{Name: "cue", Start: 0, End: 2}}}, nil
}

var registered = tasks.RegisterEnvironment("Walk", func() tasks.Env { return &walk{} })

func walking(t *testing.T, options string) *drqn.Policy {
	t.Helper()
	if registered != nil {
		t.Fatal(registered)
	}
	return drqntest.Policy(t, "general", map[string]string{"task": "Walk", "task_options": options, "hidden": "4",
		"window": "8", "time_limit": "50"})
}

// TestOfGeneralEnvironment records an environment that is no task: whole trials alone, with what it says of them, and
// no ground truth where there is none.
func TestOfGeneralEnvironment(t *testing.T) {
	t.Parallel()
	for _, state := range []State{{Kind: All}, {Kind: None}, {EveryKth, 2}, {Components, 3}} {
		r := recorded(t, walking(t, `{}`), Options{Trials: 6, Seed: 1, State: state})
		// The trials cut are those of the numbers 3, 6, 9.
		want := condition{numbers: []float64{1, 2, 4, 5, 7, 8}}
		if got := r.conditions["number"]; !slices.Equal(got.numbers, want.numbers) || r.Unit != "trial" {
			t.Errorf("%v: trials %v of unit %s, want %v", state, got, r.Unit, want)
		}
		if want := []int{0, 4, 7, 10, 14, 18, 21}; !slices.Equal(r.Offsets, want) {
			t.Errorf("%v: offsets %v, want %v", state, r.Offsets, want)
		}
		if want := []bool{true, false, false, true, false, false}; !slices.Equal(r.Correct, want) {
			t.Errorf("%v: correct %v, want %v", state, r.Correct, want)
		}
		for step, at := range r.Period {
			trial := 0
			for r.Offsets[trial+1] <= step {
				trial++
			}
			in := step - r.Offsets[trial]
			seen := r.Observation[len(r.Observations)*step:][:2]
			if seen[0] != float32(want.numbers[trial]) || seen[1] != float32(in) {
				t.Errorf("%v: step %d shows %v, of trial %v step %d", state, step, seen, want.numbers[trial], in)
			}
			last := step+1 == r.Offsets[trial+1]
			if truth := r.GroundTruth[step]; last && truth != 1 || !last && truth != -1 {
				t.Errorf("%v: ground truth of step %d of %d is %d", state, in, trial, truth)
			}
			if in < 2 != (at == 0) || !slices.Equal(r.Periods, []string{"cue"}) {
				t.Errorf("%v: step %d is of period %d of %v", state, in, at, r.Periods)
			}
		}
		for i, step := range r.StateStep {
			if step >= r.Steps || i > 0 && step <= r.StateStep[i-1] {
				t.Errorf("%v: states are of the steps %v", state, r.StateStep)
			}
		}
		if rows := len(r.StateStep); state.Kind == All && rows != r.Steps || state.Kind == EveryKth && rows != 12 {
			t.Errorf("%v: %d states of %d steps", state, rows, r.Steps)
		}
	}
}

// TestOfEpisodes records an environment without trials: of its episodes nobody says whether they are correct.
func TestOfEpisodes(t *testing.T) {
	t.Parallel()
	r := recorded(t, walking(t, `{"episodes":true}`), Options{Trials: 3, Seed: 1, State: State{Kind: All}})
	if r.Unit != "episode" || r.Correct != nil || !slices.Equal(r.Offsets, []int{0, 8, 16, 24}) ||
		!slices.Equal(r.Fresh, []bool{true, true, true}) {
		t.Errorf("episodes: unit %s, correct %v, offsets %v, fresh %v", r.Unit, r.Correct, r.Offsets, r.Fresh)
	}
	path := filepath.Join(t.TempDir(), "r.npz")
	_, err := Write(t.Context(), walking(t, `{}`), path, Options{Trials: 50, Seed: 1, State: State{Kind: None}})
	if err == nil || err.Error() != "trial 31 is secret" {
		t.Errorf("an environment that fails to describe a trial: %v", err)
	}
}
