package tasks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"engram/internal/numbers"
)

// Task draws trials and judges actions. A new task implements it, mostly by embedding Base or Choice; New makes an Env
// of it.
type Task interface {
	// Spec describes the environment that the task's options make.
	Spec() Spec
	// Draw draws the parameters of the next trial. It depends only on the options and its random draws, not on earlier
	// trials, so that the generator's state before a trial determines the trial (see Stateful). That of a SessionTask
	// may depend on all that happened in the session.
	Draw(rng *rand.Rand)
	// Params points to the parameters of the current trial, a struct with JSON tags: the condition, such as
	// the coherence, for analyses.
	Params() any
	// Build lays the trial out from its parameters. It may draw sensory noise and nothing else.
	Build(trial *Trial, noise Noise)
	// Judge judges an action at the trial's current step.
	Judge(trial *Trial, action int) Verdict
	// Timeout judges a trial that ran out without ending.
	Timeout() Verdict
	// Optimal returns the action of the best policy that knows the trial.
	Optimal(trial *Trial) int
	// Cue returns the action of a policy without memory, which answers the same whenever it is asked.
	Cue(trial *Trial) int
	// Ceiling returns the reward per trial of the best policy that sees only observations, or an upper bound of it
	// where the Spec's CeilingBound is set. It is finite.
	Ceiling() float64
	// Check returns an error that names an invalid option.
	Check() error
}

// Verdict is how an action at a step was judged.
type Verdict struct {
	Reward  float64
	End     bool // the trial ends with this step
	Correct bool
	// Terminated ends the episode with the trial.
	Terminated bool
	// Regret is how much more the best choice would have paid on average, with End, of a SessionTask.
	Regret float64
}

// Rewards holds the rewards of a trial.
type Rewards struct {
	Abort   float64 `json:"abort" help:"for each action during fixation"`
	Correct float64 `json:"correct" range:"fail or more" help:"for a right answer"`
	Fail    float64 `json:"fail" range:"up to correct" help:"for a wrong answer"`
	Miss    float64 `json:"miss" help:"for no answer where one was due"`
}

// Base holds the options that NeuroGym's tasks share.
type Base struct {
	DT      int                 `json:"dt" unit:"ms" range:"1 or more" help:"length of a step"`
	Timing  map[string]Duration `json:"timing" unit:"ms" range:"0, or dt to 1000000" help:"length of the period"`
	Rewards Rewards             `json:"rewards"`
	Abort   bool                `json:"abort" help:"breaking fixation ends the trial"`

	order []string // of the periods
}

// NewBase returns a Base with the given periods, in their order, and NeuroGym's usual rewards.
func NewBase(dt int, periods ...TimedPeriod) Base {
	b := Base{DT: dt, Timing: map[string]Duration{}, Rewards: Rewards{Abort: -0.1, Correct: 1}}
	for _, p := range periods {
		b.order = append(b.order, p.Name)
		b.Timing[p.Name] = p.Duration
	}
	return b
}

// TimedPeriod is a period with its default duration.
type TimedPeriod struct {
	Name     string
	Duration Duration
}

// Fixed returns a period of constant duration.
func Fixed(name string, ms float64) TimedPeriod { return TimedPeriod{name, Millis(ms)} }

// Check implements Task.
func (b *Base) Check() error {
	if b.DT < 1 || b.DT > longestDuration {
		return fmt.Errorf("invalid dt %d: use 1 ms or more", b.DT)
	}
	for period := range b.Timing {
		if !slices.Contains(b.order, period) {
			return fmt.Errorf("timing: period %q does not exist: use one of %v", period, b.order)
		}
	}
	for _, period := range b.order {
		if b.Timing[period].kind == "" {
			return fmt.Errorf("timing: period %q has no duration", period)
		}
	}
	for _, period := range b.order {
		if err := b.Timing[period].checkRounding(period, b.DT); err != nil {
			return err
		}
	}
	if b.shortestTrial() < 1 {
		return fmt.Errorf("timing: a trial may have no step because each of its periods may be shorter than dt, %d "+
			"ms: make one longer, or use a smaller dt", b.DT)
	}
	for _, r := range []float64{b.Rewards.Abort, b.Rewards.Correct, b.Rewards.Fail, b.Rewards.Miss} {
		if !numbers.Finite(r) {
			return fmt.Errorf("rewards: %v is not a number", r)
		}
	}
	return checkRewards("rewards: correct", b.Rewards.Correct, "fail", b.Rewards.Fail)
}

