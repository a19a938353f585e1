package lesson

import (
	"fmt"

	"engram/drqn"
	"engram/plots"
)

// failure is a known failure: the hyperparameters of an agent that has it, and of one in which it is repaired.
type failure struct {
	name, title    string
	task           string
	updates        int
	common         map[string]any
	broken, repair map[string]any
	limit          int // time limit of the trials by which agents are judged; 0: as they learned
}

// failures lists the failures in the order of the page.
func failures() []failure {
	wait := map[string]any{"n_step": 1, "target_every": 25, "learning_rate": 0.005, "batch": 16, "update_every": 32,
		"exploration_end": 0.4, "exploration_fraction": 0.5, "exploration_ladder": 0} // it has to try to wait
	session := map[string]any{"episode": "session", "return": "session", "time_limit": 500, "window_end": "uniform",
		"n_step": 1, "gamma": 0.9, "hidden": 16, "input_size": 8, "readout": 0, "batch": 16,
		"update_every": 8}
	return []failure{
		{name: "zero-start", title: "windows in mid-session start from a memory that nobody had", task: "GoNogo",
			updates: 400, common: session, broken: map[string]any{"start": "zero"},
			repair: map[string]any{"start": "stored", "state_every": 5, "burn_in": 5}},
		{name: "short-window", title: "windows are shorter than the memory that is needed", task: "GoNogo",
			updates: 200, broken: map[string]any{"window": 5}, repair: map[string]any{"window": 0}},
		{name: "window-end", title: "windows seldom hold the reward", task: "DelayMatchSample", updates: 400,
			broken: map[string]any{"window_end": "uniform"}, repair: map[string]any{"window_end": "episode"}},
		{name: "no-projection", title: "the cell reads zeros when it must answer", task: "GoNogo", updates: 200,
			broken: map[string]any{"input": "identity", "input_size": 0},
			repair: map[string]any{"input": "projection"}},
		{name: "shifted-target", title: "the target is one step late", task: liftName, updates: 600, common: wait,
			broken: map[string]any{"flaw": "shifted_target"}, repair: map[string]any{"flaw": "none"}},
		{name: "no-final-bootstrap", title: "the end of a window counts as the end", task: cowName, updates: 400,
			common: with(wait, map[string]any{"time_limit": cowDays, "window": 2, "window_end": "uniform",
				"ceiling": cowDays * cowMilk}),
			broken: map[string]any{"flaw": "no_final_bootstrap"}, repair: map[string]any{"flaw": "none"}},
		{name: "truncation", title: "a time limit counts as the end", task: cowName, updates: 400, limit: cowDays,
			common: with(wait, map[string]any{"time_limit": 3, "window": 3, "ceiling": cowDays * cowMilk}),
			broken: map[string]any{"truncation": "terminate"}, repair: map[string]any{"truncation": "bootstrap"}},
		{name: "classic", title: "the usual first attempt", task: "GoNogo", updates: 200, broken: map[string]any{
			"episode": "session", "time_limit": 500, "start": "zero", "window": 10, "window_end": "uniform",
			"input": "identity", "input_size": 0, "eta": 0.1, "train_eta": false, "lambda": 0.95,
			"train_lambda": false, "lambda_max": 0}},
	}
}

// with returns settings with others set over them.
func with(settings, over map[string]any) map[string]any {
	all := map[string]any{}
	for _, m := range []map[string]any{settings, over} {
		for name, value := range m {
			all[name] = value
		}
	}
	return all
}

// configs returns the two agents.
func (f failure) configs() (broken, repaired drqn.Config, err error) {
	if err := registered(); err != nil {
		return broken, repaired, err
	}
	common := with(map[string]any{"updates": f.updates, "eval_every": f.updates / 10, "eval_trials": 60}, f.common)
	if broken, err = assemble(f.task, with(common, f.broken)); err != nil {
		return broken, repaired, err
	}
	repaired, err = assemble(f.task, with(common, f.repair))
	return broken, repaired, err
}

// failInput chooses a failure and trains its two agents for a slice.
type failInput struct {
	Failure string `json:"failure"`
	slice
}

// failData holds the numbers behind step 7.
type failData struct {
	Failure  string  `json:"failure"`
	Update   int64   `json:"update"`
	Broken   float64 `json:"broken"` // share of the best, in the newest evaluation
	Repaired float64 `json:"repaired"`
}

// fail trains an agent with a failure beside one in which it is repaired.
func (r *Room) fail(in failInput) (a Answer, err error) {
	if err := in.check(); err != nil {
		return a, err
	}
	f, err := failureOf(in.Failure)
	if err != nil {
		return a, err
	}
	if r.failing != in.Failure || in.Anew {
		broken, repaired, err := f.configs()
		if err != nil {
			return a, err
		}
		if r.broken, err = newPupil(r.backend, broken); err != nil {
			return a, err
		}
		if r.whole, err = newPupil(r.backend, repaired); err != nil {
			return a, err
		}
		r.failing, r.broken.limit, r.whole.limit = in.Failure, f.limit, f.limit
	}
	if a.More, err = learn(in.slice, r.broken, r.whole); err != nil {
		return a, err
	}
	if a.More && !in.Look {
		return a, nil
	}
	return a, r.showFailure(&a, f)
}

func failureOf(name string) (failure, error) {
	var names []string
	for _, f := range failures() {
		if f.name == name {
			return f, nil
		}
		names = append(names, f.name)
	}
	return failure{}, fmt.Errorf("unknown failure %q: use one of %v", name, names)
}

// showFailure draws the curves of the two agents.
func (r *Room) showFailure(a *Answer, f failure) error {
	data := failData{Failure: f.name, Update: r.broken.trainer.Update()}
	chart := plots.Lines{Title: "As it fails, and repaired: " + f.title, XLabel: "updates", YLabel: "share of the best",
		References: best}
	chart.Series = []plots.Series{r.broken.shares(0, "broken"), r.whole.shares(0, "repaired")}
	data.Broken, data.Repaired = r.broken.share(0), r.whole.share(0)
	a.Data = data
	a.say("break", "%d updates. Broken: %.0f %% of the best. Repaired: %.0f %%.", data.Update, 100*data.Broken,
		100*data.Repaired)
	if chart.Empty() {
		return nil
	}
	return a.show("break", chart)
}
