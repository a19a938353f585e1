package suite_test

import (
	"fmt"

	"engram/suite"
)

// A suite's archive is read as the suite itself: here the one that compares cells, which this repository keeps.
func ExampleTable() {
	p, results, err := suite.Results("../results/cells")
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := suite.Table(p, results)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := rows[0]
	fmt.Printf("%s, %s: %d seeds, IQM %.2f, %d seeds at 95 %%\n", r.Task, r.Agent, r.Seeds, *r.IQM, r.Reached)
	// Output:
	// GoNogo, mpn: 3 seeds, IQM 1.01, 3 seeds at 95 %
}
