package live_test

import (
	"log"
	"os"
	"path/filepath"

	"engram/drqn"
	"engram/lab"
	"engram/lab/live"
)

// A cell trains an agent up to an update and shows its curves; the next call resumes the run. Outside a notebook only
// the text is printed.
func ExampleRunJobUntil() {
	os.Setenv("GOMLX_BACKEND", "go") // XLA where it is installed, without this line
	defer os.Unsetenv("GOMLX_BACKEND")
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
	config.MetricsEvery = 10 // it stops where metrics are written
	job := lab.Job{Dir: filepath.Join(folder, "run"), Config: config}
	if err := live.RunJobUntil("A first agent", job, 10); err != nil {
		log.Fatal(err)
	}
	// Output: stopped after update 10 - run the cell again to go on
}
