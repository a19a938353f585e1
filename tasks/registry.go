package tasks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"engram/internal/numbers"
)

// constructors of the tasks, each with its default options, in the order in which they are listed.
var constructors = []func() Task{
	func() Task { return NewGoNogo() },
	func() Task { return NewPerceptualDecisionMaking() },
	func() Task { return NewDelayMatchSample() },
	func() Task { return NewContextDecisionMaking() },
	func() Task { return NewIntervalDiscrimination() },
	func() Task { return NewDelayComparison() },
	func() Task { return NewReadySetGo() },
	func() Task { return NewTemporalOrder() },
	func() Task { return NewMemoryLength() },
}

// Register adds a task under the name in its Spec, so that New, commands and configs find it. The name must
// be new.
func Register(construct func() Task) error {
	name := construct().Spec().Name
	if name == "" || slices.Contains(Names(), name) {
		return fmt.Errorf("task name %q is empty or taken", name)
	}
	constructors = append(constructors, construct)
	return nil
}

// Names lists the tasks.
func Names() []string {
	names := make([]string, len(constructors))
	for i, construct := range constructors {
		names[i] = construct().Spec().Name
	}
	return names
}

// NewTask makes a task of the given name. options is a JSON object with the fields to change, or empty; a
// field that the task does not have, or an invalid value, is an error that names it.
func NewTask(name string, options json.RawMessage) (Task, error) {
	i := slices.Index(Names(), name)
	if i < 0 {
		return nil, fmt.Errorf("task %q is unknown: use one of %s; a task of your own is known to the program that "+
			"registers it: in its folder use 'go run .' in place of engram ('engram new DIR' makes one); in a "+
			"notebook import its package, or put 'var registered = tasks.Register(...)' above %%%%", name,
			strings.Join(Names(), ", "))
	}
	task := constructors[i]()
	if err := readOptions(options, task); err != nil {
		return nil, fmt.Errorf("%s: options: %w", name, err)
	}
	if err := task.Check(); err != nil {
		return nil, fmt.Errorf("%s: options: %w", name, err)
	}
	if steps := task.Spec().MaxTrialSteps; steps < 1 || steps > longestTrial {
		return nil, fmt.Errorf("%s: options: a trial would have %d steps: choose a timing and a dt that give 1 to %d",
			name, steps, longestTrial)
	}
	if c := task.Ceiling(); !numbers.Finite(c) {
		return nil, fmt.Errorf("%s: options: the best reward per trial would be %v: choose options that make it a "+
			"number", name, c)
	}
	return task, nil
}

// longestTrial bounds the memory of a trial.
const longestTrial = 100_000

// New makes an environment of the named task; see NewTask.
func New(name string, options json.RawMessage) (Env, error) {
	task, err := NewTask(name, options)
	if err != nil {
		return nil, err
	}
	return NewEnv(task), nil
}
