package tasks_test

import (
	"fmt"
	"log"
	"math/rand/v2"

	"engram/tasks"
)

// Recall is a task of one's own, in one file: a colour is shown, a delay passes, and the agent names it.
type Recall struct {
	tasks.Choice // acting in "fixation" costs; the first action in "decision" is the answer

	trial struct {
		Colour    int   `json:"ground_truth"` // 1 or 2
		Durations []int `json:"durations"`    // of each period, in steps
	}
}

func NewRecall() *Recall {
	return &Recall{Choice: tasks.Choice{Base: tasks.NewBase(100, // ms a step
		tasks.Fixed("fixation", 200), tasks.Fixed("colour", 300),
		tasks.TimedPeriod{Name: "delay", Duration: tasks.Uniform(500, 1500)}, tasks.Fixed("decision", 100))}}
}

func (r *Recall) Spec() tasks.Spec {
	return tasks.Spec{Name: "Recall", StepMillis: r.DT, MaxTrialSteps: r.MaxTrialSteps(),
		Observations: []string{"fixation", "red", "green"}, Actions: []string{"wait", "say red", "say green"}}
}

func (r *Recall) Draw(rng *rand.Rand) {
	r.trial.Colour = 1 + rng.IntN(2)
	r.trial.Durations = r.DrawDurations(r.trial.Durations, rng)
}

func (r *Recall) Params() any { return &r.trial }

func (r *Recall) Build(trial *tasks.Trial, _ tasks.Noise) {
	r.Lay(trial, r.trial.Durations)
	trial.Set(trial.All(), 0, 1)
	trial.Set(trial.Period("colour"), r.trial.Colour, 1)
	trial.Clear(trial.Period("decision"))
	trial.Answer(trial.Period("decision"), r.trial.Colour)
}

func (r *Recall) Ceiling() float64 { return r.Expected(1) }

// A task of one's own is one file: its options, what a trial draws, and how it is laid out. Registered, it is
// trained like the others.
func Example_ownTask() {
	if err := tasks.Register(func() tasks.Task { return NewRecall() }); err != nil {
		log.Fatal(err)
	}
	env, err := tasks.New("Recall", []byte(`{"timing": {"delay": 800}}`))
	if err != nil {
		log.Fatal(err)
	}
	reference, err := tasks.MeasureReference(env, 2000, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d steps a trial; oracle %.2f, ceiling %.2f\n", env.Spec().MaxTrialSteps, reference.Oracle,
		reference.Ceiling)
	// Output: 14 steps a trial; oracle 1.00, ceiling 1.00
}

func ExampleEnv() {
	env, err := tasks.New("GoNogo", nil)
	if err != nil {
		log.Fatal(err)
	}
	first, err := env.Reset(1) // the seed
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(env.Spec().Observations, "at first:", first)
	step, err := env.Step(0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("reward", step.Reward, "terminated", step.Terminated, "trial end", step.Info.TrialEnd)
	// Output:
	// [fixation nogo go] at first: [1 0 1]
	// reward 0 terminated false trial end false
}
