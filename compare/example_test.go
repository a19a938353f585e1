package compare_test

import (
	"fmt"
	"log"

	"engram/compare"
)

// The learning curves of a suite's archive, which this repository keeps: one for each task and agent.
func ExampleRead() {
	curves, err := compare.Read("../results/cells")
	if err != nil {
		log.Fatal(err)
	}
	c := curves[0]
	fmt.Printf("%s: %d seeds, %d parameters, at the end %.2f\n", c.Task, c.Seeds, c.Parameters, c.End.Point)
	// Output: GoNogo: 3 seeds, 9284 parameters, at the end 1.01
}
