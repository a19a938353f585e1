// Package backendtest runs numeric tests on every backend that engram supports.
package backendtest

import (
	"sync"
	"testing"

	"github.com/gomlx/compute"

	"engram/internal/backend"
)

type opened struct {
	backend compute.Backend
	err     error
}

var open = map[string]func() opened{
	backend.Go:     sync.OnceValue(func() opened { return openOnce(backend.Go) }),
	backend.XLACPU: sync.OnceValue(func() opened { return openOnce(backend.XLACPU) }),
}

func openOnce(name string) opened {
	b, _, err := backend.Open(name)
	return opened{b, err}
}

// Each runs test on the Go backend and on XLA's CPU backend, each opened once a process. A backend that is
// missing fails the test: its error says how to install it.
func Each(t *testing.T, test func(t *testing.T, b compute.Backend)) {
	t.Helper()
	for _, name := range []string{backend.Go, backend.XLACPU} {
		t.Run(name, func(t *testing.T) { test(t, Open(t, name)) })
	}
}

// Open returns the named backend, opened once a process.
func Open(t testing.TB, name string) compute.Backend {
	t.Helper()
	result := open[name]()
	if result.err != nil {
		t.Fatal(result.err)
	}
	return result.backend
}

// Compiles reports whether a backend that Each or Open has opened compiles each graph for seconds, as XLA does.
func Compiles(b compute.Backend) bool { return b != open[backend.Go]().backend }
