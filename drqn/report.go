package drqn

import (
	"context"
	"fmt"

	"engram/internal/numbers"
)

// Observer receives what happens in a training run, in order. If it returns an error, the run ends with that error.
type Observer interface {
	Metrics(Metrics) error
	Evaluation(member int, e Evaluation) error
}

// CompileObserver is an Observer that is also told when training waits for the compilation of the program of an update:
// now is true before it and false after it. Without any update it is told nothing.
type CompileObserver interface {
	Observer
	Compiling(now bool) error
}

// Metrics holds the means of an interval of updates of one member. It has no clock: the same config gives the same
// metrics.
type Metrics struct {
	Member           int     `json:"member"` // of the population, from 0
	Update           int64   `json:"update"`
	EnvironmentSteps int64   `json:"environment_steps"`
	Trials           int64   `json:"trials"` // ended in the interval
	Loss             float64 `json:"loss"`
	GradientNorm     float64 `json:"gradient_norm"` // before clipping
	MeanQ            float64 `json:"mean_q"`
	Eta              float64 `json:"eta"` // mean over its entries; the first of two layers; so is lambda
	Lambda           float64 `json:"lambda"`
	Epsilon          float64 `json:"epsilon"`
	RewardPerTrial   float64 `json:"reward_per_trial"` // while exploring; 0 if no trial (or episode) ended
	// Quartiles of lambda_t of a gated cell, over the gates and the valid steps of the last update's batch; 0 without a
	// gate. Lambda is the factor that all of them share.
	LambdaFirst  float64 `json:"lambda_q1,omitempty"`
	LambdaMedian float64 `json:"lambda_median,omitempty"`
	LambdaThird  float64 `json:"lambda_q3,omitempty"`
}

// Gates returns the quartiles of lambda_t; nil without a gate, and in lines of earlier versions.
func (m Metrics) Gates() *Quartiles {
	if m.LambdaThird == 0 { // a gate that lets nothing through at all would read so, too
		return nil
	}
	return &Quartiles{m.LambdaFirst, m.LambdaMedian, m.LambdaThird}
}

// statsSum sums stats until they are reported.
type statsSum struct {
	Sum    Stats      `json:"sum"`
	Count  int        `json:"count"`
	Lambda *Quartiles `json:"lambda,omitempty"` // of the last update's batch, where metrics are due; nil without a gate
}

func (w *statsSum) add(s Stats) {
	w.Sum.Loss += s.Loss
	w.Sum.GradientNorm += s.GradientNorm
	w.Sum.MeanQ += s.MeanQ
	w.Count++
}

// news collects the metrics and evaluations due after an update. State changes only once the observer has accepted
// them, so an interrupted report is repeated.
type news struct {
	metrics     []Metrics
	evaluations []memberEvaluation
	reached     []bool // of each member
	solved      []bool
}

type memberEvaluation struct {
	member int
	Evaluation
}

// report sends the observer what is due after an update, once.
func (t *Trainer) report(ctx context.Context, o Observer) error {
	if t.reported == t.Update() {
		return nil
	}
	n, err := t.gather(ctx)
	if err != nil {
		return err
	}
	if err := n.tell(o); err != nil {
		return err
	}
	for k, m := range t.members {
		if n.metrics != nil {
			m.stats, m.actor.tally = statsSum{}, tally{}
		}
		m.reached, m.solved = n.reached[k], n.solved[k]
	}
	t.reported = t.Update()
	return nil
}

// gather collects the metrics and evaluations that are due; evaluations of the untrained agents, too.
func (t *Trainer) gather(ctx context.Context) (news, error) {
	c, n := t.config(), news{}
	last := t.Update() == int64(c.Updates)
	if t.metricsDue() {
		for k, m := range t.members {
			n.metrics = append(n.metrics, t.metrics(k, m))
		}
	}
	for _, m := range t.members {
		n.reached, n.solved = append(n.reached, m.reached), append(n.solved, m.solved)
	}
	if c.EvalEvery == 0 || t.Update()%int64(c.EvalEvery) != 0 && !last {
		return n, nil
	}
	for k, m := range t.members {
		if err := t.evaluate(ctx, &n, k, m); err != nil {
			return news{}, err
		}
	}
	return n, nil
}

