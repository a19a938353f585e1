package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/plots"
	"engram/suite"
)

func TestShares(t *testing.T) {
	t.Parallel()
	number := func(x float64) *float64 { return &x }
	chart := Shares([]suite.Row{
		{Task: "A", Agent: "mpn", IQM: number(1), Low: number(0.9), High: number(1.1)}, {Task: "A", Agent: "gru"},
		{Task: "B", Agent: "mpn", IQM: number(0.5), Low: number(0.4), High: number(0.6)}, {Task: "B", Agent: "gru",
			IQM: number(0.7), Low: number(0.6), High: number(0.8)}})
	if len(chart.Groups) != 2 || len(chart.Sets) != 2 || chart.Sets[1].Name != "gru" {
		t.Fatalf("%+v", chart)
	}
	mpn, gru := chart.Sets[0], chart.Sets[1]
	if mpn.Values[1] != 0.5 || mpn.Low[0] != 0.9 || mpn.High[1] != 0.6 || gru.Values[1] != 0.7 {
		t.Errorf("bars stand in other places: %+v", chart.Sets)
	}
	if !math.IsNaN(gru.Values[0]) {
		t.Errorf("an agent without a run on a task has %v there", gru.Values[0])
	}
	if _, err := chart.SVG(); err != nil {
		t.Error(err)
	}
}

// An agent has one colour in every chart, whichever agents and tasks are drawn beside it.
func TestColoursAreTheAgents(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"t"}, Agents: []suite.Agent{{Name: "b"}, {Name: "a"}}, Seeds: 1}
	results := []suite.Result{result(0, 0.9, math.NaN())} // of a alone
	rows := table(t, p, results)
	curves, err := LearningCurves(p, results, "t")
	if err != nil {
		t.Fatal(err)
	}
	across, err := acrossTasks(p, results)
	if err != nil {
		t.Fatal(err)
	}
	for name, chart := range map[string]plots.Chart{"bars": Shares(rows), "bars of some rows": Shares(rows[1:]),
		"curves": curves, "profile": across[0].Charts[0]} {
		t.Run(name, func(t *testing.T) {
			o, err := chart.Options()
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range o["series"].([]any) {
				s := s.(map[string]any)
				style, has := s["itemStyle"].(map[string]any)
				if s["name"] == "a" && has && style["color"] != secondColor {
					t.Errorf("%s: a has the colour %v, want %s", name, style["color"], secondColor)
				}
			}
			picture, err := chart.SVG()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.ToLower(string(picture)), secondColor) {
				t.Errorf("%s: nothing in the picture has the colour %s", name, secondColor)
			}
		})
	}
}

// secondColor is the colour of a plan's second agent: plots' vermilion.
const secondColor = "#d55e00"

// Returns are called so, each task has bars of its own, and nothing sums them up over tasks.
func TestReturns(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"t", "u", "share"}, Agents: []suite.Agent{{Name: "a"}, {Name: "b"}}, Seeds: 1}
	results := []suite.Result{result(0, 1, math.NaN()), result(0, 1000, math.NaN()), result(0, 0.5, math.NaN())}
	for i, unit := range []string{"episode", "trial"} {
		results[i].Task, results[i].NoCeiling, results[i].Unit = p.Tasks[i], true, unit
	}
	results[2].Task = "share"
	other := results[0]
	other.Agent = "b" // in the chart of agent a
	results = append(results, other)
	var titles []string
	for _, chart := range bars(table(t, p, results)) {
		titles = append(titles, chart.(plots.Bars).Title)
	}
	if want := []string{"Share of the ceiling at the end", "t: return at the end",
		"u: reward per trial at the end"}; !slices.Equal(titles, want) {
		t.Errorf("the bars are %q, want %q", titles, want)
	}
	curves, err := LearningCurves(p, results, "t")
	if err != nil || curves.YLabel != "return" || len(curves.References) > 0 {
		t.Errorf("curves %+v, %v", curves, err)
	}
	sections, err := acrossTasks(p, results)
	if err != nil || sections[0].Heading != "Over the tasks with a ceiling" ||
		sections[0].Table.Rows[0][1] != "0.500 (1 seed)" {
		t.Errorf("over the tasks: %+v, %v", sections, err)
	}
	p.Tasks, results = []string{"t", "u", "later"}, results[:2:2] // a task without a run says of no ceiling
	if charts := bars(table(t, p, results)); len(charts) != 2 {
		t.Errorf("%d bars, of two tasks with runs", len(charts))
	}
	if sections, err := acrossTasks(p, results); err != nil || len(sections) > 0 {
		t.Errorf("over tasks without a ceiling: %+v, %v", sections, err)
	}
	if text := reaching(table(t, p, results)); text != "" {
		t.Errorf("returns reach a share: %s", text)
	}
}

// result returns a run of agent a on task t.
func result(seed uint64, share float64, updatesTo float64) suite.Result {
	return suite.Result{Assignment: suite.Assignment{Task: "t", Agent: "a", Seed: seed}, Share: share,
		UpdatesTo: updatesTo, StepsTo: math.NaN(), MinutesTo: math.NaN(), Lambda: math.NaN(),
		Updates: []float64{100, 200}, Shares: []float64{share / 2, share}}
}

