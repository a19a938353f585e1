package drqn_test

import (
	"context"
	"fmt"

	"engram/drqn"
	"engram/internal/backend"
)

// printer prints what a run reports.
type printer struct{}

func (printer) Metrics(m drqn.Metrics) error {
	fmt.Println("update", m.Update, "after", m.EnvironmentSteps, "environment steps")
	return nil
}

func (printer) Evaluation(_ int, e drqn.Evaluation) error {
	fmt.Println("evaluated on", e.Trials, "trials at update", e.Update)
	return nil
}

// Train a small agent on the Go backend for 20 updates, then let it act.
func Example() {
	base, err := drqn.Preset("default")
	if err != nil {
		fmt.Println(err)
		return
	}
	config, err := drqn.Assemble(base, map[string]string{"task": "GoNogo", "hidden": "8", "readout": "0", "batch": "4",
		"updates": "20", "learn_after": "80", "metrics_every": "10", "eval_every": "20", "eval_trials": "50"})
	if err != nil {
		fmt.Println(err)
		return
	}
	b, _, err := backend.Open(backend.Go)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Finalize()
	trainer, err := drqn.NewTrainer(b, config)
	if err == nil {
		err = trainer.Train(context.Background(), printer{})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	policy, err := drqn.NewPolicy(config, trainer.Weights(0))
	if err != nil {
		fmt.Println(err)
		return
	}
	outcomes, err := policy.Outcomes(context.Background(), 3, 1)
	fmt.Println(len(outcomes), "outcomes", err)
	// Output:
	// evaluated on 50 trials at update 0
	// update 10 after 400 environment steps
	// update 20 after 720 environment steps
	// evaluated on 50 trials at update 20
	// 3 outcomes <nil>
}
