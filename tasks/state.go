package tasks

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// Stateful is an environment that can be put back into mid-trial, as all of this package can, so that a training
// run that was stopped goes on as if it had not been.
type Stateful interface {
	// State says where the environment stands.
	State() (json.RawMessage, error)
	// SetState puts an environment of the same task and options there. What is no such state is an error, after
	// which the environment must be reset.
	SetState(json.RawMessage) error
}

var _, _ Stateful = (*trialEnv)(nil), (*wrapped)(nil)

// trialState is where a trialEnv stands. Draw and Build depend on their draws only, so the generator before a trial
// is the trial.
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

// SetState implements Stateful: it draws the trial again.
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
		return fmt.Errorf("%s: state: its trial is not drawn again: it is of another task or other options, or the task's Draw or Build depends on more than its draws", e.spec.Name)
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

// wrappedState is where a wrapped environment stands.
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

// ErrNotStateful is returned where an environment cannot say where it stands.
var ErrNotStateful = errors.New("the environment is not tasks.Stateful, so that runs in it cannot be kept and gone on with")

func notStateful(env Env) error { return fmt.Errorf("%s: %w", env.Spec().Name, ErrNotStateful) }

// VectorState is where a Vector stands.
type VectorState struct {
	Seeds        []byte            `json:"seeds"`        // the generator of the seeds of the episodes to come
	Observations []float32         `json:"observations"` // [N, O], to act on
	Environments []json.RawMessage `json:"environments"` // [N]
}

// State says where the vector stands.
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

// SetState puts a vector of as many environments of the same task there; after an error it must be reset.
func (v *Vector) SetState(s VectorState) error {
	if len(s.Environments) != len(v.envs) || len(s.Observations) != len(v.observations) {
		return fmt.Errorf("state of %d environments and %d observed numbers for %d and %d", len(s.Environments),
			len(s.Observations), len(v.envs), len(v.observations))
	}
	if err := v.source.UnmarshalBinary(s.Seeds); err != nil {
		return fmt.Errorf("state: seeds: %w", err)
	}
	for i, env := range v.envs {
		if err := setStateOf(env, s.Environments[i]); err != nil {
			return fmt.Errorf("environment %d: %w", i, err)
		}
	}
	copy(v.observations, s.Observations)
	return nil
}
