package export_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"engram/drqn"
	"engram/internal/backend"
	"engram/lab"
	"engram/lab/export"
)

// Write the weights of a run for Python and its curves for a spreadsheet.
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
	config.Task, config.Hidden, config.Updates, config.LearnAfter = "GoNogo", 4, 20, 100
	config.MetricsEvery, config.EvalTrials, config.CheckpointEvery = 10, 10, 10
	b, _, err := backend.Open(backend.Go)
	if err != nil {
		log.Fatal(err)
	}
	jobs := []lab.Job{{Dir: filepath.Join(dir, "run"), Config: config}}
	runs, err := lab.Train(context.Background(), jobs, b, backend.Go, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, format := range []string{"npz", "csv"} {
		paths, err := export.Write(runs[0], format, filepath.Join(dir, "export"))
		if err != nil {
			log.Fatal(err)
		}
		for _, path := range paths {
			fmt.Println(filepath.Base(path))
		}
	}
	// Output:
	// weights.npz
	// evals.csv
	// metrics.csv
	// timing.csv
}
