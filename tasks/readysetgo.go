package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// ReadySetGo is NeuroGym's ReadySetGo-v0: an interval is shown, from ready to set; press when as much time
// has passed again.
type ReadySetGo struct {
	Base
	Gain   float64 `json:"gain" range:"above 0, to 100" help:"interval to produce, as a multiple of the one shown"`
	Margin float64 `json:"prod_margin" range:"0 to 1" help:"tolerance, as a share of the interval to produce"`

	trial struct {
		Durations []int `json:"durations"` // of fixation, ready, measure and set, in steps
	}
}

// NewReadySetGo returns the task with NeuroGym's defaults.
func NewReadySetGo() *ReadySetGo {
	return &ReadySetGo{
		Base: NewBase(80, Fixed("fixation", 100), Fixed("ready", 83),
			TimedPeriod{"measure", Uniform(800, 1500)}, Fixed("set", 83)),
		Gain: 1, Margin: 0.2,
	}
}

// Spec implements Task.
func (t *ReadySetGo) Spec() Spec {
	longest := func(period string) int { return t.Timing[period].maxSteps(t.DT) }
	measured := longest("measure")
	steps := longest("fixation") + max(longest("ready"), measured+longest("set")+t.production(measured))
	return Spec{Name: "ReadySetGo", StepMillis: t.DT, MaxTrialSteps: steps,
		Observations: []string{"fixation", "ready", "set"}, Actions: []string{"fixate", "go"}}
}

// Check implements Task.
func (t *ReadySetGo) Check() error {
	if !(t.Gain > 0 && t.Gain <= 100) {
		return fmt.Errorf("invalid gain %v: use above 0, to 100", t.Gain)
	}
	if !(t.Margin >= 0 && t.Margin <= 1) {
		return fmt.Errorf("invalid prod_margin %v: use 0 to 1", t.Margin)
	}
	if err := t.Base.Check(); err != nil {
		return err
	}
	if err := t.CheckSteps("ready", "set"); err != nil {
		return err
	}
	if t.production(t.Timing["measure"].minSteps(t.DT)) < 1 {
		return fmt.Errorf("timing: the period \"measure\" may be so short that the interval to produce has no step "+
			"of %d ms: make it longer, or use a smaller dt", t.DT)
	}
	return nil
}

// Params implements Task.
func (t *ReadySetGo) Params() any { return &t.trial }

// Draw implements Task.
func (t *ReadySetGo) Draw(rng *rand.Rand) {
	t.trial.Durations = t.DrawDurations(t.trial.Durations, rng)
}

// Build implements Task. The measured interval begins with the end of fixation, so it contains ready.
func (t *ReadySetGo) Build(trial *Trial, _ Noise) {
	d := t.trial.Durations
	fixation, ready, measure, set := d[0], d[1], d[2], d[3]
	trial.AddPeriod("fixation", 0, fixation)
	trial.AddPeriod("ready", fixation, ready)
	trial.AddPeriod("measure", fixation, measure)
	trial.AddPeriod("set", fixation+measure, set)
	trial.AddPeriod("production", fixation+measure+set, t.production(measure))
	production := trial.Period("production")
	trial.Set(trial.All(), 0, 1)
	trial.Set(production, 0, 0)
	trial.Set(trial.Period("ready"), 1, 1)
	trial.Set(trial.Period("set"), 2, 1)
	trial.GroundTruth[production.Start+int(t.produced()/float64(t.DT))] = 1
}

// produced returns the interval to produce, in milliseconds.
func (t *ReadySetGo) produced() float64 { return float64(t.trial.Durations[2]*t.DT) * t.Gain }

// production returns the number of steps in which to press after a measured interval of the given number of steps:
// twice the interval to produce.
func (t *ReadySetGo) production(measured int) int {
	return int(2 * float64(measured*t.DT) * t.Gain / float64(t.DT))
}

// Judge implements Task: a press in production ends the trial. Time counts from the end of the measured
// interval, not from the end of set.
func (t *ReadySetGo) Judge(trial *Trial, action int) Verdict {
	switch {
	case action == 0:
		return Verdict{}
	case trial.In("fixation"):
		return Verdict{Reward: t.Rewards.Abort, End: t.Abort}
	case trial.In("production"):
		return t.press(trial)
	}
	return Verdict{}
}

func (t *ReadySetGo) press(trial *Trial) Verdict {
	reward, hit := t.pressed(trial.Step-trial.Period("measure").End, t.produced())
	return Verdict{Reward: reward, End: true, Correct: hit}
}

// pressed returns the reward of a press the given number of steps after the measured interval, and whether the press is
// within the tolerance.
func (t *ReadySetGo) pressed(steps int, produced float64) (reward float64, hit bool) {
	miss, tolerance := math.Abs(float64(steps*t.DT)-produced), t.Margin*produced+25
	if miss > tolerance {
		return t.Rewards.Fail, false
	}
	return math.Max(math.Pow(1-miss/tolerance, 1.5), 0.1) * t.Rewards.Correct, true
}

// bestPress returns the step after the measured interval at which a press pays most, and its reward. A press counts
// only in the production period, which follows set and lasts twice the interval to produce.
func (t *ReadySetGo) bestPress(measured, set int) (step int, reward float64) {
	dt, produced := float64(t.DT), float64(measured*t.DT)*t.Gain
	tolerance := t.Margin*produced + 25
	first, last := set, set+t.production(measured)-1
	reward = math.Inf(-1)
	// the best, or least bad, lies beside one
	for _, ms := range []float64{produced, produced - tolerance, produced + tolerance} {
		for near := int(ms/dt) - 1; near <= int(ms/dt)+2; near++ {
			at := max(first, min(near, last))
			if r, _ := t.pressed(at, produced); r > reward {
				step, reward = at, r
			}
		}
	}
	return step, reward
}

// Timeout implements Task.
func (t *ReadySetGo) Timeout() Verdict { return Verdict{Reward: t.Rewards.Miss} }

// Optimal implements Task: it presses when that pays most, which with the default timing is one step before the ground
// truth.
func (t *ReadySetGo) Optimal(trial *Trial) int {
	measure := trial.Period("measure")
	best, reward := t.bestPress(t.trial.Durations[2], t.trial.Durations[3])
	if t.breaks(trial, max(reward, t.Rewards.Miss)) || reward >= t.Rewards.Miss && trial.Step == measure.End+best {
		return 1
	}
	return 0
}

// Cue implements Task: it presses a fixed 13 steps into production, near the middle of the intervals.
func (t *ReadySetGo) Cue(trial *Trial) int {
	if trial.In("production") && trial.Step >= trial.Period("production").Start+13 {
		return 1
	}
	return 0
}

// Ceiling implements Task: the interval is seen to the step, and the best press is one of the steps of production, or
// none.
func (t *ReadySetGo) Ceiling() float64 {
	return remembered(t, func() float64 {
		return t.worth(t.steps("measure").mean(func(measured int) float64 {
			return t.steps("set").mean(func(set int) float64 {
				_, reward := t.bestPress(measured, set)
				return max(reward, t.Rewards.Miss)
			})
		}))
	})
}
