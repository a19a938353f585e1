// Package drqntest holds helpers that the tests of packages above drqn share.
package drqntest

import (
	"math"
	"testing"

	"engram/drqn"
	"engram/tasks"
)

// Policy returns the policy of a preset with the settings, and of small weights that depend on their places.
func Policy(t testing.TB, preset string, sets map[string]string) *drqn.Policy {
	t.Helper()
	c, err := drqn.Preset(preset)
	if err == nil {
		c, err = drqn.Assemble(c, sets)
	}
	if err != nil {
		t.Fatal(err)
	}
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err == nil {
		env, err = tasks.Wrap(env, tasks.Wrappers{PassAction: c.PassAction, PassReward: c.PassReward})
	}
	if err != nil {
		t.Fatal(err)
	}
	net, err := drqn.NewNetwork(c, env.Spec())
	if err != nil {
		t.Fatal(err)
	}
	weights := make([]float32, net.Size())
	for i := range weights {
		weights[i] = float32(math.Sin(float64(i)))
	}
	p, err := drqn.NewPolicy(c, weights)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Small returns a config that trains in a moment: 12 updates, a report every 3, an evaluation every 6.
func Small(t testing.TB) drqn.Config {
	t.Helper()
	c, err := drqn.Preset("default")
	if err != nil {
		t.Fatal(err)
	}
	c.Task, c.Hidden, c.InputSize, c.Batch = "GoNogo", 6, 4, 4
	c.Updates, c.LearnAfter, c.MetricsEvery, c.EvalEvery, c.EvalTrials = 12, 40, 3, 6, 5
	return c
}
