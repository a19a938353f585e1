// Program follow follows a run while another process trains it, and prints each new evaluation.
//
//	go run ./examples/train -run runs/lesson &
//	go run ./examples/follow runs/lesson
//
// It only reads: it takes no lock, and the training process does not notice it. It links neither XLA nor a backend.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"time"

	"engram/drqn"
	"engram/lab"
)

const pause = 200 * time.Millisecond

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: follow RUN")
	}
	dir := os.Args[1]
	for !isRun(dir) { // training has not begun
		time.Sleep(pause)
	}
	run, err := lab.Open(dir)
	if err != nil {
		log.Fatal(err)
	}

	evaluations := run.FollowEvaluations() // remembers how far it has read
	for {
		// The state is read before the file: what was written when the run ended is still printed below.
		if run, err = lab.Open(dir); err != nil {
			log.Fatal(err)
		}
		state := run.Standing()
		if err := evaluations.Next(restarted, show); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Fatal(err)
		}
		if state != lab.Running {
			fmt.Printf("the run is %s after update %d\n", state, run.About.Updates)
			return
		}
		time.Sleep(pause)
	}
}

// isRun reports whether a directory is that of a run.
func isRun(dir string) bool {
	runs, err := lab.List(dir)
	return err == nil && len(runs) > 0 && runs[0] == filepath.Clean(dir)
}

// show prints an evaluation.
func show(e drqn.Evaluation) {
	fmt.Printf("update %5d   %3.0f %% of trials right\n", e.Update, 100*e.Accuracy)
}

// restarted prints that the run resumed from an earlier checkpoint. Its evaluations are then printed from the first on.
func restarted() { fmt.Println("the run resumed from an earlier checkpoint") }
