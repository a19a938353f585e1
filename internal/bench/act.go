package bench

import (
	"math/rand/v2"
	"time"

	"engram/drqn"
	"engram/tasks"
)

const lockstep = 8 // environments

// actRow measures a step of the agent in eight environments: observation, new state and values.
func actRow(hidden int, shape string, target float64, change func(*drqn.Config)) *measurement {
	m := &measurement{Row: Row{Name: "act", Shape: shape, Size: Size{Hidden: hidden, Population: 1}, Backend: "-",
		Unit: "us", Target: target, Allocs: new(float64)}}
	m.open = func() (measure, error) {
		c, err := drqn.Preset("default")
		if err != nil {
			return nil, err
		}
		c.Hidden = hidden
		change(&c)
		net, err := drqn.NewNetwork(c, tasks.Spec{Observations: make([]string, 3), Actions: make([]string, actions)})
		if err != nil {
			return nil, err
		}
		agent := drqn.NewAgent(net, net.Init(rand.New(rand.NewPCG(1, 1))))
		var states [lockstep][]float32
		for i := range states {
			states[i] = agent.NewState()
		}
		observation := []float32{1, 0.5, -1}
		return timed(300, 20, time.Microsecond, m.Allocs, func() error {
			for _, state := range states {
				agent.Q(observation, state)
			}
			return nil
		}), nil
	}
	return m
}
