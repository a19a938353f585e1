package tasks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
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
	func() Task { return NewIntegration() },
	func() Task { return NewTwoArmedBandit() },
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
	for i, task := range Defaults() {
		names[i] = task.Spec().Name
	}
	return names
}

// Defaults returns the tasks in the order of Names, each with its default options and not checked: what a check
// computes, such as the best policy of a bandit, takes longer than a program takes to start.
func Defaults() []Task {
	all := make([]Task, len(constructors))
	for i, construct := range constructors {
		all[i] = construct()
	}
	return all
}

// environments that are no tasks of trials, by name.
var environments = map[string]func() Env{}

// RegisterEnvironment adds an environment that is no task of trials under a name, so that New, commands and configs
// find it. construct returns it with its default options: a pointer to a struct whose exported fields with JSON tags
// are the options. If it has a method Check() error, that refuses invalid ones. The name must be new and have no colon.
func RegisterEnvironment(name string, construct func() Env) error {
	if name == "" || strings.Contains(name, ":") || slices.Contains(Names(), name) || environments[name] != nil {
		return fmt.Errorf("environment name %q is empty, taken or has a colon", name)
	}
	environments[name] = construct
	return nil
}

// Foreign reports whether a name is that of an environment of another process, such as gymnasium:CartPole-v1.
func Foreign(name string) bool { return strings.Contains(name, ":") && !slices.Contains(Names(), name) }

// source opens environments whose names have a colon.
var source func(name string, options json.RawMessage) (Env, error)

// RegisterSource makes open the source of the environments whose names have a colon, such as gymnasium:CartPole-v1.
func RegisterSource(open func(name string, options json.RawMessage) (Env, error)) { source = open }

// NewTask makes a task of the given name. options is a JSON object with the fields to change, or empty; a
// field that the task does not have, or an invalid value, is an error that names it.
func NewTask(name string, options json.RawMessage) (Task, error) {
	if general := environments[name] != nil || strings.Contains(name, ":"); general && !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("%s is no task of trials with a ground truth: 'engram env show %s' describes it", name,
			name)
	}
	made, err := construct(name, options)
	if err != nil {
		return nil, err
	}
	return made.(Task), nil
}

// New makes an environment of the named task (see NewTask), or the named environment that is no task.
func New(name string, options json.RawMessage) (Env, error) {
	made, err := construct(name, options)
	if err != nil {
		return nil, err
	}
	if task, ok := made.(Task); ok {
		made = NewEnv(task)
	}
	return replayable(made.(Env)), nil
}

// construct makes the named Task, or the named Env that is no task.
func construct(name string, options json.RawMessage) (made any, err error) {
	i := slices.Index(Names(), name)
	switch {
	case i >= 0:
		made = constructors[i]()
	case environments[name] != nil:
		made = environments[name]()
	case !strings.Contains(name, ":"):
		return nil, fmt.Errorf("task %q is unknown: use one of %s; a task of your own is known to the program that "+
			"registers it: in its folder use 'go run .' in place of engram ('engram new DIR' makes one); in a "+
			"notebook import its package, or put 'var registered = tasks.Register(...)' above %%%%", name,
			strings.Join(Names(), ", "))
	case source == nil:
		return nil, fmt.Errorf("environment %s is of Python: import engram/bridge", name)
	default:
		if made, err = source(name, options); err != nil {
			return nil, err
		}
		options = nil // the source has read them
	}
	if err := configure(made, options); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return made, nil
}
