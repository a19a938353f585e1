// Program tmaze registers an environment of its own that is no task of trials, TMaze in maze.go, trains an agent in it,
// and compares the agent's returns with those of acting at random.
//
//	go run ./examples/tmaze -run runs/tmaze -length 6
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/gobackend"
	"engram/lab"
	"engram/tasks"
)

func main() {
	log.SetFlags(0)
	dir := flag.String("run", "runs/tmaze", "directory of the run")
	length := flag.Int("length", 4, "steps to the junction")
	updates := flag.Int("updates", 2000, "updates to train for")
	flag.Parse()

	// From here on the name TMaze works wherever a task's name does.
	if err := tasks.RegisterEnvironment("TMaze", func() tasks.Env { return NewTMaze() }); err != nil {
		log.Fatal(err)
	}
	config, err := mazeConfig(*length, *updates)
	if err != nil {
		log.Fatal(err)
	}
	backend, err := gobackend.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Finalize()
	agent, random, err := compare(*dir, config, backend)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("agent    %6.3f ± %.3f in %.1f steps\n", *agent.MeanReturn, *agent.ReturnSD, agent.MeanSteps)
	fmt.Printf("random   %6.3f ± %.3f in %.1f steps\n", random.Mean, random.SD, random.Steps)
}

// mazeConfig returns the hyperparameters for a maze of a length.
func mazeConfig(length, updates int) (drqn.Config, error) {
	general, err := drqn.Preset("general")
	if err != nil {
		return general, err
	}
	return drqn.Assemble(general, map[string]string{
		"task": "TMaze", "task_options": fmt.Sprintf(`{"length":%d}`, length), "time_limit": fmt.Sprint(10 * length),
		"ceiling": "1", "hidden": "16", "updates": fmt.Sprint(updates),
	})
}

// compare trains an agent and returns what it earns at the end, and what acting at random does.
func compare(dir string, c drqn.Config, b compute.Backend) (agent drqn.Evaluation, random tasks.Returns, err error) {
	runs, err := lab.Train(context.Background(), []lab.Job{{Dir: dir, Config: c}}, b, "go", nil)
	if err != nil {
		return agent, random, err
	}
	reference, err := lab.Reference(c)
	return *runs[0].About.Result, reference.Returns, err
}