// table sums up results, which must succeed.
func table(t *testing.T, p suite.Plan, results []suite.Result) []suite.Row {
	t.Helper()
	rows, err := suite.Table(p, results)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestOneSeedHasNoInterval checks that neither the table, nor the charts, nor the sums over tasks show an interval.
func TestOneSeedHasNoInterval(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"t"}, Agents: []suite.Agent{{Name: "a"}}, Seeds: 1}
	one := []suite.Result{result(0, 0.9, math.NaN())}
	rows := table(t, p, one)
	if text := Markdown(Table(rows)); !strings.Contains(text, "– (1 seed)") || strings.Contains(text, "0.900 to") {
		t.Errorf("the table:\n%s", text)
	}
	if set := Shares(rows).Sets[0]; !math.IsNaN(set.Low[0]) || !math.IsNaN(set.High[0]) || set.Values[0] != 0.9 {
		t.Errorf("bars %+v", set)
	}
	curves, err := LearningCurves(p, one, "t")
	if err != nil || curves.Series[0].Low != nil || curves.Series[0].High != nil ||
		!slices.Equal(curves.Series[0].Y, []float64{0.45, 0.9}) {
		t.Errorf("curves %+v, %v", curves.Series, err)
	}
	sections, err := acrossTasks(p, one)
	if err != nil || !slices.Equal(sections[0].Table.Rows[0], []string{"a", "0.900 (1 seed)", "0.500 (1 seed)"}) {
		t.Errorf("over all tasks: %+v, %v", sections, err)
	}
	if s := sections[0].Charts[0].(plots.Lines).Series[0]; s.Low != nil || s.Y[0] != 1 || s.Y[95] != 0 {
		t.Errorf("profile %+v", s)
	}
	for _, chart := range []plots.Chart{Shares(rows), curves} {
		if _, err := chart.SVG(); err != nil {
			t.Error(err)
		}
	}
}

// TestMediansSayOverHowManySeeds checks that no seed counts against an upper bound of the ceiling.
func TestMediansSayOverHowManySeeds(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"t"}, Agents: []suite.Agent{{Name: "a"}}, Seeds: 3}
	results := []suite.Result{result(0, 0.96, 200), result(1, 0.5, math.NaN()), result(2, 0.9, 400)}
	if text := Markdown(Table(table(t, p, results))); !strings.Contains(text, "| 1 of 3 | 300 (of 2) |") {
		t.Errorf("the table:\n%s", text)
	}
	for i := range results {
		results[i].CeilingBound = true
	}
	if text := Markdown(Table(table(t, p, results))); !strings.Contains(text, "| upper bound |") {
		t.Errorf("the table:\n%s", text)
	}
}

// TestTheTableIsPlain checks that a plan's words about its agents command no terminal and no page.
func TestTheTableIsPlain(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"t"}, Seeds: 1,
		Agents: []suite.Agent{{Name: "a", Change: "<script>|x", Why: "\x1b]0;PWN\a"}}}
	text := Markdown(ByAgent(p, table(t, p, nil)))
	if strings.ContainsAny(text, "\x1b\a") || strings.Contains(text, "<script>") || !strings.Contains(text, `\|x`) {
		t.Errorf("the table: %q", text)
	}
}

// A gated cell's lambda is lambda_t with its quartiles, medians over the seeds; a seed whose gates
// are unknown does not count, and an agent with none that are known has no lambda.
func TestLambdaOfGates(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"GoNogo"}, Agents: suite.Cells("row", "unknown"), Seeds: 4}
	gated := func(agent string, seed uint64, q *drqn.Quartiles) suite.Result {
		r := suite.Result{Assignment: suite.Assignment{Task: "GoNogo", Agent: agent, Seed: seed}, Share: 1,
			Lambda: math.NaN(), Gates: q}
		if q != nil {
			r.Lambda = q.Median
		}
		return r
	}
	rows := table(t, p, []suite.Result{gated("row", 0, &drqn.Quartiles{First: 0.25, Median: 0.75, Third: 0.98}),
		gated("row", 1, &drqn.Quartiles{First: 0.5, Median: 0.5, Third: 0.5}), gated("row", 2, nil),
		gated("row", 3, &drqn.Quartiles{First: 0, Median: 0.875, Third: 0.99}), gated("unknown", 0, nil)})
	got := ByAgent(p, rows)
	if got.Rows[0][2] != "1.00 (4 of 4), λ_t 0.75 (0.25 to 0.98)" || got.Rows[1][2] != "1.00 (1 of 1)" {
		t.Errorf("%q", got.Rows)
	}
}

// TestByAgent checks that there is a line for each agent and a column for each task, in the order of the plan.
func TestByAgent(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"GoNogo", "TemporalOrder"}, Agents: suite.Cells("mpn", "frozen"), Seeds: 2}
	p.Agents[1].Change, p.Agents[1].Why = "M = 0", "nothing is kept"
	var results []suite.Result
	for i, task := range p.Tasks {
		for j, agent := range p.Agents {
			results = append(results, suite.Result{Assignment: suite.Assignment{Task: task, Agent: agent.Name},
				Share: []float64{0.25, 0.96}[(i+j)%2], Lambda: []float64{0.5, math.NaN()}[j]})
		}
	}
	got := ByAgent(p, table(t, p, results))
	want := [][]string{{"agent", "what is changed", "GoNogo", "TemporalOrder", "why"},
		{"mpn", "", "0.25 (0 of 1), λ 0.50", "0.96 (1 of 1), λ 0.50", ""}, {"frozen", "M = 0", "0.96 (1 of 1)",
			"0.25 (0 of 1)", "nothing is kept"}}
	for i, line := range append([][]string{got.Header}, got.Rows...) {
		if !slices.Equal(line, want[i]) {
			t.Errorf("line %d: %q, want %q", i, line, want[i])
		}
	}
}