// checkRewards returns an error where a wrong answer pays more than a right one.
func checkRewards(right string, correct float64, wrong string, fail float64) error {
	if fail > correct {
		return fmt.Errorf("%s %v is less than %s, %v: a right answer pays at least as much as a wrong one", right,
			correct, wrong, fail)
	}
	return nil
}

// CheckSteps returns an error where one of these periods may have no step, without which no trial works.
func (b *Base) CheckSteps(periods ...string) error {
	for _, period := range periods {
		if d := b.Timing[period]; d.minSteps(b.DT) < 1 {
			return fmt.Errorf("timing: %s may last %.4g ms: less than a step of %d ms, and no trial works without "+
				"it: make it longer",
				period, d.shortest(), b.DT)
		}
	}
	return nil
}

// CheckShown returns an error where one of these periods never has a step, so that what it shows is never seen.
func (b *Base) CheckShown(periods ...string) error {
	for _, period := range periods {
		if b.Timing[period].maxSteps(b.DT) < 1 {
			return fmt.Errorf("timing: %s never lasts a step of %d ms, so what it shows is never seen: make it longer",
				period, b.DT)
		}
	}
	return nil
}

// DrawDurations draws every period's steps, in order, into durations.
func (b *Base) DrawDurations(durations []int, rng *rand.Rand) []int {
	durations = durations[:0]
	for _, period := range b.order {
		durations = append(durations, b.Timing[period].steps(b.DT, rng))
	}
	return durations
}

// Lay lays the periods end to end.
func (b *Base) Lay(trial *Trial, durations []int) {
	for i, period := range b.order {
		trial.AddPeriod(period, trial.Steps(), durations[i])
	}
}

// MaxTrialSteps returns the length of the longest possible trial, for the Spec.
func (b *Base) MaxTrialSteps() int {
	total := 0
	for _, d := range b.Timing {
		total += d.maxSteps(b.DT)
	}
	return total
}

// shortestTrial returns the number of steps of the shortest possible trial.
func (b *Base) shortestTrial() int {
	total := 0
	for _, d := range b.Timing {
		total += d.minSteps(b.DT)
	}
	return total
}

// perStep returns the standard deviation in one step of a noise of sigma per square root of a millisecond.
func (b *Base) perStep(sigma float64) float64 { return sigma / math.Sqrt(float64(b.DT)) }

// Choice is the rule of NeuroGym's choice tasks: acting in the period "fixation" costs the abort reward; in
// "decision" any action but 0 answers and ends the trial; elsewhere actions are free.
type Choice struct {
	Base
}

// Check implements Task: in each trial something can be answered.
func (c *Choice) Check() error {
	if err := c.Base.Check(); err != nil {
		return err
	}
	if _, asks := c.Timing["decision"]; asks {
		return c.CheckSteps("decision")
	}
	return nil
}

// Judge implements Task.
func (c *Choice) Judge(trial *Trial, action int) Verdict {
	switch {
	case action == 0:
		return Verdict{}
	case trial.In("fixation"):
		return Verdict{Reward: c.Rewards.Abort, End: c.Abort}
	case trial.In("decision"):
		if action == trial.GroundTruth[trial.Step] {
			return Verdict{Reward: c.Rewards.Correct, End: true, Correct: true}
		}
		return Verdict{Reward: c.Rewards.Fail, End: true}
	}
	return Verdict{}
}

// Timeout implements Task: a trial without an answer earns nothing.
func (c *Choice) Timeout() Verdict { return Verdict{Reward: c.Rewards.Miss} }

// Optimal implements Task: it follows the ground truth, unless silence or breaking fixation pays more.
func (c *Choice) Optimal(trial *Trial) int {
	switch {
	case c.breaks(trial, c.answer(1)):
		return 1
	case trial.In("decision") && c.Rewards.Correct < c.Rewards.Miss:
		return 0
	}
	return trial.GroundTruth[trial.Step]
}

// Cue implements Task: it answers 1.
func (c *Choice) Cue(trial *Trial) int {
	if trial.In("decision") {
		return 1
	}
	return 0
}

// Expected returns the reward per trial of the best policy that can answer correctly with the given probability in each
// trial: it does not answer, or breaks fixation, where that pays more.
func (c *Choice) Expected(accuracy float64) float64 { return c.worth(c.answer(accuracy)) }

// normalCDF computes the standard normal distribution function.
func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }
