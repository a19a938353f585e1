package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// TwoArmedBandit is a task in which the trials of a session belong together: two arms, left and right, pay 1 or
// nothing, each with a probability that is drawn uniformly from 0 to 1 when a session begins. A trial is one step, one
// choice, and its observation shows what the last choice paid. So an agent must remember over trials which arm is the
// better one, and try both to find out. A session of Trials trials is an episode.
//
// With a Reversal above 0 the arms exchange their probabilities before each trial but the first with that probability.
//
// Source: the Bernoulli bandits of Y. Duan et al., "RL^2: fast reinforcement learning via slow reinforcement
// learning", 2016, and J. X. Wang et al., "Learning to reinforcement learn", 2016, with independent arms.
type TwoArmedBandit struct {
	Trials   int     `json:"trials" unit:"trials" range:"1 to 100" help:"length of a session"`
	Reversal float64 `json:"reversal" range:"0 to 1" help:"probability that the arms are exchanged before a trial"`

	drawn int // trials of the session so far, the current one included
	last  int // channel that shows what the last choice paid
	trial struct {
		Pays   [2]float64 `json:"pays"`         // probability that the left and the right arm pay
		Paid   [2]bool    `json:"paid"`         // whether they pay in this trial
		Better int        `json:"ground_truth"` // the arm that pays more often
	}
}

// The observation's channels: one is 1, the others are 0.
const (
	banditStart = iota // the first trial of a session
	leftPaid           // the last choice was left, and paid
	leftEmpty
	rightPaid
	rightEmpty
	banditChannels
)

// mostBanditTrials bounds the states of the best policy, of which there are 4.6 million for 100 trials.
const mostBanditTrials = 100

// NewTwoArmedBandit returns sessions of 100 trials without reversals.
func NewTwoArmedBandit() *TwoArmedBandit { return &TwoArmedBandit{Trials: 100} }

// Spec implements Task. A step has no duration of its own; 100 ms is nominal. With reversals the best policy is not
// computed, and the ceiling is an upper bound: what the better arm pays.
func (t *TwoArmedBandit) Spec() Spec {
	return Spec{Name: "TwoArmedBandit", StepMillis: 100, MaxTrialSteps: 1, SessionTrials: t.Trials,
		CeilingBound: t.Reversal > 0,
		Observations: []string{"start", "left paid", "left empty", "right paid", "right empty"},
		Actions:      []string{"left", "right"}}
}

// Check implements Task.
func (t *TwoArmedBandit) Check() error {
	switch {
	case t.Trials < 1 || t.Trials > mostBanditTrials:
		return fmt.Errorf("invalid trials %d: use 1 to %d", t.Trials, mostBanditTrials)
	case !(t.Reversal >= 0 && t.Reversal <= 1):
		return fmt.Errorf("invalid reversal %v: use 0 to 1", t.Reversal)
	}
	return nil
}

// Params implements Task.
func (t *TwoArmedBandit) Params() any { return &t.trial }

// Begin implements SessionTask.
func (t *TwoArmedBandit) Begin() { t.drawn = 0 }

// Draw implements Task. The first trial of a session draws its arms.
func (t *TwoArmedBandit) Draw(rng *rand.Rand) {
	pays := &t.trial.Pays
	switch {
	case t.drawn == 0 || t.drawn == t.Trials:
		t.drawn, t.last = 0, banditStart
		pays[0], pays[1] = rng.Float64(), rng.Float64()
	case t.Reversal > 0 && rng.Float64() < t.Reversal:
		pays[0], pays[1] = pays[1], pays[0]
	}
	t.drawn++
	t.trial.Better = 0
	if pays[1] > pays[0] {
		t.trial.Better = 1
	}
	for arm := range pays {
		t.trial.Paid[arm] = rng.Float64() < pays[arm]
	}
}

// Build implements Task.
func (t *TwoArmedBandit) Build(trial *Trial, _ Noise) {
	trial.AddPeriod("choice", 0, 1)
	trial.Set(trial.All(), t.last, 1)
	trial.Answer(trial.All(), t.trial.Better)
}

// Judge implements Task. A choice is correct if it is the better arm, whether it paid or not.
func (t *TwoArmedBandit) Judge(_ *Trial, action int) Verdict {
	v := Verdict{End: true, Correct: action == t.trial.Better, Terminated: t.drawn == t.Trials,
		Regret: t.trial.Pays[t.trial.Better] - t.trial.Pays[action]}
	t.last = leftEmpty + 2*action
	if t.trial.Paid[action] {
		v.Reward, t.last = 1, leftPaid+2*action
	}
	return v
}

// Timeout implements Task; each choice ends a trial, so it is not reached.
func (t *TwoArmedBandit) Timeout() Verdict { return Verdict{} }

// Optimal implements Task: the better arm.
func (t *TwoArmedBandit) Optimal(*Trial) int { return t.trial.Better }

// Cue implements Task: it always chooses the left arm.
func (t *TwoArmedBandit) Cue(*Trial) int { return 0 }

// betterArm is the mean of the larger of two numbers that are uniform from 0 to 1.
const betterArm = 2.0 / 3

// Ceiling implements Task: what the Bayes-optimal policy earns a trial; with reversals, what the better arm pays.
func (t *TwoArmedBandit) Ceiling() float64 {
	if t.Reversal > 0 {
		return betterArm
	}
	return planBandit(t.Trials).value / float64(t.Trials)
}

// TrialCeiling implements Priced: what the session's better arm pays, less what the best policy loses on it in a trial,
// on average over all sessions. That is not what the best policy earns with these arms, but has the same mean, and
// makes a share of the ceiling depend little on the sessions drawn.
func (t *TwoArmedBandit) TrialCeiling(*Trial) float64 {
	return math.Max(t.trial.Pays[0], t.trial.Pays[1]) - (betterArm - t.Ceiling())
}

// Learners implements SessionTask: the Bayes-optimal policy where it is computed, Thompson sampling, a memory of one
// trial, and chance.
func (t *TwoArmedBandit) Learners(seed uint64) []Learner {
	rng := rand.New(rand.NewPCG(seed, 3))
	learners := []Learner{
		{"Thompson", newThompson(t.Reversal, rng).act},
		{"win-stay", winStay},
		{"random", func([]float32) int { return rng.IntN(2) }},
	}
	if t.Reversal > 0 {
		return learners
	}
	return append([]Learner{{"Bayes-optimal", newBayesPlayer(t.Trials).act}}, learners...)
}

// winStay chooses the last arm if it paid and else the other one.
func winStay(observation []float32) int {
	if observation[leftEmpty] == 1 || observation[rightPaid] == 1 {
		return 1
	}
	return 0
}

// outcome returns the choice that an observation shows and whether it paid; none at a session's start.
func outcome(observation []float32) (arm int, paid, shown bool) {
	for channel, x := range observation[:banditChannels] {
		if x == 1 && channel != banditStart {
			return (channel - leftPaid) / 2, (channel-leftPaid)%2 == 0, true
		}
	}
	return 0, false, false
}
