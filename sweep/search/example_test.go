package search_test

import (
	"fmt"
	"math"

	"engram/sweep/search"
)

// A sampler proposes the point of each trial, given the results of the others: here, TPE finds the place of a minimum.
func Example() {
	space := search.Space{search.Log("rate", 1e-4, 1)}
	sampler, err := search.Method{Kind: "tpe"}.New(space, 1)
	if err != nil {
		panic(err)
	}
	var seen []search.Observation
	best := math.Inf(1)
	for trial := range 40 {
		point, err := sampler.Suggest(trial, seen)
		if err != nil {
			panic(err)
		}
		loss := math.Abs(math.Log10(point[0]) + 2) // lowest at a rate of 0.01
		best = min(best, loss)
		seen = append(seen, search.Observation{Trial: trial, Point: point, State: search.Complete, Loss: loss})
	}
	fmt.Println("within a tenth of a decade:", best < 0.1)
	// Output: within a tenth of a decade: true
}

// A grid has every combination of values once; a parameter that another one's choice switches off is left out.
func ExampleGrid() {
	space := search.Space{search.Choice("cell", "mpn", "gru"),
		{Name: "eta", Kind: search.KindFloat, Low: -1, High: 1, Points: 3,
			When: &search.Condition{Param: "cell", In: search.Choices{"mpn"}}}}
	sampler, err := search.Method{Kind: "grid"}.New(space, 0)
	if err != nil {
		panic(err)
	}
	for trial := 0; ; trial++ {
		point, err := sampler.Suggest(trial, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(space.Text(point))
	}
	// Output:
	// cell=mpn eta=-1
	// cell=mpn eta=0
	// cell=mpn eta=1
	// cell=gru
	// all points of the space were tried
}

// Successive halving stops a trial that is not among the best third at a rung.
func ExampleRule_Judge() {
	rule := search.Rule{Kind: "asha", First: 100}
	others := []search.Curve{{{Step: 100, Loss: 0.3}}, {{Step: 100, Loss: 0.5}}}
	fmt.Printf("%q\n", rule.Judge(search.Curve{{Step: 100, Loss: 0.2}}, others))
	fmt.Printf("%q\n", rule.Judge(search.Curve{{Step: 100, Loss: 0.4}}, others))
	// Output:
	// ""
	// "its score has rank 2 of 3 at step 100, and ranks up to 1 continue"
}
