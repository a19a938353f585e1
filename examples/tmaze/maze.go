package main

import (
	"fmt"
	"math/rand/v2"

	"engram/tasks"
)

// TMaze is an environment that answers to what is done: a corridor of Length steps to a junction (Bakker,
// "Reinforcement learning with long short-term memory", NeurIPS 2001). At its beginning alone the agent sees on which
// side the reward is; walking there it must remember the side.
//
// It has no trials, no ground truth and no longest episode: who never turns at the junction stays in the maze. So runs
// set time_limit.
type TMaze struct {
	Length int `json:"length" range:"1 or more" help:"steps to the junction"`

	rewarded, position int
	observation        [4]float32
}

// The actions.
const (
	forward = iota
	left
	right
)

// NewTMaze returns the maze with its default length.
func NewTMaze() *TMaze { return &TMaze{Length: 4} }

// Check refuses a corridor of no length.
func (m *TMaze) Check() error {
	if m.Length < 1 {
		return fmt.Errorf("invalid length %d: use 1 or more", m.Length)
	}
	return nil
}

// Spec names the environment, its observations and its actions.
func (m *TMaze) Spec() tasks.Spec {
	return tasks.Spec{Name: "TMaze", Observations: []string{"sign left", "sign right", "corridor", "junction"},
		Actions: []string{"forward", "left", "right"}}
}

// Reset draws the side of the reward. All randomness comes from the seed, so that runs can resume.
func (m *TMaze) Reset(seed uint64) ([]float32, error) {
	m.rewarded, m.position = left+rand.New(rand.NewPCG(seed, 0)).IntN(2), 0
	return m.observe(), nil
}

// DescribeTrial tells recordings (engram record) on which side the reward is.
func (m *TMaze) DescribeTrial() (tasks.TrialDescription, error) {
	return tasks.TrialDescription{Params: map[string]any{"side": m.Spec().Actions[m.rewarded]}}, nil
}

// Step moves the agent. A turn at the junction ends the episode: it pays 1 on the rewarded side. Walking into a wall
// costs 0.1.
func (m *TMaze) Step(action int) (tasks.Step, error) {
	var s tasks.Step
	atJunction := m.position == m.Length
	switch {
	case atJunction && action != forward:
		s.Terminated = true
		if action == m.rewarded {
			s.Reward = 1
		}
	case !atJunction && action == forward:
		m.position++
	default:
		s.Reward = -0.1
	}
	s.Observation = m.observe()
	return s, nil
}

// observe returns what the agent sees where it stands.
func (m *TMaze) observe() []float32 {
	m.observation = [4]float32{}
	switch m.position {
	case 0:
		m.observation[m.rewarded-left] = 1
	case m.Length:
		m.observation[3] = 1
	default:
		m.observation[2] = 1
	}
	return m.observation[:]
}
