package tasks

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
)

// TestDefaults checks that the defaults are the tasks that have been checked, in the order of their names.
func TestDefaults(t *testing.T) {
	t.Parallel()
	all := Defaults()
	for i, name := range Names() {
		checked, err := NewTask(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := all[i].Spec().Name; got != name || !reflect.DeepEqual(Options(all[i]), Options(checked)) {
			t.Errorf("default %d is %s with %+v, want %s with %+v", i, got, Options(all[i]), name, Options(checked))
		}
	}
}

// named is a task of another name; it asks for a task while it is made, as one that is built on another does.
type named struct {
	*GoNogo
	name string
}

func (n named) Spec() Spec {
	spec := n.GoNogo.Spec()
	spec.Name = n.name
	return spec
}

// Tasks and environments are registered while others are made and listed (the race detector reads this test).
func TestRegisterBeside(t *testing.T) {
	defer func(before []entry) { entries = before }(slices.Clone(entries))
	var wait sync.WaitGroup
	for i := range 8 {
		name, general := fmt.Sprintf("Beside%d", i), fmt.Sprintf("beside%d", i)
		wait.Go(func() {
			err := Register(func() Task {
				_, _ = New("GoNogo", nil)
				return named{NewGoNogo(), name}
			})
			if err != nil {
				t.Error(err)
			}
		})
		wait.Go(func() {
			if err := RegisterEnvironment(general, func() Env { return NewEnv(NewGoNogo()) }); err != nil {
				t.Error(err)
			}
		})
		wait.Go(func() {
			if _, err := New("GoNogo", nil); err != nil {
				t.Error(err)
			}
			Defaults()
		})
	}
	wait.Wait()
	for i := range 8 {
		delete(environments, fmt.Sprintf("beside%d", i))
		if name := fmt.Sprintf("Beside%d", i); !slices.Contains(Names(), name) {
			t.Errorf("%s is not listed", name)
		}
	}
	if err := Register(func() Task { return named{NewGoNogo(), "Beside3"} }); err == nil {
		t.Error("a name is taken twice")
	}
}
