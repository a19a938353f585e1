// Program owntask registers a task of its own, Echo in task.go, trains an agent on it, and compares the agent with the
// reference policies.
//
//	go run ./examples/owntask -run runs/echo
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"engram/drqn"
	"engram/gobackend"
	"engram/lab"
	"engram/tasks"
)

func main() {
	log.SetFlags(0)
	dir := flag.String("run", "runs/echo", "directory of the run")
	updates := flag.Int("updates", 1500, "updates to train for")
	flag.Parse()

	// From here on the name Echo works wherever a task's name does.
	if err := tasks.Register(func() tasks.Task { return NewEcho() }); err != nil {
		log.Fatal(err)
	}
	env, err := tasks.New("Echo", nil)
	if err != nil {
		log.Fatal(err)
	}
	reference, err := tasks.MeasureReference(env, 2000, 0)
	if err != nil {
		log.Fatal(err)
	}

	config, err := drqn.Preset("default")
	if err != nil {
		log.Fatal(err)
	}
	config.Task, config.Hidden, config.Updates = "Echo", 16, *updates
	backend, err := gobackend.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Finalize()
	runs, err := lab.Train(context.Background(), []lab.Job{{Dir: *dir, Config: config}}, backend, "go", nil)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("reward per trial")
	fmt.Printf("agent     %6.3f   after %d updates\n", runs[0].About.Result.RewardPerTrial, *updates)
	fmt.Printf("ceiling   %6.3f   the best that observations allow\n", reference.Ceiling)
	fmt.Printf("random    %6.3f   acts at random\n", reference.Random)
}
