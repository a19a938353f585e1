package bridge_test

import (
	"fmt"
	"log"

	"engram/bridge"
	"engram/tasks"
)

// A description that a run kept is enough to read the run: Python starts only where steps are taken.
func ExampleRemember() {
	const name = "gymnasium:Pole-v1" // no other test describes it
	err := bridge.Remember(name, nil, bridge.Description{Protocol: 1, MaxEpisodeSteps: 500,
		Observations: []string{"position", "velocity", "angle", "spin"}, Actions: []string{"left", "right"}})
	if err != nil {
		log.Fatal(err)
	}
	env, err := tasks.New(name, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(env.Spec().Observations), "numbers observed, actions", env.Spec().Actions)
	// Output: 4 numbers observed, actions [left right]
}
