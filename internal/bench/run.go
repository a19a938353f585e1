package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/internal/backend"
	"engram/tasks"
)

// wholeRow measures 'engram demo': the program starts, compiles, trains until it earns 95 % of GoNogo's ceiling on
// 2,000 fresh trials, and writes its report.
func wholeRow(command, where string, target float64) *measurement {
	m := &measurement{Row: Row{Name: "whole_run", Shape: "GoNogo from nothing to 95 %", Backend: where, Unit: "s",
		Target: target, Note: "engram demo, compilation and report included"}}
	m.open = func() (measure, error) {
		return func(ctx context.Context) (float64, error) {
			dir, err := os.MkdirTemp("", "engram-bench")
			if err != nil {
				return 0, err
			}
			defer os.RemoveAll(dir)
			began := time.Now()
			demo := exec.CommandContext(ctx, command, "demo", "--run", filepath.Join(dir, "run"), "--backend", where)
			demo.Env = append(os.Environ(), backend.KeepVariable+"=off") // it is to compile
			if said, err := demo.CombinedOutput(); err != nil {
				return 0, fmt.Errorf("engram demo: %w: %s", err, said)
			}
			return time.Since(began).Seconds(), nil
		}, nil
	}
	return m
}

// A round trains wallUpdates updates, in turns of wallTurn.
const wallUpdates, wallTurn = 600, 100

// wallRow measures the time of training over that of its train steps alone; the difference is acting, environments,
// sampling and metrics.
func wallRow(b compute.Backend, backend, preset string, lag int, target float64) *measurement {
	m := &measurement{Row: Row{Name: "wall", Shape: fmt.Sprintf("DelayMatchSample, %s, acting_lag=%d", preset, lag),
		Backend: backend, Unit: "of the train steps", Target: target}}
	m.open = func() (measure, error) {
		c, err := drqn.Preset(preset)
		if err != nil {
			return nil, err
		}
		c.Task, c.ActingLag, c.EvalEvery, c.EvalTrials, c.Updates = "DelayMatchSample", lag, 0, 0, 1_000_000
		trainer, err := drqn.NewTrainer(b, c)
		if err != nil {
			return nil, err
		}
		task, err := tasks.New(c.Task, nil)
		if err != nil {
			return nil, err
		}
		alone, err := newTrainStepOf(b, c, task.Spec(), 1, task.Spec().MaxTrialSteps+c.BurnIn+max(0, c.StateEvery-1))
		if err != nil {
			return nil, err
		}
		warm := func() error { return trainer.TrainUntil(context.Background(), 20, silent{}) }
		return func(ctx context.Context) (float64, error) { return wallRatio(ctx, trainer, alone) },
			firstError(warm, alone.do)
	}
	return m
}

func wallRatio(ctx context.Context, trainer *drqn.Trainer, alone *trainStep) (float64, error) {
	var wall, steps time.Duration
	for range wallUpdates / wallTurn {
		began := time.Now()
		if err := trainer.TrainUntil(ctx, trainer.Update()+wallTurn, silent{}); err != nil {
			return 0, err
		}
		wall += time.Since(began)
		began = time.Now()
		for range wallTurn {
			if err := alone.do(); err != nil {
				return 0, err
			}
		}
		steps += time.Since(began)
	}
	return wall.Seconds() / steps.Seconds(), nil
}

// silent is an observer that reports nothing.
type silent struct{}

func (silent) Metrics(drqn.Metrics) error            { return nil }
func (silent) Evaluation(int, drqn.Evaluation) error { return nil }
