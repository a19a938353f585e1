package tasks

import "math/rand/v2"

// IntervalDiscrimination is NeuroGym's IntervalDiscrimination-v0: say which of two stimuli lasted longer.
type IntervalDiscrimination struct {
	Choice
	trial struct {
		Answer    int   `json:"ground_truth"` // 1 the first was longer, 2 it was not
		Durations []int `json:"durations"`
	}
}

// NewIntervalDiscrimination returns the task with NeuroGym's defaults.
func NewIntervalDiscrimination() *IntervalDiscrimination {
	return &IntervalDiscrimination{Choice: Choice{NewBase(80, Fixed("fixation", 300),
		TimedPeriod{"stim1", Uniform(300, 600)}, TimedPeriod{"delay1", Uniform(800, 1500)},
		TimedPeriod{"stim2", Uniform(300, 600)},
		Fixed("delay2", 500), Fixed("decision", 300))}}
}

// Spec implements Task.
func (t *IntervalDiscrimination) Spec() Spec {
	return Spec{Name: "IntervalDiscrimination", StepMillis: t.DT, MaxTrialSteps: t.MaxTrialSteps(),
		Observations: []string{"fixation", "stim1", "stim2"}, Actions: []string{"fixate", "first", "second"}}
}

// Params implements Task.
func (t *IntervalDiscrimination) Params() any { return &t.trial }

// Draw implements Task. Equal durations count as the second being longer.
func (t *IntervalDiscrimination) Draw(rng *rand.Rand) {
	t.trial.Durations = t.DrawDurations(t.trial.Durations, rng)
	t.trial.Answer = 2
	if t.trial.Durations[1] > t.trial.Durations[3] {
		t.trial.Answer = 1
	}
}

// Build implements Task.
func (t *IntervalDiscrimination) Build(trial *Trial, _ Noise) {
	t.Lay(trial, t.trial.Durations)
	decision := trial.Period("decision")
	trial.Set(trial.All(), 0, 1)
	trial.Set(trial.Period("stim1"), 1, 1)
	trial.Set(trial.Period("stim2"), 2, 1)
	trial.Clear(decision)
	trial.Answer(decision, t.trial.Answer)
}

// Cue implements Task: it answers 2, the more frequent one.
func (t *IntervalDiscrimination) Cue(trial *Trial) int { return 2 * t.Choice.Cue(trial) }

// Check implements Task.
func (t *IntervalDiscrimination) Check() error { return checkShown(&t.Choice, "stim1", "stim2") }

// Ceiling implements Task: durations are seen without noise.
func (t *IntervalDiscrimination) Ceiling() float64 { return t.Expected(1) }
