package report_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"engram/analysis/report"
	"engram/drqn"
	"engram/internal/backend"
	"engram/lab"
)

// Train a small agent and write the page of what it holds in mind over 40 trials: one file that opens offline.
func ExampleWrite() {
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
	a, path, err := report.Write(context.Background(), runs[0], policy, "", report.Options{Trials: 40, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(path), "of", a.Trials, "trials, condition", a.Condition)
	// Output: analysis.html of 40 trials, condition ground_truth
}
