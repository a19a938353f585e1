package tasks

import "math"

// Priced is a task whose trials pay the best policy differently.
type Priced interface {
	// TrialCeiling returns what the best policy that sees only observations earns, on average over sensory noise, on
	// trials with the parameters of this one. Its mean over the trials that Draw draws is the task's Ceiling.
	TrialCeiling(trial *Trial) float64
}

var _, _, _, _, _, _, _ Priced = (*GoNogo)(nil), (*PerceptualDecisionMaking)(nil), (*ContextDecisionMaking)(nil),
	(*DelayComparison)(nil), (*DelayMatchSample)(nil), (*ReadySetGo)(nil), (*TwoArmedBandit)(nil)

// TrialCeiling returns a function that returns what the best policy earns on trials like the one in hand. Shares of the
// ceiling are relative to it, so that luck with the trials drawn does not count. For a task that is not Priced, or
// whose ceiling is an upper bound, it is the task's ceiling.
func TrialCeiling(task Task) func(*Trial) float64 {
	if priced, ok := task.(Priced); ok && !task.Spec().CeilingBound {
		return priced.TrialCeiling
	}
	ceiling := task.Ceiling()
	return func(*Trial) float64 { return ceiling }
}

// TrialCeiling implements Priced: only go trials pay.
func (t *GoNogo) TrialCeiling(*Trial) float64 { return float64(t.trial.Go) * t.Rewards.Correct }

// TrialCeiling implements Priced: the accuracy at the trial's coherence.
func (t *PerceptualDecisionMaking) TrialCeiling(trial *Trial) float64 {
	return t.atCoherence(trial, t, t.trial.Coherence, t.Ring, t.Sigma)
}

// TrialCeiling implements Priced: the accuracy at the coherence of the modality that counts.
func (t *ContextDecisionMaking) TrialCeiling(trial *Trial) float64 {
	coherence := t.trial.Coh1
	if t.trial.Context == 1 {
		coherence = t.trial.Coh2
	}
	return t.atCoherence(trial, t, coherence, t.Ring, t.Sigma)
}

// atCoherence returns the reward of telling a trial's direction at a coherence in percent.
func (c *Choice) atCoherence(trial *Trial, task Task, coherence float64, ring int, sigma float64) float64 {
	return c.priced(task, ring, seen(coherence/100, math.Sqrt2*c.perStep(sigma)/math.Sqrt(lasting(trial, "stimulus"))))
}

// TrialCeiling implements Priced: the accuracy for the trial's pair.
func (t *DelayComparison) TrialCeiling(trial *Trial) float64 {
	difference := t.represent(t.trial.Pair[0]) - t.represent(t.trial.Pair[1])
	deviation := t.perStep(t.Sigma) * math.Sqrt(1/lasting(trial, "stimulus1")+1/lasting(trial, "stimulus2"))
	return t.priced(t, 2, seen(difference, deviation))
}

// TrialCeiling implements Priced: the accuracy for the durations of the trial's two stimuli.
func (t *DelayMatchSample) TrialCeiling(trial *Trial) float64 {
	right := func(period string) float64 {
		return seen(1, math.Sqrt2*t.perStep(t.Sigma)/math.Sqrt(lasting(trial, period)))
	}
	sample, test := right("sample"), right("test")
	return t.priced(t, t.Ring, sample*test+(1-sample)*(1-test))
}

// TrialCeiling implements Priced: the best press, which may lie between two steps.
func (t *ReadySetGo) TrialCeiling(trial *Trial) float64 {
	best, press := t.Rewards.Miss, *trial
	production := trial.Period("production")
	for press.Step = production.Start; press.Step < production.End; press.Step++ {
		best = max(best, t.press(&press).Reward)
	}
	return best
}

// priced returns the reward of answering with an accuracy. It returns the task's ceiling for more than two directions,
// where there is no formula for one trial, and where it pays not to answer when unsure, because a trial's reward then
// depends on more than the accuracy.
func (c *Choice) priced(task Task, ring int, accuracy float64) float64 {
	if ring > 2 || c.Rewards.Fail < c.Rewards.Miss {
		return task.Ceiling()
	}
	return c.Expected(accuracy)
}

// seen returns the probability to see a difference rightly through noise of the given standard deviation.
func seen(difference, deviation float64) float64 {
	if difference == 0 || math.IsInf(deviation, 1) {
		return 0.5
	}
	return normalCDF(difference / deviation)
}

// lasting returns the number of steps of a period of the trial.
func lasting(trial *Trial, period string) float64 {
	p := trial.Period(period)
	return float64(p.End - p.Start)
}
