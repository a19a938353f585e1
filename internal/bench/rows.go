package bench

import (
	"cmp"
	"fmt"
	"os"

	"github.com/gomlx/compute"

	"engram/drqn"
	"engram/internal/backend"
)

// names lists the names of the rows, for Options.Only.
const names = "train_step, compile, load, product, copy, sample, push, prioritized, act, environment, whole_run, " +
	"wall, population, gate and memory"

var (
	small = shape{K: 1, B: 32, L: 10, H: 64, I: 20}
	wide  = shape{K: 1, B: 32, L: 10, H: 128, I: 20}
	long  = shape{K: 1, B: 32, L: 50, H: 128, I: 20}
)

// longRows returns the rows of long windows, which are loops in the graph: the MPN's over its length, beside the peers
// where they have that length, and the first step of each other cell.
func longRows(b compute.Backend, name, kept string) (list []*measurement) {
	for _, length := range []int{200, 800, 1024} {
		s := small
		s.L = length
		peer := ""
		if length < 1024 {
			peer = fmt.Sprintf("64x%d", length)
		}
		list = append(list, stepRow(b, name, s, 0, peer), compileRow(b, name, s, kept, 6), loadRow(b, name, s, 0))
	}
	for _, cell := range []string{gated, "rnn", "gru", "lstm"} {
		s := small
		s.L, s.cell = 1024, cell
		list = append(list, stepRow(b, name, s, 0, ""), compileRow(b, name, s, kept, 6))
	}
	return list
}

// measurements returns the rows of the table on a backend, with its targets, and a function that closes the backends.
func (o Options) measurements() ([]*measurement, func(), error) {
	kept, err := os.MkdirTemp("", "engram-bench") // empty, so that compile compiles and load loads
	if err != nil {
		return nil, nil, err
	}
	if err := os.Setenv(backend.KeepVariable, kept); err != nil {
		return nil, nil, err
	}
	b, choice, err := backend.Open(o.Backend)
	if err != nil {
		return nil, nil, err
	}
	pure, _, err := backend.Open(backend.Go)
	if err != nil {
		b.Finalize()
		return nil, nil, err
	}
	name := choice.Name
	closing := func() { b.Finalize(); pure.Finalize(); _ = os.RemoveAll(kept) }
	base := small
	base.H, base.L = cmp.Or(o.Hidden, small.H), cmp.Or(o.Window, small.L)
	list := append(replayRows(base.L),
		actRow(base.H, fmt.Sprintf("8 environments, H=%d I=10", base.H), 25, func(c *drqn.Config) { c.Readout = 0 }))
	if base != small { // the user's size: no targets, no peers
		return append(list, stepRow(b, name, base, 0, ""), compileRow(b, name, base, kept, 0),
			loadRow(b, name, base, 0)), closing, nil
	}
	list = append(list,
		actRow(base.H, "8 environments, preset default: readout of 128", 0, func(*drqn.Config) {}),
		stepRow(b, name, small, 0.8, "64x10"), stepRow(b, name, wide, 0.8, "128x10"),
		stepRow(b, name, long, 1, "128x50"),
		stepRow(pure, backend.Go, small, 4, ""),
		compileRow(b, name, small, kept, 2.5), compileRow(b, name, long, kept, 6), loadRow(b, name, small, 0.3),
		loadRow(b, name, long, 0.3),
		wallRow(b, name, "default", 1, 1.15), wallRow(b, name, "default", 0, 0), wallRow(b, name, "session", 1, 1.15),
		wholeRow(o.Command, name, 10))
	if m := environmentRow(o.Scripts); m != nil {
		list = append(list, m)
	}
	for _, p := range populations(name) {
		s := small
		s.K = p.members
		list = append(list, populationRow(b, name, s, p.target))
	}
	for _, g := range gateShapes {
		for _, gate := range []drqn.ForgetGate{drqn.ForgetScalar, drqn.ForgetRow} {
			list = append(list, gateRow(b, name, gate, g.shape, g.target))
		}
	}
	if name != backend.Go { // which unrolls them
		list = append(list, longRows(b, name, kept)...)
	}
	list = append(list, limitRows(b, name)...)
	return list, closing, nil
}

// population is a number of agents, and what a step may take per agent relative to a step of one.
type population struct {
	members int
	target  float64 // 0: none
}

// populations returns the sizes measured on a backend.
func populations(name string) []population {
	if name == backend.XLACUDA {
		return []population{{16, 0}, {256, 4. / 256}, {1024, 0}}
	}
	return []population{{4, 0.8}, {16, 1}}
}
