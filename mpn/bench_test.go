package mpn

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"engram/internal/backend/backendtest"
	"engram/internal/sysinfo"
)

func BenchmarkStep(b *testing.B) {
	plain := MPN{Input: 10, Hidden: 64, Eta: 0.1, Lambda: 0.9}
	row, scalar := plain, plain
	row.Forget, scalar.Forget = Gate{ShapeRow, 2, 2, 5}, Gate{ShapeScalar, 2, 2, 5}
	for _, c := range []struct {
		name string
		cell Cell
	}{{"plain", plain}, {"scalar gate", scalar}, {"row gate", row}, {"row gate, as a variant", row.AsVariant()}} {
		b.Run(c.name, func(b *testing.B) {
			stepper, x, m, h := c.cell.NewStepper(drawn(c.cell)), make([]float32, 10), make([]float32, 640),
				make([]float32, 64)
			Constant(0.5)(nil, x)
			b.ReportAllocs()
			for b.Loop() {
				stepper.Step(x, m, h)
			}
		})
	}
}

// BenchmarkChunk measures forward and gradient for each chunk: DefaultChunk was chosen by it.
func BenchmarkChunk(b *testing.B) {
	for _, shape := range [][3]int{{64, 11, 20}, {128, 11, 20}, {64, 32, 10}, {128, 51, 20}} {
		for _, chunk := range []int{4, 6, 8, 9, 10, 13} {
			b.Run(fmt.Sprintf("H=%d/T=%d/I=%d/C=%d", shape[0], shape[1], shape[2], chunk), func(b *testing.B) {
				benchmarkUnroll(b, MPN{Hidden: shape[0], Input: shape[2], Chunk: chunk}, shape[1])
			})
		}
	}
}

func benchmarkUnroll(b *testing.B, cell MPN, steps int) {
	exec, err := NewExec(backendtest.Open(b, "xla:cpu"), func(in []*Node) []*Node {
		params := Nodes{"W": in[0], "b": in[1], "eta": in[2], "lambda": in[3]}
		u := cell.Unroll(params, in[4], in[5], nil)
		g := u.Gradient(u.H)
		return []*Node{g.At("W"), g.At("b"), g.At("eta"), g.At("lambda")}
	})
	if err != nil {
		b.Fatal(err)
	}
	tensor := func(value float32, dims ...int) *tensors.Tensor {
		return tensors.FromScalarAndDimensions(value, dims...)
	}
	in := []any{tensor(0.1, 1, cell.Hidden, cell.Input), tensor(0, 1, cell.Hidden), tensor(0.1, 1), tensor(0.9, 1),
		tensor(0.5, 1, 32, steps, cell.Input), tensor(1, 1, 32, steps)}
	benchmarkCalls(b, exec, in)
}

// BenchmarkGated measures forward and gradient of the gated cells beside the plain one, for windows of L = 10, 31 and
// 62 from stored states, 16 of them, and a row gate in other chunks, by which gatedChunkSteps was chosen.
func BenchmarkGated(b *testing.B) {
	for _, shape := range [][2]int{{64, 11}, {64, 32}, {128, 63}} {
		for _, gate := range []Gate{{}, {ShapeScalar, 2, 2, 5}, {ShapeRow, 2, 2, 5}} {
			b.Run(fmt.Sprintf("H=%d/T=%d/gate=%s", shape[0], shape[1], gate.Shape), func(b *testing.B) {
				benchmarkWindow(b, MPN{Input: 10, Hidden: shape[0], Eta: 0.5, Lambda: 0.99, Forget: gate}, shape[1])
			})
		}
		for _, chunk := range []int{4, 6, 9} {
			b.Run(fmt.Sprintf("H=%d/T=%d/gate=row/C=%d", shape[0], shape[1], chunk), func(b *testing.B) {
				benchmarkWindow(b, MPN{Input: 10, Hidden: shape[0], Eta: 0.5, Lambda: 0.99,
					Forget: Gate{ShapeRow, 2, 2, 5}, Chunk: chunk}, shape[1])
			})
		}
	}
}

// BenchmarkForms measures the processor time of the first call and of the next ones, forward and gradient of 16
// windows, in both forms of each cell: the longest unrolled windows were chosen by it.
func BenchmarkForms(b *testing.B) {
	cells := []Cell{RNN{10, 64}, GRU{10, 64}, LSTM{10, 64}, MPN{Input: 10, Hidden: 64},
		MPN{Input: 10, Hidden: 64, Forget: Gate{ShapeRow, 2, 2, 5}},
		Variant{MPN{Input: 10, Hidden: 64}, PlasticityHebbian, FormMultiplicative, ShapeRow, ShapeRow, 1}}
	names := []string{"rnn", "gru", "lstm", "mpn", "gated", "variant"}
	for i, cell := range cells {
		for _, length := range []int{10, 31, 50, 200, 1024} {
			forms := []Cell{asUnrolled{cell}, asLoop{cell}}
			if length > 50 {
				forms = forms[1:] // unrolled it compiles for minutes
			}
			for _, form := range forms {
				b.Run(fmt.Sprintf("%s/L=%d/%T", names[i], length, form), func(b *testing.B) {
					benchmarkWindow(b, form, length+1)
				})
			}
		}
	}
}

// asUnrolled is a cell whose windows of any length are unrolled.
type asUnrolled struct{ Cell }

// Unroll implements Cell.
func (c asUnrolled) Unroll(params Nodes, x, valid, start *Node) Unrolled {
	switch cell := c.Cell.(type) {
	case RNN:
		return unrollRecurrent(params, x, valid, start, rnnStep)
	case GRU:
		return unrollRecurrent(params, x, valid, start, gruStep)
	case LSTM:
		return unrollRecurrent(params, x, valid, start, lstmStep)
	case Variant:
		return cell.unroll(params, x, valid, start)
	case MPN:
		if cell.isGated() {
			return cell.unrollGated(params, x, valid, start)
		}
		return cell.unroll(params, x, valid, start)
	}
	panic(fmt.Sprintf("%T has no unrolled form", c.Cell))
}

// benchmarkWindow measures forward and gradient of 16 windows of a cell from stored states.
func benchmarkWindow(b *testing.B, cell Cell, steps int) {
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
	input, _, state := cell.Sizes()
	in = append(in, tensors.FromScalarAndDimensions(float32(0.5), 1, batch, steps, input),
		tensors.FromScalarAndDimensions(float32(1), 1, batch, steps),
		tensors.FromScalarAndDimensions(float32(0.1), 1, batch, state))
	benchmarkCalls(b, exec, in)
}

// benchmarkCalls measures calls of a compiled program.
func benchmarkCalls(b *testing.B, exec *Exec, in []any) {
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
	began := sysinfo.ProcessorTime().Seconds()
	call() // which compiles
	first, calls := sysinfo.ProcessorTime().Seconds()-began, 0
	began = sysinfo.ProcessorTime().Seconds()
	for b.Loop() {
		call()
		calls++
	}
	b.ReportMetric(first, "first-cpu-s")
	b.ReportMetric(1e3*(sysinfo.ProcessorTime().Seconds()-began)/float64(calls), "cpu-ms/op")
}
