package record_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"engram/drqn"
	"engram/internal/backend"
	"engram/lab"
	"engram/lab/record"
)

// Train a small agent, record what it does in five trials, and read the recording.
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
	policy, update, err := record.Policy(runs[0], "last", nil)
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(dir, "trials.npz")
	options := record.Options{Trials: 5, Seed: 1, Run: runs[0].Dir, Update: update,
		State: record.State{Kind: record.All}}
	if _, err := record.Write(context.Background(), policy, path, options); err != nil {
		log.Fatal(err)
	}
	r, err := record.Read(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.About.Trials, "trials of", r.About.Task, "after update", r.About.Update)
	fmt.Println(r.StateName, r.StateShape, "and h of", len(r.H)/r.About.Steps, "units after each step")
	// Output:
	// 5 trials of GoNogo after update 5
	// M [4 10] and h of 4 units after each step
}
