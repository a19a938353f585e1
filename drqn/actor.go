package drqn

import (
	"errors"
	"fmt"

	"engram/internal/numbers"
	"engram/replay"
	"engram/tasks"
)

// actor steps N environments in lockstep, epsilon-greedily, and pushes the transitions into a replay ring.
type actor struct {
	config  Config
	agent   *Agent
	envs    *tasks.Vector
	ring    *replay.Ring
	rng     generator
	states  [][]float32 // [N] recurrent state, carried through the episode
	met     [][]float32 // [N] state with which the observation was met, where the ring stores it
	seen    []float32   // [N, O] the observations answered
	actions []int       // [N]
	returns []float64   // [N] rewards of the episodes that have not ended, where there are no trials
	trials  bool        // the environments have trials
	tally   tally
}

// tally counts what an actor earned since the last metrics.
type tally struct {
	Reward float64 `json:"reward"`
	Trials int64   `json:"trials"`
}

func newActor(p *plan, agent *Agent, envs *tasks.Vector, ring *replay.Ring, rng generator) *actor {
	a := &actor{config: p.config, agent: agent, envs: envs, ring: ring, rng: rng,
		seen: make([]float32, len(envs.Observations())), actions: make([]int, envs.Len()),
		returns: make([]float64, envs.Len()), trials: p.goal.Trials}
	for range envs.Len() {
		a.states = append(a.states, agent.NewState())
		a.met = append(a.met, agent.NewState())
	}
	return a
}

// step takes one step in each environment with the exploration of so many updates, and pushes the transitions.
func (a *actor) step(update int64) error {
	copy(a.seen, a.envs.Observations())
	for i := range a.actions {
		if err := a.checkObservation(i, a.envs.Observation(i)); err != nil {
			return err
		}
	}
	for i := range a.actions {
		a.actions[i] = a.act(i, a.config.EpsilonOf(i, update))
	}
	steps, err := a.envs.Step(a.actions)
	if err != nil {
		return err
	}
	for i, s := range steps {
		if err := a.remember(i, s); err != nil {
			return err
		}
	}
	return nil
}

// act chooses the action of environment i. It computes the values even where the action is random, because reading the
// observation advances the recurrent state.
func (a *actor) act(i int, epsilon float64) int {
	if a.ring.WantsState(i) {
		copy(a.met[i], a.states[i])
	}
	q := a.agent.Q(a.envs.Observation(i), a.states[i])
	if a.rng.Float64() < epsilon {
		return a.rng.IntN(len(q))
	}
	return numbers.Argmax(q)
}

// remember pushes the transition of environment i.
func (a *actor) remember(i int, s tasks.Step) error {
	err := errors.Join(a.checkObservation(i, s.Observation), checkFinite(a.envs.Spec(), i, "a reward", s.Reward))
	if err != nil {
		return err
	}
	ended, terminated := a.config.endsEpisode(s)
	size := len(s.Observation)
	err = a.ring.Push(replay.Transition{
		Observation: a.seen[i*size : (i+1)*size], Action: int32(a.actions[i]), Reward: a.config.learned(s.Reward),
		Terminated: terminated, Truncated: s.Truncated && !terminated, EndsReturn: a.config.endsReturn(s),
		NextObservation: s.Observation, State: a.met[i],
	})
	if err != nil {
		return fmt.Errorf("environment %d: %w", i, err)
	}
	if ended {
		clear(a.states[i])
	}
	a.count(i, s)
	return nil
}

// count counts a step of environment i: rewards where there are trials, so that those of the interval are divided by
// the trials that ended in it; else the returns of the episodes that ended, which may be far longer than an interval.
func (a *actor) count(i int, s tasks.Step) {
	a.returns[i] += float64(s.Reward)
	ended := tasks.Ends(s, a.trials)
	if ended || a.trials {
		a.tally.Reward += a.returns[i]
		a.returns[i] = 0
	}
	if ended {
		a.tally.Trials++
	}
}

// learned returns the reward that the agent learns from.
func (c Config) learned(reward float32) float32 { return float32(c.RewardScale) * reward }

func (a *actor) checkObservation(i int, observation []float32) error {
	return checkFinite(a.envs.Spec(), i, "an observation", observation...)
}

// endsReturn reports whether a return ends with a step though the episode may continue.
func (c Config) endsReturn(s tasks.Step) bool { return c.Return == ReturnTrial && s.Info.TrialEnd }

// endsEpisode reports whether the agent's episode ended with a step, and whether it terminated.
func (c Config) endsEpisode(s tasks.Step) (ended, terminated bool) {
	terminated = s.Terminated || c.Episode == EpisodeTrial && s.Info.TrialEnd
	return terminated || s.Truncated, terminated || s.Truncated &&
		(c.Truncation == TruncationTerminate || c.Flaw == FlawTruncationTerminates)
}
