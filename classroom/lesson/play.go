package lesson

import (
	"fmt"
	"slices"

	"engram/lab/report"
	"engram/plots"
	"engram/tasks"
)

// playable lists the tasks that can be played with two keys.
var playable = []string{"GoNogo", "PerceptualDecisionMaking", "DelayMatchSample"}

// playInput is what the player does: begin a task, or press a key.
type playInput struct {
	Task string `json:"task"`
	Seed uint64 `json:"seed"` // of the trials, when a task begins
	Key  *int   `json:"key"`  // 0 or 1; missing: begin the task
}

// game is a task that the reader plays.
type game struct {
	name   string
	env    tasks.Env
	task   tasks.Task
	seen   []float32 // the observation to answer, [O]
	trial  tasks.Trial
	steps  []tasks.TraceStep // of the trial so far
	best   float64           // expected reward of the ideal observer in this trial
	Earned []float64         // by the reader, summed up over trials
	Ideal  []float64         // by the ideal observer, summed up
	last   *tasks.TraceStep  // of the trial before, nil in the first
}

// playData holds the numbers behind step 1.
type playData struct {
	Task        string    `json:"task"`
	Observation []float32 `json:"observation"` // to answer
	Step        int       `json:"step"`        // of the trial, from 0
	Due         bool      `json:"due"`         // an answer is due
	Keys        [2]string `json:"keys"`        // what the two keys do now
	Earned      []float64 `json:"earned"`      // after each trial
	Ideal       []float64 `json:"ideal"`
	Reward      float32   `json:"reward"` // for the key
}

// play begins a task or presses a key.
func (r *Room) play(in playInput) (Answer, error) {
	if in.Key == nil {
		g, err := newGame(in.Task, in.Seed)
		if err != nil {
			return Answer{}, err
		}
		r.game = g
		return g.answer(0, nil)
	}
	if r.game == nil {
		return Answer{}, fmt.Errorf("no task has begun: begin one of %v", playable)
	}
	if err := within("key", *in.Key, 0, 1); err != nil {
		return Answer{}, err
	}
	return r.game.press(*in.Key)
}

func newGame(name string, seed uint64) (*game, error) {
	if !slices.Contains(playable, name) {
		return nil, fmt.Errorf("invalid task %q: use one of %v", name, playable)
	}
	env, err := tasks.New(name, nil)
	if err != nil {
		return nil, err
	}
	g := &game{name: name, env: env}
	if g.seen, err = env.Reset(seed); err != nil {
		return nil, err
	}
	g.begin()
	return g, nil
}

// begin notes the trial that has begun.
func (g *game) begin() {
	task, trial := tasks.TaskOf(g.env)
	g.task, g.trial, g.steps = task, trial.Clone(), nil
	g.best = tasks.TrialCeiling(task)(trial)
}

// due reports whether an answer counts at the current step.
func (g *game) due() bool {
	_, trial := tasks.TaskOf(g.env)
	return trial.In("decision")
}

// keys returns what the two keys do. In a task of two actions these are the actions. With three, both keys wait until
// an answer is due, and then give one of the two answers.
func (g *game) keys() (actions [2]int, names [2]string) {
	spec := g.env.Spec()
	switch {
	case len(spec.Actions) == 2:
		return [2]int{0, 1}, [2]string{"wait", "press"}
	case g.due():
		return [2]int{1, 2}, [2]string{spec.Actions[1], spec.Actions[2]}
	}
	return [2]int{0, 0}, [2]string{"look on", "look on"}
}

// press takes the step of a key.
func (g *game) press(key int) (Answer, error) {
	actions, _ := g.keys()
	observed := slices.Clone(g.seen)
	step, err := g.env.Step(actions[key])
	if err != nil {
		return Answer{}, err
	}
	taken := tasks.TraceStep{Observation: observed, Action: actions[key], Reward: step.Reward,
		GroundTruth: step.Info.GroundTruth, TrialEnd: step.Info.TrialEnd, Correct: step.Info.Correct}
	g.steps, g.seen = append(g.steps, taken), slices.Clone(step.Observation)
	if !taken.TrialEnd {
		return g.answer(step.Reward, nil)
	}
	g.Earned = append(g.Earned, last(g.Earned)+float64(rewardOf(g.steps)))
	g.Ideal = append(g.Ideal, last(g.Ideal)+g.best)
	ended := report.PolicyTrial(g.env.Spec(), g.trial, g.steps)
	ended.Title = fmt.Sprintf("Trial %d, as it was", len(g.Earned))
	g.last = &taken
	g.begin()
	return g.answer(step.Reward, &ended)
}

func rewardOf(steps []tasks.TraceStep) (sum float32) {
	for _, s := range steps {
		sum += s.Reward
	}
	return sum
}

// last returns the last of a list, or 0 of none.
func last(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1]
}

// answer returns what the player sees: the observation, what the keys do, and the trial that ended, if one did.
func (g *game) answer(reward float32, ended *plots.Trial) (a Answer, err error) {
	_, names := g.keys()
	a.Data = playData{Task: g.name, Observation: g.seen, Step: len(g.steps), Due: g.due(), Keys: names,
		Earned: g.Earned, Ideal: g.Ideal, Reward: reward}
	a.Meters = map[string][]Meter{"seen": g.meters()}
	a.say("key0", "%s", names[0])
	a.say("key1", "%s", names[1])
	a.say("play-now", "Trial %d, step %d.", len(g.Earned)+1, len(g.steps))
	if ended == nil {
		return a, nil
	}
	verdict := "wrong"
	if g.last.Correct {
		verdict = "right"
	}
	a.say("play-score", "Trial %d was answered %s. You have earned %.1f; the ideal observer earns %.2f on the same "+
		"trials.", len(g.Earned), verdict, last(g.Earned), last(g.Ideal))
	if err := a.show("play-trial", *ended); err != nil {
		return a, err
	}
	return a, a.show("play-score", g.curves())
}

// meters shows an observation as bars. Those of noisy channels fill where the signal is strong.
func (g *game) meters() (meters []Meter) {
	for i, name := range g.env.Spec().Observations {
		value := float64(g.seen[i])
		meters = append(meters, Meter{Name: name, Value: value, Share: min(max(value/2, 0), 1)})
	}
	return meters
}

// curves draws the rewards of the reader and of the ideal observer, summed up.
func (g *game) curves() plots.Lines {
	x := make([]float64, len(g.Earned))
	for i := range x {
		x[i] = float64(i + 1)
	}
	return plots.Lines{Title: "What you earn, and what the ideal observer earns", XLabel: "trial",
		YLabel: "reward so far",
		Series: []plots.Series{{Name: "you", X: x, Y: g.Earned}, {Name: "ideal observer", X: x, Y: g.Ideal}}}
}
