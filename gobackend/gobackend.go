// Package gobackend opens GoMLX's pure-Go backend, which needs nothing installed, for programs and notebook cells that
// compute graphs but train nothing long: without XLA a cell links in a third of the time.
package gobackend

import (
	"fmt"
	"reflect"

	"github.com/gomlx/compute"
	pure "github.com/gomlx/compute/gobackend"
)

// Open opens the backend with more workers than its default: with one per core, large matrix products can wait for
// each other for ever.
func Open() (b compute.Backend, err error) {
	defer func() { // a panic is how GoMLX reports some failures
		if r := recover(); r != nil {
			err = fmt.Errorf("backend go: %v", r)
		}
	}()
	if b, err = pure.New(""); err != nil {
		return nil, fmt.Errorf("backend go: %w", err)
	}
	// The option "parallelism=64" does the same but prints a line to standard output, which belongs to the
	// commands' results. The pool's type is internal to that module, hence reflection.
	workers := reflect.ValueOf(b).Elem().FieldByName("Workers")
	workers.MethodByName("SetMaxParallelism").Call([]reflect.Value{reflect.ValueOf(64)})
	return b, nil
}
