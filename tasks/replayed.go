package tasks

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// isReplayed reports whether an environment, in whatever wrappers, is restored by its actions.
func isReplayed(env Env) bool {
	if w, ok := env.(*wrapped); ok {
		return isReplayed(w.env)
	}
	_, ok := env.(*replayed)
	return ok
}

// replayable makes an environment Stateful.
func replayable(env Env) Env {
	if _, ok := env.(Stateful); ok {
		return env
	}
	return &replayed{env: env, spec: env.Spec()}
}

// replayed makes any environment Stateful: its state is the seed of the episode and the actions since, and it is
// restored by taking them again. A checksum of all that was observed and earned shows whether that gave the same
// episode.
type replayed struct {
	env     Env
	spec    Spec
	action  int // asked for
	episode replayedState
	buffer  []byte
}

// replayedState is the state of a replayed environment.
type replayedState struct {
	Seed     uint64 `json:"seed"`
	Steps    int    `json:"steps"`
	Actions  []byte `json:"actions"`  // [Steps] as unsigned varints
	Checksum uint32 `json:"checksum"` // CRC-32C of the observations, [O] each, and rewards as float32
}

var _ Stateful = (*replayed)(nil)

func (r *replayed) Spec() Spec { return r.spec }

// Task implements Inspector.
func (r *replayed) Task() (Task, *Trial) { return TaskOf(r.env) }

// DescribeTrial implements TrialDescriber.
func (r *replayed) DescribeTrial() (TrialDescription, error) { return DescribeTrial(r.env) }

// Irreproducible implements Irreproducible.
func (r *replayed) Irreproducible() string { return NotExact(r.env) }

func (r *replayed) Reset(seed uint64) ([]float32, error) {
	r.episode = replayedState{Seed: seed, Actions: r.episode.Actions[:0]}
	observation, err := r.env.Reset(seed)
	if err != nil {
		return nil, err
	}
	return observation, r.note(observation, 0)
}

func (r *replayed) Step(action int) (Step, error) {
	if err := r.Ask(action); err != nil {
		return Step{}, err
	}
	return r.Answer()
}

// Ask implements Asked.
func (r *replayed) Ask(action int) error {
	if err := checkAction(r.spec, action); err != nil {
		return err
	}
	if r.episode.Steps == LongestEpisode {
		return fmt.Errorf("%s: %w", r.spec.Name, ErrEndless)
	}
	r.action = action
	return ask(r.env, action)
}

// Answer implements Asked.
func (r *replayed) Answer() (Step, error) {
	step, err := answer(r.env, r.action)
	if err != nil {
		return Step{}, err
	}
	r.episode.Steps++
	r.episode.Actions = binary.AppendUvarint(r.episode.Actions, uint64(r.action))
	return step, r.note(step.Observation, step.Reward)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// note adds what was observed and earned to the checksum.
func (r *replayed) note(observation []float32, reward float32) error {
	if len(observation) != len(r.spec.Observations) {
		return fmt.Errorf("%s: an observation of %d numbers, not of the %d of its Spec", r.spec.Name, len(observation),
			len(r.spec.Observations))
	}
	r.buffer = r.buffer[:0]
	for _, x := range observation {
		r.buffer = binary.LittleEndian.AppendUint32(r.buffer, math.Float32bits(x))
	}
	r.buffer = binary.LittleEndian.AppendUint32(r.buffer, math.Float32bits(reward))
	r.episode.Checksum = crc32.Update(r.episode.Checksum, castagnoli, r.buffer)
	return nil
}

// State implements Stateful.
func (r *replayed) State() (json.RawMessage, error) {
	if NotExact(r.env) != "" {
		return json.RawMessage("null"), nil
	}
	return json.Marshal(r.episode)
}

// SetState implements Stateful by taking the episode's actions again.
func (r *replayed) SetState(data json.RawMessage) error {
	var s replayedState
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("%s: state: %w", r.spec.Name, err)
	}
	if _, err := r.Reset(s.Seed); err != nil {
		return err
	}
	for rest := s.Actions; len(rest) > 0; {
		action, n := binary.Uvarint(rest)
		if n <= 0 || action >= uint64(len(r.spec.Actions)) {
			return fmt.Errorf("%s: state: its actions are damaged", r.spec.Name)
		}
		step, err := r.Step(int(action))
		if err != nil {
			return err
		}
		if rest = rest[n:]; (step.Terminated || step.Truncated) && len(rest) > 0 {
			return r.differs()
		}
	}
	if r.episode.Steps != s.Steps || r.episode.Checksum != s.Checksum {
		return r.differs()
	}
	return nil
}

// differs returns the error of an episode that was not the same again.
func (r *replayed) differs() error {
	return fmt.Errorf("%s: state: %w", r.spec.Name, ErrOtherEpisode)
}

// ErrOtherEpisode is the error of an episode that was not the same when it was replayed.
var ErrOtherEpisode = errors.New("the saved episode, replayed, is another one: its environment has changed (use the " +
	"version that the run began with), or its episodes depend on more than their seeds and actions")

// ErrEndless is the error of an episode that has no end.
var ErrEndless = fmt.Errorf("an episode has more than %d steps, for an agent may do for ever what random actions do "+
	"not: use a time_limit", LongestEpisode)

// isNull reports whether a state is null.
func isNull(state json.RawMessage) bool { return string(state) == "null" }
