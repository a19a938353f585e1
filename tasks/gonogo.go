package tasks

import "math/rand/v2"

// GoNogo is NeuroGym's GoNogo-v0: a cue, a delay, and then press if the cue said go. The response period
// shows nothing.
type GoNogo struct {
	Choice
	trial struct {
		Go        int   `json:"ground_truth"` // 1 on go trials
		Durations []int `json:"durations"`    // of each period, in steps
	}
}

// NewGoNogo returns GoNogo with NeuroGym's defaults.
func NewGoNogo() *GoNogo {
	t := &GoNogo{Choice: Choice{NewBase(100,
		Fixed("fixation", 0), Fixed("stimulus", 500), Fixed("delay", 500), Fixed("decision", 500))}}
	t.Rewards.Fail, t.Rewards.Miss = -0.5, -0.5
	return t
}

// Spec implements Task.
func (t *GoNogo) Spec() Spec {
	return Spec{Name: "GoNogo", StepMillis: t.DT, MaxTrialSteps: t.MaxTrialSteps(),
		Observations: []string{"fixation", "nogo", "go"}, Actions: []string{"fixate", "go"}}
}

// Params implements Task.
func (t *GoNogo) Params() any { return &t.trial }

// Draw implements Task.
func (t *GoNogo) Draw(rng *rand.Rand) {
	t.trial.Go = rng.IntN(2)
	t.trial.Durations = t.DrawDurations(t.trial.Durations, rng)
}

// Build implements Task.
func (t *GoNogo) Build(trial *Trial, _ Noise) {
	t.Lay(trial, t.trial.Durations)
	decision := trial.Period("decision")
	trial.Set(trial.All(), 0, 1)
	trial.Set(trial.Period("stimulus"), 1+t.trial.Go, 1)
	trial.Clear(decision)
	trial.Answer(decision, t.trial.Go)
}

// Timeout implements Task: not pressing is right on no-go trials and a miss on go trials.
func (t *GoNogo) Timeout() Verdict {
	if t.trial.Go == 0 {
		return Verdict{Correct: true}
	}
	return Verdict{Reward: t.Rewards.Miss}
}

// Check implements Task.
func (t *GoNogo) Check() error { return checkShown(&t.Choice, "stimulus") }

// Optimal implements Task: it presses on go trials, and on others, unless something else pays more.
func (t *GoNogo) Optimal(trial *Trial) int {
	press := t.Rewards.Correct
	if t.trial.Go == 0 {
		press = t.Rewards.Fail
	}
	wait := t.Timeout().Reward
	if t.breaks(trial, max(press, wait)) || trial.In("decision") && press > wait {
		return 1
	}
	return 0
}

// Ceiling implements Task: half the trials are go trials. A cue is seen without noise; a trial whose stimulus has no
// step is a guess.
func (t *GoNogo) Ceiling() float64 {
	r := t.Rewards
	return t.worth(t.steps("stimulus").mean(func(steps int) float64 {
		if steps == 0 {
			return max(r.Correct/2+r.Fail/2, r.Miss/2)
		}
		return max(r.Correct, r.Miss)/2 + max(r.Fail, 0)/2
	}))
}
