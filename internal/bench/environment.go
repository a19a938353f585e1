package bench

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"engram/bridge"
	"engram/tasks"
)

// pythonPeers is the key of the peers of environmentRow.
const pythonPeers = "environments"

// environmentRow measures a step of eight environments of Python that do next to nothing, through a worker, beside
// Python's own loop over them and Gymnasium's vectors. It is nil where Python has no Gymnasium.
func environmentRow(scripts string) *measurement {
	packages, err := bridge.Packages(context.Background())
	if err != nil || !slices.ContainsFunc(packages, func(p bridge.Package) bool {
		return p.Name == "gymnasium" && p.Version != ""
	}) {
		return nil
	}
	m := &measurement{Row: Row{Name: "environment", Shape: "8 trivial ones of Python, one worker", Backend: "-",
		Unit: "us", Target: 30, Peers: []Ratio{{Peer: "loop", Target: 2.5}, {Peer: "SyncVectorEnv"},
			{Peer: "AsyncVectorEnv"}}}, peer: pythonPeers}
	m.open = func() (measure, error) {
		folder, err := filepath.Abs(scripts)
		if err != nil {
			return nil, err
		}
		if err := os.Setenv("PYTHONPATH", folder); err != nil { // of the worker
			return nil, err
		}
		envs, err := tasks.NewVector(lockstep, func() (tasks.Env, error) {
			return tasks.New("vector_env:Trivial", nil)
		})
		if err != nil {
			return nil, err
		}
		if err := envs.Reset(1); err != nil {
			return nil, err
		}
		doing := slices.Repeat([]int{1}, lockstep)
		return timed(2000, 1, time.Microsecond, nil, func() error {
			_, err := envs.Step(doing)
			return err
		}), nil
	}
	return m
}
