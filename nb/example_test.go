package nb_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"engram/lab"
	"engram/lab/perturb"
	"engram/nb"
	"engram/nb/train"
)

// trained makes a run for the examples once, on the pure-Go backend and small; a notebook trains with
// train.Run("runs/a", nb.Config("GoNogo")).
var trained = sync.OnceValue(func() (dir string) {
	os.Setenv("GOMLX_BACKEND", "go")
	defer os.Unsetenv("GOMLX_BACKEND")
	dir = filepath.Join(nb.Must(os.MkdirTemp("", "nb-example")), "a")
	stdout := os.Stdout // what training prints is another example's
	os.Stdout = nb.Must(os.Open(os.DevNull))
	train.Run(dir, nb.Config("GoNogo", "hidden=6", "input_size=4", "batch=4", "updates=12", "learn_after=40",
		"eval_every=6", "metrics_every=3"))
	os.Stdout = stdout
	nb.ForTests(func() { os.RemoveAll(filepath.Dir(dir)) })
	return dir
})

func ExampleConfig() {
	c := nb.Config("GoNogo", "hidden=32", "learning-rate=1e-3")
	fmt.Println(c.Task, c.Hidden, c.LearningRate)
	// Output: GoNogo 32 0.001
}

func ExampleMust() {
	dir := trained()
	run := nb.Must(lab.Open(dir))
	fmt.Println(run.About.State)
	// Output: finished
}

func ExampleCheck() {
	nb.Check(nil) // nothing happens
	if false {
		nb.Check(errors.New("invalid window -1: use 1 or more")) // the cell ends with this line
	}
	// Output:
}

// One run has its reward, loss and gradient norm; several are in one chart.
func ExampleCurve() {
	dir := trained()
	nb.Curve(dir)
	// Output:
}

// The archive of a suite is compared as the suite itself.
func ExampleCompare() {
	nb.Compare("../results/default")
	// Output:
}

func ExampleEval() {
	dir := trained()
	delays := nb.Eval(dir, `{"timing": {"delay": 1000}}`, `{"timing": {"delay": 2000}}`) // shows a table
	fmt.Println(len(delays), "evaluations of", delays[0].Trials, "trials")
	// Output: 2 evaluations of 2000 trials
}

// Performance over the delay is a curve with intervals.
func ExampleEvalOver() {
	dir := trained()
	all := nb.EvalOver("timing.delay", []float64{500, 1000, 2000}, dir)
	fmt.Println(all[0].Name, all[0].Values)
	// Output: a [500 1000 2000]
}

func ExampleTrial() {
	dir := trained()
	nb.Trial(dir)
	// Output:
}

// M is a matrix after each step, here of 6 hidden units and 4 inputs.
func ExampleMemory() {
	dir := trained()
	m := nb.Memory(dir)
	fmt.Println(len(m), "trial, M of", len(m[0][0]), "x", len(m[0][0][0]))
	// Output: 1 trial, M of 6 x 4
}

// A slider below the chart chooses the value; keys move it, too.
func ExampleExplore() {
	nb.Explore(trained(), "lambda", 0.5, 0.8, 0.95)
	// Output:
}

func ExampleRollout() {
	dir := trained()
	traces := nb.Rollout(dir, 3)
	fmt.Println(len(traces), "trials, the first of", len(traces[0].Actions), "steps")
	// Output: 3 trials, the first of 11 steps
}

// The file is for NumPy, or for record.Read.
func ExampleRecord() {
	dir := trained()
	about := nb.Record(dir, 3, filepath.Join(dir, "trials.npz"))
	fmt.Println(about.Trials, "trials of cell", about.Cell)
}

// One moment is printed; each step in turn is drawn.
func ExamplePerturb() {
	dir := trained()
	result := nb.Perturb(dir, 4, perturb.Perturbation{Kind: perturb.Wipe, When: perturb.Each})
	fmt.Println(result.Intact.Trials, "trials; wiped at each of", len(result.Points), "steps")
	nb.Perturb(dir, 4, perturb.Perturbation{Kind: perturb.Wipe, When: "delay"})
	// Output:
	// 4 trials; wiped at each of 12 steps
	// intact: 25.0 % correct (4.6 to 69.9, 4 trials)
	// wipe at step 5: 75.0 % correct (30.1 to 95.4, 4 trials)
}

// What it prints names a folder of this test.
func ExampleAnalyse() {
	analysis := nb.Analyse(trained(), 60)
	fmt.Println(analysis.Cell, analysis.Condition, analysis.Trials)
}
