package report_test

import (
	"fmt"

	"engram/drqn"
	"engram/lab/report"
)

// The recurrent state of an MPN with two hidden units and three inputs is M, row by row.
func ExampleMemory() {
	state := []float32{1, 2, 3, 4, 5, 6}
	for _, row := range report.Memory(drqn.Config{Cell: "mpn", Hidden: 2, Layers: 1}, state) {
		fmt.Println(row)
	}
	// Output:
	// [1 2 3]
	// [4 5 6]
}
