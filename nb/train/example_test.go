package train_test

import (
	"fmt"
	"os"
	"path/filepath"

	"engram/lab/perturb"
	"engram/nb"
	"engram/nb/train"
	"engram/suite"
	"engram/sweep"
	"engram/sweep/search"
)

// onGo makes a folder, and lets cells train on the pure-Go backend, which needs nothing installed. A notebook needs
// neither: its cells train on XLA where that is there.
func onGo() (folder string, remove func()) {
	os.Setenv("GOMLX_BACKEND", "go")
	folder = nb.Must(os.MkdirTemp("", "nb-example"))
	return folder, func() { os.RemoveAll(folder); os.Unsetenv("GOMLX_BACKEND") }
}

// quick are the settings of a training of a moment.
var quick = []string{"hidden=6", "input_size=4", "batch=4", "updates=12", "learn_after=40", "eval_every=6"}

// In a notebook: train.Run("runs/a", nb.Config("GoNogo")). The same line resumes a run that was stopped.
func ExampleRun() {
	folder, remove := onGo()
	defer remove()
	train.Run(filepath.Join(folder, "a"), nb.Config("GoNogo", quick...))
	// Output:
	// 12 updates on go; greedy, over 2000 fresh trials: 0.241 a trial, 48.8 % of the ceiling, 49.4 % of trials right
}

// Three cells over seeds are a plan and a line.
func ExampleSuite() {
	folder, remove := onGo()
	defer remove()
	plan := suite.Plan{Tasks: []string{"GoNogo"}, Agents: suite.Cells("mpn", "frozen", "rnn"), Seeds: 2,
		MatchParameters: true, Set: nb.Set(quick...)}
	train.Suite(filepath.Join(folder, "three"), plan)
	nb.Compare(filepath.Join(folder, "three"))
	// Output:
}

// A sweep says what is trained and what is searched. What it prints has times in it.
func ExampleSweep() {
	folder, remove := onGo()
	defer remove()
	status := train.Sweep(filepath.Join(folder, "sweep"), sweep.Study{Trials: 3, Goal: nb.Goal("GoNogo", quick...),
		Space: search.Space{search.Log("learning_rate", 1e-4, 1e-1), search.Float("eta", -1, 1)}})
	fmt.Println(status.Done)
}

// The lines of docs/workbench.md, a job each.
func Example() {
	train.Run("runs/a", nb.Config("GoNogo", "seed=7"))
	nb.Curve("runs/a")
	nb.Compare("runs/a", "runs/b")
	nb.Eval("runs/a")
	nb.Eval("runs/a", `{"timing": {"delay": 2000}}`)
	nb.EvalOver("timing.delay", []float64{500, 1000, 2000, 4000}, "runs/a")
	train.From("runs/a", "runs/b", nb.Config("GoNogo", "updates=2000"))
	nb.Trial("runs/a")
	nb.Memory("runs/a")
	nb.Explore("runs/a", "lambda", 0.5, 0.8, 0.95)
	nb.Rollout("runs/a", 20)
	nb.Record("runs/a", 200, "runs/a.npz")
	nb.Perturb("runs/a", 200, perturb.Perturbation{Kind: perturb.Wipe, When: perturb.Each})
	nb.Analyse("runs/a", 1000)
	train.Bench(nb.Config("GoNogo"), nb.Config("GoNogo", "hidden=128"))
	train.Suite("runs/three", suite.Plan{Tasks: []string{"GoNogo"}, Agents: suite.Cells("mpn", "frozen", "gru"),
		Seeds: 3, MatchParameters: true})
	nb.Compare("runs/three")
	train.Sweep("runs/sweep", sweep.Study{Trials: 32,
		Goal:   nb.Goal("GoNogo", "hidden=32", "updates=300", "eval_every=25"),
		Space:  search.Space{search.Log("learning_rate", 1e-4, 1e-1), search.Float("eta", -1, 1)},
		Pruner: search.Rule{Kind: "asha", First: 25, Factor: 2}})
}