// metricsDue reports whether metrics are due after the updates so far.
func (t *Trainer) metricsDue() bool {
	c := t.config()
	return t.Update() > 0 && (t.Update()%int64(c.MetricsEvery) == 0 || t.Update() == int64(c.Updates))
}

func (n news) tell(o Observer) error {
	for _, m := range n.metrics {
		if err := o.Metrics(m); err != nil {
			return err
		}
	}
	for _, e := range n.evaluations {
		if err := o.Evaluation(e.member, e.Evaluation); err != nil {
			return err
		}
	}
	return nil
}

// metrics returns the means of a member since its last metrics.
func (t *Trainer) metrics(k int, m *member) Metrics {
	n, earned := float64(m.stats.Count), m.actor.tally
	metrics := Metrics{
		Member: k, Update: t.Update(), EnvironmentSteps: m.actor.ring.Count(), Trials: earned.Trials,
		Loss: m.stats.Sum.Loss / n, GradientNorm: m.stats.Sum.GradientNorm / n, MeanQ: m.stats.Sum.MeanQ / n,
		Epsilon: m.config.Epsilon(t.Update()),
	}
	if earned.Trials > 0 {
		metrics.RewardPerTrial = earned.Reward / float64(earned.Trials)
	}
	metrics.Eta, metrics.Lambda = t.learner.net.plasticity(t.Weights(k))
	if q := m.stats.Lambda; q != nil {
		metrics.LambdaFirst, metrics.LambdaMedian, metrics.LambdaThird = q.First, q.Median, q.Third
	}
	return metrics
}

// plasticity returns the mean eta and lambda of weights [P], in the first layer if there are two; 0 without
// plasticity.
func (n *Network) plasticity(weights []float32) (eta, lambda float64) {
	values := n.Values(weights)
	for _, layer := range []string{"", "1."} {
		if etas, plastic := values[layer+"eta"]; plastic {
			eta, lambda = mean(etas), mean(values.At(layer+"lambda"))
		}
	}
	return eta, lambda
}

func mean(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return sum / float64(len(values))
}

// evaluate evaluates a member on trials that no earlier evaluation had. A member that reaches stop_at, or
// stop_at_return, twice in a row, and then on further trials, has solved its task.
func (t *Trainer) evaluate(ctx context.Context, n *news, k int, m *member) error {
	e, err := t.evaluateOn(ctx, n, k, m, m.config.EvalTrials, streamEvaluation)
	if err != nil {
		return err
	}
	// An untrained agent may be right by luck: without noise it is always right, or never.
	reached := t.Update() > 0 && m.config.solvedBy(e)
	if reached && m.reached {
		if e, err = t.evaluateOn(ctx, n, k, m, m.goal.FinalTrials(), streamConfirmation); err != nil {
			return err
		}
		n.solved[k] = m.config.solvedBy(e)
	}
	n.reached[k] = reached
	return nil
}

// evaluateOn evaluates a member on a number of trials of a stream.
func (t *Trainer) evaluateOn(ctx context.Context, n *news, k int, m *member, trials int, kind uint64) (Evaluation,
	error) {
	seed := stream(m.config.Seed+uint64(t.Update())<<32+uint64(trials), kind).Uint64()
	e, err := m.policy.Evaluate(ctx, trials, seed)
	if err != nil {
		return e, err
	}
	if reward := e.RewardPerTrial; !numbers.Finite(reward) {
		return e, &Divergence{Update: t.Update() + 1, Member: k, What: "a reward", Where: "an evaluation",
			Value: fmt.Sprint(reward)}
	}
	e.Update, e.Confirmation = t.Update(), kind == streamConfirmation
	n.evaluations = append(n.evaluations, memberEvaluation{k, e})
	return e, nil
}
