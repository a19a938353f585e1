package analysis_test

import (
	"fmt"
	"math/rand/v2"

	"engram/analysis"
)

// Four runs of two tasks; one run of the second task failed.
var scores = [][]float64{ // [runs][tasks]
	{0.90, 0.80},
	{0.94, 0.76},
	{0.86, 0.08},
	{0.90, 0.84},
}

func ExampleIQM() {
	iqm, err := analysis.IQM(scores)
	if err != nil {
		fmt.Println(err)
		return
	}
	mean, _ := analysis.Mean(scores)
	fmt.Printf("IQM %.3f, mean %.3f\n", iqm, mean) // the failed run is not in the middle half
	// Output: IQM 0.850, mean 0.760
}

func ExampleIQM_errors() {
	_, err := analysis.IQM([][]float64{{0.9, 0.8}, {0.9}})
	fmt.Println(err)
	// Output: analysis: ragged: run 1 has 1 tasks, run 0 has 2
}

func ExampleStratifiedBootstrap() {
	rng := rand.New(rand.NewPCG(1, 2))
	iqm, err := analysis.StratifiedBootstrap(scores, analysis.IQM, 10000, rng)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("IQM %.2f, 95%% interval %.2f to %.2f\n", iqm.Point, iqm.Low, iqm.High)
	// Output: IQM 0.85, 95% interval 0.66 to 0.87
}

// A statistic with a parameter of its own is a closure.
func ExampleStratifiedBootstrap_optimalityGap() {
	gap := func(scores [][]float64) (float64, error) { return analysis.OptimalityGap(scores, 1) }
	interval, err := analysis.StratifiedBootstrap(scores, gap, 10000, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("gap %.2f, 95%% interval %.2f to %.2f\n", interval.Point, interval.Low, interval.High)
	// Output: gap 0.24, 95% interval 0.14 to 0.42
}

func ExampleBootstrap() {
	runs := []float64{0.61, 0.64, 0.70, 0.66, 0.58, 0.67}
	mean, err := analysis.Bootstrap(runs, analysis.Mean, 10000, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("mean %.3f, 95%% interval %.3f to %.3f\n", mean.Point, mean.Low, mean.High)
	// Output: mean 0.643, 95% interval 0.612 to 0.673
}

func ExampleProbabilityOfImprovement() {
	baseline := [][]float64{{0.85, 0.70}, {0.90, 0.72}}
	p, err := analysis.ProbabilityOfImprovement(scores, baseline)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Task 0: of 8 pairs 5 are won and 2 tie at 0.90; task 1: 6 of 8 are won.
	fmt.Printf("%.3f\n", p)
	// Output: 0.750
}

func ExamplePerformanceProfile() {
	profile, err := analysis.PerformanceProfile(scores, []float64{0, 0.5, 0.8, 0.9})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(profile)
	// Output: [1 0.875 0.625 0.125]
}

func ExampleMemoryScore() {
	rows := []analysis.MemoryRow{ // memory length, episodes, answered correctly
		{1, 10000, 9900},
		{10, 10000, 8100},
		{30, 10000, 6100},
		{100, 10000, 5020},
	}
	score, err := analysis.MemoryScore(rows)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(score) // of the four, two lengths exceed 62.5 %
	// Output: 0.5
}
