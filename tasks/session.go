package tasks

import (
	"fmt"
	"math"
)

// SessionTask is a Task whose trials depend on what was drawn, done and paid earlier in a session: a session is an
// episode, and the last of its Spec's SessionTrials trials terminates it. NewEnv makes it an environment that is put
// back into mid-session by taking the session's actions again.
type SessionTask interface {
	Task
	// Begin is called before the first trial of a session is drawn.
	Begin()
	// Learners returns policies that see observations alone and learn within a session, the best first. Their draws
	// come from the seed. Each learns by all observations of its sessions, in their order.
	Learners(seed uint64) []Learner
}

// Learner is a policy that learns within a session.
type Learner struct {
	Name string
	Act  func(observation []float32) int
}

// Regret sums up what a policy loses on the best choice in the trials of sessions: the difference of their expected
// rewards, in which luck does not count.
type Regret struct {
	Sessions int       `json:"sessions"`
	Mean     float64   `json:"regret"`    // of a session
	SD       float64   `json:"regret_sd"` // over the sessions, divided by their number
	Curve    []float64 `json:"curve"`     // [N] mean over the sessions of the sum up to each trial

	current []float64 // of the session that has not ended
	sums    Returns
}

// Add adds a step. A session counts once its last trial has ended; one that a time limit cuts does not.
func (r *Regret) Add(s Step) {
	if s.Info.TrialEnd {
		sum := s.Info.Regret
		if n := len(r.current); n > 0 {
			sum += r.current[n-1]
		}
		r.current = append(r.current, sum)
	}
	if s.Terminated {
		r.addSession()
	}
	if s.Terminated || s.Truncated {
		r.current = r.current[:0]
	}
}

// addSession adds the session that has ended.
func (r *Regret) addSession() {
	if r.Curve == nil {
		r.Curve = make([]float64, len(r.current))
	}
	r.Sessions++
	for i, sum := range r.current {
		r.Curve[i] += (sum - r.Curve[i]) / float64(r.Sessions)
	}
	r.sums.Add(r.current[len(r.current)-1], len(r.current))
	r.Mean, r.SD = r.sums.Mean, r.sums.SD
}

// LearnerRegret returns the regret of a policy that learns within a session, in a number of sessions. Each policy meets
// the same sessions by the same seed, and so does an agent that is evaluated with it.
func LearnerRegret(env Env, policy Learner, sessions int, seed uint64) (Regret, error) {
	var r Regret
	n := env.Spec().SessionTrials
	if n == 0 {
		return r, fmt.Errorf("%s: its trials do not depend on each other, so nothing is learned in a session",
			env.Spec().Name)
	}
	if most := math.MaxInt32 / (n * env.Spec().MaxTrialSteps); sessions < 1 || sessions > most {
		return r, fmt.Errorf("invalid sessions %d: use 1 to %d", sessions, most)
	}
	vector, err := NewVector(1, func() (Env, error) { return env, nil })
	if err != nil {
		return r, err
	}
	if err := vector.Reset(seed); err != nil {
		return r, err
	}
	actions := make([]int, 1)
	for range sessions * n * env.Spec().MaxTrialSteps {
		actions[0] = policy.Act(vector.Observation(0))
		steps, err := vector.Step(actions)
		if err != nil {
			return r, err
		}
		if r.Add(steps[0]); r.Sessions == sessions {
			return r, nil
		}
	}
	return r, fmt.Errorf("%s: only %d of %d sessions ended", env.Spec().Name, r.Sessions, sessions)
}
