package mpn

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/backend/backendtest"
)

// BenchmarkGated measures forward and gradient of the gated cells beside the plain one, for windows of L = 10, 31 and
// 62 from stored states, 16 of them.
func BenchmarkGated(b *testing.B) {
	for _, shape := range [][2]int{{64, 11}, {64, 32}, {128, 63}} {
		for _, gate := range []Gate{{}, {ShapeScalar, 2, 2, 5}, {ShapeRow, 2, 2, 5}} {
			b.Run(fmt.Sprintf("H=%d/T=%d/gate=%s", shape[0], shape[1], gate.Shape), func(b *testing.B) {
				benchmarkGated(b, MPN{Input: 10, Hidden: shape[0], Eta: 0.5, Lambda: 0.99, Forget: gate}, shape[1])
			})
		}
	}
}

func benchmarkGated(b *testing.B, cell MPN, steps int) {
	const batch = 16
	names := namesOf(cell)
	exec, err := NewExec(backendtest.Open(b, "xla:cpu"), func(in []*Node) (out []*Node) {
		params, rest := Nodes{}, in[len(names):]
		for i, name := range names {
			params[name] = in[i]
		}
		u := cell.Unroll(params, rest[0], rest[1], rest[2])
		g := u.Gradient(u.H)
		for _, name := range names {
			out = append(out, g.At(name))
		}
		return out
	})
	if err != nil {
		b.Fatal(err)
	}
	var in []any
	values := drawn(cell)
	for _, p := range cell.Params() {
		in = append(in, tensors.FromFlatDataAndDimensions(values[p.Name], append([]int{1}, p.Shape...)...))
	}
	in = append(in, tensors.FromScalarAndDimensions(float32(0.5), 1, batch, steps, cell.Input),
		tensors.FromScalarAndDimensions(float32(1), 1, batch, steps),
		tensors.FromScalarAndDimensions(float32(0.1), 1, batch, cell.Hidden*cell.Input))
	call := func() {
		out, err := exec.Call(in...)
		if err != nil {
			b.Fatal(err)
		}
		for _, tensor := range out {
			if err := tensor.FinalizeAll(); err != nil {
				b.Fatal(err)
			}
		}
	}
	call() // which compiles
	for b.Loop() {
		call()
	}
}
