package plots_test

import (
	"bytes"
	"fmt"
	"strings"

	"engram/plots"
)

func ExamplePage() {
	learning := plots.Lines{
		Title: "Reward rises to the oracle", XLabel: "updates", YLabel: "reward per trial",
		Series:     []plots.Series{{Name: "greedy", X: []float64{0, 500, 1000}, Y: []float64{0.1, 0.4, 0.5}}},
		References: []plots.Reference{{Name: "oracle", Y: 0.5}},
	}
	page := plots.Page{Title: "GoNogo",
		Sections: []plots.Section{{Heading: "Learning", Charts: []plots.Chart{learning}}}}
	var html bytes.Buffer
	if _, err := page.WriteTo(&html); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Contains(html.String(), "<h3>Reward rises to the oracle</h3>"))
	// Output: true
}

func ExampleLines_errors() {
	_, err := plots.Lines{Title: "loss", Series: []plots.Series{{Name: "a", X: []float64{1, 2}, Y: []float64{1}}}}.SVG()
	fmt.Println(err)
	// Output: chart "loss": series "a" has 2 x and 1 y
}

func ExampleTrial() {
	trial := plots.Trial{Title: "One GoNogo trial", XLabel: "step (100 ms)",
		Channels: []string{"fixation", "go"}, Observed: [][]float64{{1, 1, 0}, {0, 1, 0}},
		Periods:     []plots.Period{{Name: "stimulus", Start: 1, End: 2}},
		ActionNames: []string{"fixate", "go"}, Actions: []int{0, 0, 1}, Rewards: []float64{0, 0, 1}}
	options, err := trial.Options()
	fmt.Println(len(options["grid"].([]any)), "panels:", trial.Channels, "and the actions", err)
	// Output: 3 panels: [fixation go] and the actions <nil>
}
