package neural_test

import (
	"fmt"
	"log"

	"gonum.org/v1/gonum/mat"

	"engram/analysis/neural"
)

// Points on a line fill one dimension: the first principal component explains all of their variance.
func ExamplePCA() {
	points := mat.NewDense(4, 2, []float64{0, 0, 1, 2, 2, 4, 3, 6}) // [observations, variables]
	p, err := neural.PCA(points, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f of the variance, participation ratio %.1f\n", p.Explained()[0],
		neural.ParticipationRatio(p.Variances))
	// Output: 1.00 of the variance, participation ratio 1.0
}

// How well one number tells trials with a property from those without.
func ExampleROC() {
	area, err := neural.ROC([]float64{0.1, 0.4, 0.35, 0.8}, []bool{false, false, true, true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(area)
	// Output: 0.75
}
