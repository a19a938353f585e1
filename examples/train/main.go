// Program train trains a small agent on GoNogo and prints its learning curve.
//
//	go run ./examples/train -run runs/lesson
//
// Interrupt it and call it again: it resumes from its last checkpoint, and ends where it would have ended anyway.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"engram/drqn"
	"engram/gobackend"
	"engram/lab"
)

func main() {
	log.SetFlags(0)
	dir := flag.String("run", "runs/lesson", "directory of the run")
	updates := flag.Int("updates", 1500, "updates to train for")
	flag.Parse()

	// A config holds every hyperparameter. A preset fills it in; then change what you like.
	config, err := drqn.Preset("default")
	if err != nil {
		log.Fatal(err)
	}
	config.Task, config.Hidden, config.Seed = "GoNogo", 16, 1
	config.Updates, config.EvalEvery, config.EvalTrials = *updates, max(1, *updates/10), 200

	// The pure-Go backend needs nothing installed. With XLA a program is several times faster, and links more slowly.
	backend, err := gobackend.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Finalize()

	// Cancelling the context makes Train write a checkpoint and return.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	runs, err := lab.Train(ctx, []lab.Job{{Dir: *dir, Config: config}}, backend, "go", printer{})
	if errors.Is(err, context.Canceled) {
		fmt.Println("stopped: call again to resume")
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	result := runs[0].About.Result
	fmt.Printf("trained: %.0f %% of the ceiling over %d fresh trials\n", 100*result.ShareOfCeiling, result.Trials)
}

// printer is a lab.Watcher: training calls its methods, in order.
type printer struct{}

// Metrics receives the averages over some updates: loss, gradient norm, reward while exploring, ...
func (printer) Metrics(drqn.Metrics) error { return nil }

// Evaluation receives the result of greedy trials and prints a point of the learning curve.
func (printer) Evaluation(_ int, e drqn.Evaluation) error {
	fmt.Printf("update %5d   %6.3f a trial   %3.0f %% of the ceiling\n", e.Update, e.RewardPerTrial,
		100*e.ShareOfCeiling)
	return nil
}

// Notice receives one line for each fault that was repaired, such as a damaged checkpoint.
func (printer) Notice(line string) { log.Println(line) }
