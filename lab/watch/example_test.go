package watch_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"engram/drqn"
	"engram/internal/backend"
	"engram/lab"
	"engram/lab/watch"
)

// Train a small agent, then look at the directory in which its run lies: every run below it is a View.
func ExampleWatcher_Look() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	config, err := drqn.Preset("default")
	if err != nil {
		log.Fatal(err)
	}
	config.Task, config.Hidden, config.Updates, config.LearnAfter = "GoNogo", 4, 20, 100
	config.EvalEvery, config.EvalTrials = 10, 10
	b, _, err := backend.Open(backend.Go)
	if err != nil {
		log.Fatal(err)
	}
	jobs := []lab.Job{{Dir: filepath.Join(folder, "run"), Config: config}}
	if _, err := lab.Train(context.Background(), jobs, b, backend.Go, nil); err != nil {
		log.Fatal(err)
	}
	watcher, err := watch.New(folder)
	if err != nil {
		log.Fatal(err)
	}
	for _, view := range watcher.Look() {
		fmt.Println(filepath.Base(view.Dir), view.State, "after", view.Update, "updates of", view.Task)
		fmt.Println("its newest evaluation is of", view.Latest.Trials, "trials")
	}
	// Output:
	// run finished after 20 updates of GoNogo
	// its newest evaluation is of 10 trials
}
