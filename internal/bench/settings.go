package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/gomlx/compute"

	"engram/drqn"
)

// warmUpdates is the number of updates of a setting before it is measured, compilation included.
const warmUpdates = 5

// Settings measures the milliseconds that an update of each config takes in training, with its acting, sampling and
// metrics but without evaluations: in rounds of so many updates that take turns, so that other load on the machine
// affects all of them.
func Settings(ctx context.Context, b compute.Backend, backend string, rounds, updates int,
	configs ...drqn.Config) ([]Row, error) {
	if rounds < 1 || updates < 1 {
		return nil, fmt.Errorf("invalid %d rounds of %d updates: use 1 or more of each", rounds, updates)
	}
	var list []*measurement
	var measures []measure
	for i, c := range configs {
		c.EvalEvery, c.EvalTrials, c.StopAt, c.StopAtReturn = 0, 0, 0, 0
		c.Updates = warmUpdates + rounds*updates
		trainer, err := drqn.NewTrainer(b, c)
		if err == nil {
			err = trainer.TrainUntil(ctx, warmUpdates, silent{})
		}
		if err != nil {
			return nil, fmt.Errorf("setting %d: %w", i+1, err)
		}
		list = append(list, &measurement{Row: Row{Name: "update", Shape: fmt.Sprintf("setting %d", i+1),
			Backend: backend, Unit: "ms"}})
		measures = append(measures, func(ctx context.Context) (float64, error) {
			began := time.Now()
			err := trainer.TrainUntil(ctx, trainer.Update()+int64(updates), silent{})
			return 1e3 * time.Since(began).Seconds() / float64(updates), err
		})
	}
	for range rounds {
		for i, m := range list {
			value, err := measures[i](ctx)
			if err != nil {
				return nil, err
			}
			m.Rounds = append(m.Rounds, value)
		}
	}
	return conclude(list), nil
}
