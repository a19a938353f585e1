package drqn

import "context"

// Observer is told what happens in a training run, in order. An error of its own ends the run with it.
type Observer interface {
	Metrics(Metrics) error
	Evaluation(member int, e Evaluation) error
}

// Metrics are the means of an interval of updates of one member. They hold no clock: the same config gives the
// same metrics.
type Metrics struct {
	Member           int     `json:"member"` // of the population, from 0
	Update           int64   `json:"update"`
	EnvironmentSteps int64   `json:"environment_steps"`
	Trials           int64   `json:"trials"` // ended in the interval
	Loss             float64 `json:"loss"`
	GradientNorm     float64 `json:"gradient_norm"` // before clipping
	MeanQ            float64 `json:"mean_q"`
	Eta              float64 `json:"eta"` // the mean, where there are several; of two layers the first's; so lambda
	Lambda           float64 `json:"lambda"`
	Epsilon          float64 `json:"epsilon"`
	RewardPerTrial   float64 `json:"reward_per_trial"` // while exploring; 0 where no trial ended
}

// reportWindow sums stats until they are reported.
type reportWindow struct {
	sum   Stats
	count int
}

func (w *reportWindow) add(s Stats) {
	w.sum.Loss += s.Loss
	w.sum.GradientNorm += s.GradientNorm
	w.sum.MeanQ += s.MeanQ
	w.count++
}

// report tells the observer what is due after an update.
func (t *Trainer) report(ctx context.Context, o Observer) error {
	c, last := t.config(), t.Update() == int64(t.config().Updates)
	if t.Update()%int64(c.MetricsEvery) == 0 || last {
		for k, m := range t.members {
			if err := o.Metrics(t.metrics(k, m)); err != nil {
				return err
			}
		}
	}
	if t.Update()%int64(max(1, c.EvalEvery)) != 0 && !last {
		return nil
	}
	return t.evaluateAll(ctx, o)
}

// evaluateAll evaluates every member, if the config asks for evaluations on the way.
func (t *Trainer) evaluateAll(ctx context.Context, o Observer) error {
	if t.config().EvalEvery == 0 {
		return nil
	}
	for k, m := range t.members {
		if err := t.evaluate(ctx, o, k, m); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trainer) metrics(k int, m *member) Metrics {
	n, earned := float64(m.window.count), m.actor.take()
	metrics := Metrics{
		Member: k, Update: t.Update(), EnvironmentSteps: m.actor.ring.Count(), Trials: earned.trials,
		Loss: m.window.sum.Loss / n, GradientNorm: m.window.sum.GradientNorm / n, MeanQ: m.window.sum.MeanQ / n,
		Epsilon: m.config.Epsilon(t.Update()),
	}
	if earned.trials > 0 {
		metrics.RewardPerTrial = earned.reward / float64(earned.trials)
	}
	values := t.learner.net.Values(t.Weights(k))
	for _, layer := range []string{"", "1."} { // of two layers the first
		if eta, plastic := values[layer+"eta"]; plastic {
			metrics.Eta, metrics.Lambda = mean(eta), mean(values.At(layer+"lambda"))
		}
	}
	m.window = reportWindow{}
	return metrics
}

func mean(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return sum / float64(len(values))
}

// evaluate evaluates a member on trials that no evaluation had before. A member that reaches stop_at twice in a
// row, and then on confirmTrials further trials, has solved its task.
func (t *Trainer) evaluate(ctx context.Context, o Observer, k int, m *member) error {
	share, err := t.evaluateOn(ctx, o, k, m, m.config.EvalTrials)
	if err != nil {
		return err
	}
	// An untrained agent may be right by luck: without noise it always is, or never.
	reached := m.config.StopAt > 0 && t.Update() > 0 && share >= m.config.StopAt
	if reached && m.reached {
		if share, err = t.evaluateOn(ctx, o, k, m, confirmTrials); err != nil {
			return err
		}
		m.solved = share >= m.config.StopAt
	}
	m.reached = reached
	return nil
}

// evaluateOn returns the share of the ceiling that a member earns over a number of trials.
func (t *Trainer) evaluateOn(ctx context.Context, o Observer, k int, m *member, trials int) (share float64, err error) {
	seed := stream(m.config.Seed+uint64(t.Update())<<32+uint64(trials), streamEvaluation).Uint64()
	e, err := m.policy.Evaluate(ctx, trials, seed)
	if err != nil {
		return 0, err
	}
	e.Update = t.Update()
	return e.ShareOfCeiling, o.Evaluation(k, e)
}
