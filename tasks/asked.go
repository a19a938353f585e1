package tasks

import "io"

// Asked is an environment whose step is asked for first and answered later, so that those that Copies returns take
// their steps at the same time, in another process perhaps. A Vector asks all before it reads the first answer.
type Asked interface {
	Env
	// Copies returns n environments like this one, not yet reset, that step together.
	Copies(n int) ([]Env, error)
	// Ask asks for a step with an action; Answer must follow.
	Ask(action int) error
	// Answer returns the step that was asked for.
	Answer() (Step, error)
}

// asker is an environment that may pass what is asked on to an Asked one.
type asker interface {
	Ask(action int) error
	Answer() (Step, error)
}

// ask asks for a step where the environment can be asked; any other takes it when it answers.
func ask(env Env, action int) error {
	if a, ok := env.(asker); ok {
		return a.Ask(action)
	}
	return nil
}

// answer returns the step that was asked for with an action.
func answer(env Env, action int) (Step, error) {
	if a, ok := env.(asker); ok {
		return a.Answer()
	}
	return env.Step(action)
}

// copies returns n environments like env that step together, or nil where it is not Asked.
func copies(env Env, n int) ([]Env, error) {
	switch e := env.(type) {
	case Asked:
		return e.Copies(n)
	case *wrapped:
		return around(e.env, n, func(inner Env) (Env, error) { return Wrap(inner, e.wrappers) })
	case *replayed:
		return around(e.env, n, func(inner Env) (Env, error) { return replayable(inner), nil })
	}
	return nil, nil
}

// around returns what wrap makes of the copies of an environment.
func around(env Env, n int, wrap func(Env) (Env, error)) ([]Env, error) {
	together, err := copies(env, n)
	for i := range together {
		if err == nil {
			together[i], err = wrap(together[i])
		}
	}
	return together, err
}

// Close closes an environment that holds something, such as a process; others have nothing to close. A Reset opens it
// again.
func Close(env Env) error {
	switch e := env.(type) {
	case *wrapped:
		return Close(e.env)
	case *replayed:
		return Close(e.env)
	case io.Closer:
		return e.Close()
	}
	return nil
}
