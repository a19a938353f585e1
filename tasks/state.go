package tasks

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// Stateful is an environment whose state can be saved and restored in the middle of a trial, so that a training run
// that was stopped resumes as if it had not been. All environments that New returns are Stateful.
type Stateful interface {
	// State returns the environment's state, or null where it cannot be restored: a run that resumes then begins a new
	// episode in it.
	State() (json.RawMessage, error)
	// SetState restores a state of an environment with the same task and options. After an error the environment must
	// be reset.
	SetState(json.RawMessage) error
}

var _, _ Stateful = (*trialEnv)(nil), (*wrapped)(nil)

// trialState is the state of a trialEnv. Draw and Build depend on their random draws only, so the generator's state
// before a trial determines the trial.
type trialState struct {
	Generator []byte `json:"generator"` // before the trial was drawn
	Step      int    `json:"step"`
	Checksum  uint32 `json:"checksum"` // CRC-32C of the trial
}

// State implements Stateful.
func (e *trialEnv) State() (json.RawMessage, error) {
	generator, err := e.before.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return json.Marshal(trialState{generator, e.trial.Step, e.trial.checksum()})
}

// SetState implements Stateful by drawing the trial again.
func (e *trialEnv) SetState(data json.RawMessage) error {
	var s trialState
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("%s: state: %w", e.spec.Name, err)
	}
	if err := e.source.UnmarshalBinary(s.Generator); err != nil {
		return fmt.Errorf("%s: state: %w", e.spec.Name, err)
	}
	if err := e.newTrial(); err != nil {
		return err
	}
	if e.trial.checksum() != s.Checksum {
		return fmt.Errorf("%s: state: the saved trial differs from the one drawn: the state belongs to another "+
			"task or to "+
			"other options, or the task's Draw or Build depends on more than its random draws", e.spec.Name)
	}
	if s.Step < 0 || s.Step >= e.trial.Steps() {
		return fmt.Errorf("%s: state: step %d of a trial of %d", e.spec.Name, s.Step, e.trial.Steps())
	}
	e.trial.Step = s.Step
	return nil
}

func (t *Trial) checksum() uint32 {
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	for _, array := range []any{t.Observations, asInt64(t.GroundTruth)} {
		binary.Write(sum, binary.LittleEndian, array) // a hash's Write does not fail
	}
	return sum.Sum32()
}

func asInt64(values []int) []int64 {
	wide := make([]int64, len(values))
	for i, v := range values {
		wide[i] = int64(v)
	}
	return wide
}

// wrappedState is the state of a wrapped environment.
type wrappedState struct {
	Steps int             `json:"steps"` // of the episode
	Env   json.RawMessage `json:"env"`
}

// State implements Stateful.
func (w *wrapped) State() (json.RawMessage, error) {
	inner, err := stateOf(w.env)
	if err != nil {
		return nil, err
	}
	if isNull(inner) {
		return inner, nil
	}
	return json.Marshal(wrappedState{w.steps, inner})
}

// SetState implements Stateful.
func (w *wrapped) SetState(data json.RawMessage) error {
	var s wrappedState
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("%s: state: %w", w.spec.Name, err)
	}
	if s.Steps < 0 || w.wrappers.TimeLimit > 0 && s.Steps >= w.wrappers.TimeLimit {
		return fmt.Errorf("%s: state: step %d of an episode of at most %d", w.spec.Name, s.Steps, w.wrappers.TimeLimit)
	}
	w.steps = s.Steps
	return setStateOf(w.env, s.Env)
}

func stateOf(env Env) (json.RawMessage, error) {
	if s, ok := env.(Stateful); ok {
		return s.State()
	}
	return nil, notStateful(env)
}

func setStateOf(env Env, state json.RawMessage) error {
	if s, ok := env.(Stateful); ok {
		return s.SetState(state)
	}
	return notStateful(env)
}

// ErrNotRestored marks the error of an environment that does not take its saved state: it has changed, or fails.
var ErrNotRestored = errors.New("its saved state cannot be restored")

// ErrNotStateful is the error of an environment whose state cannot be saved.
var ErrNotStateful = errors.New("the environment does not implement tasks.Stateful, so runs in it cannot be saved " +
	"and resumed")

func notStateful(env Env) error { return fmt.Errorf("%s: %w", env.Spec().Name, ErrNotStateful) }

// VectorState is the state of a Vector.
type VectorState struct {
	Seeds        []byte            `json:"seeds"`        // the generator of the seeds of the episodes to come
	Observations []float32         `json:"observations"` // [N, O], to act on
	Environments []json.RawMessage `json:"environments"` // [N]

	// NewEpisodes has SetState begin new episodes in place of those that were saved: see Restarted.
	NewEpisodes bool `json:"-"`
}

// State returns the state of the vector, for SetState.
func (v *Vector) State() (VectorState, error) {
	seeds, err := v.source.MarshalBinary()
	if err != nil {
		return VectorState{}, err
	}
	s := VectorState{Seeds: seeds, Observations: append([]float32(nil), v.observations...)}
	for _, env := range v.envs {
		state, err := stateOf(env)
		if err != nil {
			return VectorState{}, err
		}
		s.Environments = append(s.Environments, state)
	}
	return s, nil
}

// SetState restores the state of a vector with as many environments of the same task. An environment that
// is restored by its actions and could not be saved so has the state null, and begins a new episode: see Restarted.
// After an error, which is ErrNotRestored where an environment refuses its state, the vector must be reset.
func (v *Vector) SetState(s VectorState) error {
	if len(s.Environments) != len(v.envs) || len(s.Observations) != len(v.observations) {
		return fmt.Errorf("state of %d environments and %d observed numbers for %d and %d", len(s.Environments),
			len(s.Observations), len(v.envs), len(v.observations))
	}
	if err := v.source.UnmarshalBinary(s.Seeds); err != nil {
		return fmt.Errorf("state: seeds: %w", err)
	}
	copy(v.observations, s.Observations)
	v.restarted = nil
	for i, env := range v.envs {
		restore := func() error { return setStateOf(env, s.Environments[i]) }
		if s.NewEpisodes || isNull(s.Environments[i]) && isReplayed(env) {
			restore = func() error { return v.reset(i) }
			v.restarted = append(v.restarted, i)
		}
		if err := restore(); err != nil {
			return fmt.Errorf("environment %d: %w: %w", i, ErrNotRestored, err)
		}
	}
	return nil
}

// Restarted returns the environments that began a new episode in the last SetState.
func (v *Vector) Restarted() []int { return v.restarted }
