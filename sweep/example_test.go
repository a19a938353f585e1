package sweep_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"engram/sweep"
	"engram/sweep/search"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// A study is made, carried out and read. This one minimises a known function; with a goal of kind "train" it trains
// agents, and its options need a Backend.
func Example() {
	dir, err := os.MkdirTemp("", "sweep-example-")
	check(err)
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "study")
	study := sweep.Study{Goal: sweep.Goal{Kind: "function", Function: "branin"},
		Sampler: search.Method{Kind: "tpe"}, Trials: 40, Seed: 1}
	check(sweep.Create(dir, study))
	check(sweep.Work(context.Background(), dir, sweep.Options{}))

	r, err := sweep.Open(dir)
	check(err)
	status, err := r.Status()
	check(err)
	best, err := r.Best()
	check(err)
	fmt.Println(status.Done, status.States[sweep.Complete], "complete")
	fmt.Println("the best is below 1:", *best.Value < 1)
	// Output:
	// true 40 complete
	// the best is below 1: true
}

// A finished study continues where it asks for more trials: none is carried out again.
func ExampleCreate() {
	dir, err := os.MkdirTemp("", "sweep-example-")
	check(err)
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "study")
	study := sweep.Study{Goal: sweep.Goal{Kind: "function", Function: "mixed"},
		Sampler: search.Method{Kind: "halton"}, Trials: 8}
	for _, trials := range []int{8, 12} {
		study.Trials = trials
		check(sweep.Create(dir, study))
		check(sweep.Work(context.Background(), dir, sweep.Options{Workers: 2}))
		r, err := sweep.Open(dir)
		check(err)
		status, err := r.Status()
		check(err)
		fmt.Println(status.Attempts, "attempts at", status.Trials, "trials")
	}
	// Output:
	// 8 attempts at 8 trials
	// 12 attempts at 12 trials
}
