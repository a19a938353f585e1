package perturb_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"engram/drqn"
	"engram/internal/backend"
	"engram/lab"
	"engram/lab/perturb"
)

// Train a small agent, and wipe its memory at the first step of the delay, on 20 trials.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	config, err := drqn.Preset("default")
	if err != nil {
		log.Fatal(err)
	}
	config.Task, config.Hidden, config.Updates, config.LearnAfter = "GoNogo", 4, 5, 100
	config.EvalEvery, config.EvalTrials = 5, 10
	b, _, err := backend.Open(backend.Go)
	if err != nil {
		log.Fatal(err)
	}
	jobs := []lab.Job{{Dir: filepath.Join(dir, "run"), Config: config}}
	runs, err := lab.Train(context.Background(), jobs, b, backend.Go, nil)
	if err != nil {
		log.Fatal(err)
	}
	policy, _, err := runs[0].Policy()
	if err != nil {
		log.Fatal(err)
	}
	r, err := perturb.Run(context.Background(), policy, 20, 1, perturb.Perturbation{Kind: perturb.Wipe, When: "delay"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Intact.Trials, "trials intact, and", r.Points[0].Applied, "with a wipe at step", r.Points[0].Step)
	// Output: 20 trials intact, and 20 with a wipe at step 5
}
