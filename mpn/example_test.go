package mpn_test

import (
	"fmt"

	"engram/mpn"
)

// One hidden unit with one input is shown 1 twice, then 0, then 1 again. Each step writes into M, so the same input is
// answered more strongly each time; at the input 0 M only decays.
func ExampleMPN_NewStepper() {
	cell := mpn.MPN{Input: 1, Hidden: 1}
	stepper := cell.NewStepper(mpn.Values{"W": {0.5}, "b": {0}, "eta": {1}, "lambda": {0.9}})
	m, h := []float32{0}, []float32{0} // the state M [H, I] and the activity h [H]
	for _, x := range []float32{1, 1, 0, 1} {
		stepper.Step([]float32{x}, m, h)
		fmt.Printf("x = %g: h = %.3f, M = %.3f\n", x, h[0], m[0])
	}
	// Output:
	// x = 1: h = 0.462, M = 0.462
	// x = 1: h = 0.624, M = 1.040
	// x = 0: h = 0.000, M = 0.936
	// x = 1: h = 0.748, M = 1.590
}
