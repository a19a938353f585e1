package tasks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// entry is a task under the name in its Spec; construct makes it with its default options.
type entry struct {
	name      string
	construct func() Task
}

func newEntry(construct func() Task) entry { return entry{construct().Spec().Name, construct} }

// entries are the tasks, in the order in which they are listed.
var entries = []entry{
	newEntry(func() Task { return NewGoNogo() }),
	newEntry(func() Task { return NewPerceptualDecisionMaking() }),
	newEntry(func() Task { return NewDelayMatchSample() }),
	newEntry(func() Task { return NewContextDecisionMaking() }),
	newEntry(func() Task { return NewIntervalDiscrimination() }),
	newEntry(func() Task { return NewDelayComparison() }),
	newEntry(func() Task { return NewReadySetGo() }),
	newEntry(func() Task { return NewTemporalOrder() }),
	newEntry(func() Task { return NewMemoryLength() }),
	newEntry(func() Task { return NewIntegration() }),
	newEntry(func() Task { return NewTwoArmedBandit() }),
}

// registered guards entries, environments and source: a program may register a task while its agents train. No code of
// a task runs while it is held.
var registered sync.RWMutex

// Register adds a task under the name in its Spec, so that New, commands and configs find it. The name must
// be new.
func Register(construct func() Task) error {
	added := newEntry(construct)
	registered.Lock()
	defer registered.Unlock()
	if added.name == "" || indexOf(entries, added.name) >= 0 {
		return fmt.Errorf("task name %q is empty or taken", added.name)
	}
	entries = append(entries, added)
	return nil
}

// registeredTasks returns the tasks there are now.
func registeredTasks() []entry {
	registered.RLock()
	defer registered.RUnlock()
	return slices.Clip(entries)
}

// indexOf returns the index of the task of a name; -1 if none has it.
func indexOf(entries []entry, name string) int {
	return slices.IndexFunc(entries, func(e entry) bool { return e.name == name })
}

// Names lists the tasks.
func Names() []string {
	var names []string
	for _, e := range registeredTasks() {
		names = append(names, e.name)
	}
	return names
}

// Defaults returns the tasks in the order of Names, each with its default options and not checked: what a check
// computes, such as the best policy of a bandit, takes longer than a program takes to start.
func Defaults() []Task {
	var all []Task
	for _, e := range registeredTasks() {
		all = append(all, e.construct())
	}
	return all
}

// environments that are no tasks of trials, by name.
var environments = map[string]func() Env{}

// RegisterEnvironment adds an environment that is no task of trials under a name, so that New, commands and configs
// find it. construct returns it with its default options: a pointer to a struct whose exported fields with JSON tags
// are the options. If it has a method Check() error, that refuses invalid ones. The name must be new and have no colon.
func RegisterEnvironment(name string, construct func() Env) error {
	registered.Lock()
	defer registered.Unlock()
	if name == "" || strings.Contains(name, ":") || indexOf(entries, name) >= 0 ||
		environments[name] != nil {
		return fmt.Errorf("environment name %q is empty, taken or has a colon", name)
	}
	environments[name] = construct
	return nil
}

// registeredEnvironment returns the constructor of an environment that is no task; nil if none has the name.
func registeredEnvironment(name string) func() Env {
	registered.RLock()
	defer registered.RUnlock()
	return environments[name]
}

// Foreign reports whether a name is that of an environment of another process, such as gymnasium:CartPole-v1.
func Foreign(name string) bool { return strings.Contains(name, ":") && !slices.Contains(Names(), name) }

// source opens environments whose names have a colon.
var source func(name string, options json.RawMessage) (Env, error)

// RegisterSource makes open the source of the environments whose names have a colon, such as gymnasium:CartPole-v1.
func RegisterSource(open func(name string, options json.RawMessage) (Env, error)) {
	registered.Lock()
	defer registered.Unlock()
	source = open
}

func registeredSource() func(name string, options json.RawMessage) (Env, error) {
	registered.RLock()
	defer registered.RUnlock()
	return source
}

// NewTask makes a task of the given name. options is a JSON object with the fields to change, or empty; a
// field that the task does not have, or an invalid value, is an error that names it.
func NewTask(name string, options json.RawMessage) (Task, error) {
	general := registeredEnvironment(name) != nil || strings.Contains(name, ":")
	if general && !slices.Contains(Names(), name) {
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
	entries, environment, source := registeredTasks(), registeredEnvironment(name), registeredSource()
	switch i := indexOf(entries, name); {
	case i >= 0:
		made = entries[i].construct()
	case environment != nil:
		made = environment()
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
