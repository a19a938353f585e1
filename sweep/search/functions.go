package search

import (
	"fmt"
	"math"
)

// Function is a function with a known minimum, on which samplers are tested.
type Function struct {
	Name    string
	Space   Space
	Minimum float64
	Value   func(Point) float64
}

// Functions returns all functions.
func Functions() []Function { return []Function{branin, hartmann6, mixed} }

// FunctionOf returns the function with a name.
func FunctionOf(name string) (Function, error) {
	var names []string
	for _, f := range Functions() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Function{}, fmt.Errorf("function %q is unknown: use one of %v", name, names)
}

// branin has three equal minima (Branin 1972), at (-pi, 12.275), (pi, 2.275) and (9.42478, 2.475).
var branin = Function{
	Name: "branin", Space: Space{Float("x", -5, 10), Float("y", 0, 15)}, Minimum: 0.397887,
	Value: func(p Point) float64 {
		x, y := p[0], p[1]
		a := y - 5.1/(4*math.Pi*math.Pi)*x*x + 5/math.Pi*x - 6
		return a*a + 10*(1-1/(8*math.Pi))*math.Cos(x) + 10
	},
}

// hartmann6 has six minima in six dimensions (Hartman 1973); the lowest is at (0.20169, 0.150011, 0.476874, 0.275332,
// 0.311652, 0.6573).
var hartmann6 = Function{
	Name: "hartmann6", Minimum: -3.32237,
	Space: Space{Float("x1", 0, 1), Float("x2", 0, 1), Float("x3", 0, 1), Float("x4", 0, 1), Float("x5", 0, 1),
		Float("x6", 0, 1)},
	Value: func(p Point) float64 {
		sum := 0.0
		for i, alpha := range []float64{1, 1.2, 3, 3.2} {
			exponent := 0.0
			for j, x := range p {
				d := x - hartmannP[i][j]*1e-4
				exponent += hartmannA[i][j] * d * d
			}
			sum -= alpha * math.Exp(-exponent)
		}
		return sum
	},
}

var hartmannA = [4][6]float64{{10, 3, 17, 3.5, 1.7, 8}, {0.05, 10, 17, 0.1, 8, 14}, {3, 3.5, 1.7, 10, 17, 8},
	{17, 8, 0.05, 10, 0.1, 14}}

var hartmannP = [4][6]float64{{1312, 1696, 5569, 124, 8283, 5886}, {2329, 4135, 8307, 3736, 1004, 9991},
	{2348, 1451, 3522, 2883, 3047, 6650}, {4047, 8828, 8732, 5743, 1091, 381}}

// mixed is engram's own, made like the choice among three classifiers: a choice switches on logarithmic, whole and
// correlated parameters. Its minimum is at method = kernel, cost = 10^1.5, width = 10^-1.5, scale = 0.7.
var mixed = Function{
	Name: "mixed", Minimum: 0.1,
	Space: Space{
		Choice("method", "linear", "kernel", "tree"), Float("scale", 0, 1),
		Log("penalty", 1e-4, 10).If("method", "linear"),
		Log("cost", 1e-2, 1e3).If("method", "kernel"), Log("width", 1e-4, 10).If("method", "kernel"),
		Int("depth", 1, 20).If("method", "tree"), LogInt("leaves", 2, 256).If("method", "tree"),
	},
	Value: func(p Point) float64 {
		square := func(x float64) float64 { return x * x }
		loss := 0.1 * square(p[1]-0.7)
		switch p[0] {
		case 0:
			return loss + 0.3 + 0.02*square(math.Log10(p[2])+2)
		case 1:
			cost := math.Log10(p[3]) - 1.5
			return loss + 0.1 + 0.03*square(cost) + 0.06*square(math.Log10(p[4])+1.5+0.5*cost)
		}
		return loss + 0.18 + 0.002*square(p[5]-9) + 0.01*square(math.Log2(p[6])-5)
	},
}
