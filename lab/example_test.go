package lab_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"engram/drqn"
	"engram/internal/backend"
	"engram/lab"
)

// Train a small agent in a run directory, then read the run as any other process can, while it is trained or later.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	config, err := drqn.Preset("default")
	if err != nil {
		log.Fatal(err)
	}
	config.Task, config.Hidden, config.Updates, config.LearnAfter = "GoNogo", 4, 20, 100
	config.MetricsEvery, config.EvalTrials, config.CheckpointEvery = 10, 10, 10
	b, _, err := backend.Open(backend.Go)
	if err != nil {
		log.Fatal(err)
	}
	jobs := []lab.Job{{Dir: filepath.Join(dir, "run"), Config: config}}
	if _, err := lab.Train(context.Background(), jobs, b, backend.Go, nil); err != nil {
		log.Fatal(err)
	}
	run, err := lab.Open(filepath.Join(dir, "run"))
	if err != nil {
		log.Fatal(err)
	}
	metrics, err := run.Metrics()
	if err != nil {
		log.Fatal(err)
	}
	checkpoints, err := run.Checkpoints()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.Standing(), "after", run.About.Updates, "updates")
	fmt.Println(len(metrics), "lines of metrics, checkpoints of updates", checkpoints)
	fmt.Println("evaluated over", run.About.Result.Trials, "trials")
	// Output:
	// finished after 20 updates
	// 2 lines of metrics, checkpoints of updates [10 20]
	// evaluated over 2000 trials
}
