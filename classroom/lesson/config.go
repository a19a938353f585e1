package lesson

import (
	"fmt"

	"engram/drqn"
)

// small holds the hyperparameters in which the lesson's agents differ from preset default: networks and batches with
// which a browser learns GoNogo in seconds.
var small = map[string]string{"hidden": "32", "readout": "32", "batch": "8", "update_every": "16", "learn_after": "500",
	"learning_rate": "0.003", "target_every": "100", "updates": "3000", "eval_every": "25", "eval_trials": "100",
	"metrics_every": "5"}

// assemble returns the config of the lesson's agent for a task, with other hyperparameters set over it.
func assemble(task string, set map[string]any) (drqn.Config, error) {
	base, err := drqn.Preset("default")
	if err != nil {
		return drqn.Config{}, err
	}
	asked := map[string]string{"task": task}
	for name, value := range set {
		asked[name] = fmt.Sprint(value)
	}
	return drqn.Assemble(base, nil, small, asked)
}
