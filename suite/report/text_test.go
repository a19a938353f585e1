package report

import (
	"slices"
	"testing"

	"engram/suite"
)

// TestScored checks that a table's head claims a share of the ceiling only where there is one.
func TestScored(t *testing.T) {
	shares, returns := suite.Row{}, suite.Row{NoCeiling: true}
	for want, rows := range map[string][]suite.Row{
		"share of ceiling (IQM)":            {shares, shares},
		"return (IQM)":                      {returns},
		"share of ceiling, or return (IQM)": {shares, returns},
		"reward per trial (IQM)":            {{NoCeiling: true, Unit: "trial"}},
	} {
		if got := Table(rows).Header[4]; got != want {
			t.Errorf("the head is %q, want %q", got, want)
		}
	}
}

// A row says how many runs it lacks, and claims no parameters where it has none.
func TestMissingRuns(t *testing.T) {
	table := Table([]suite.Row{{Missing: 1}, {Seeds: 2, Missing: 1, Parameters: 5}, {Seeds: 3, Parameters: 5}})
	for i, want := range [][]string{{"–", "0 of 1"}, {"5", "2 of 3"}, {"5", "3"}} {
		if got := table.Rows[i][2:4]; !slices.Equal(got, want) {
			t.Errorf("line %d has %q, want %q", i, got, want)
		}
	}
}

// TestAgainst checks a line with a range, and one of a single seed without numbers of other policies.
func TestAgainst(t *testing.T) {
	refs := suite.References{Policies: []string{"truth", "random"},
		Earns: map[string]map[string]float64{"A": {"truth": 1, "random": 0.5}}}
	low, reward, high := 0.5, 0.75, 0.8
	rows, err := refs.Against([]suite.Row{
		{Task: "A", Agent: "mpn", Seeds: 3, Reward: &reward, RewardLow: &low, RewardHigh: &high},
		{Task: "B", Agent: "mpn", Seeds: 1, Reward: &reward, RewardLow: &reward, RewardHigh: &reward},
		{Task: "B", Agent: "gru"}})
	if err != nil {
		t.Fatal(err)
	}
	table := Against(refs, rows)
	if want := "share (truth 1, random 0)"; table.Header[len(table.Header)-1] != want {
		t.Errorf("the head is %q, want %q at its end", table.Header, want)
	}
	for i, want := range [][]string{
		{"A", "mpn", "3", "0.750", "0.500 to 0.800", "1.000", "0.500", "0.500"},
		{"B", "mpn", "1", "0.750", "–", "–", "–", "–"},
		{"B", "gru", "0", "–", "–", "–", "–", "–"},
	} {
		if !slices.Equal(table.Rows[i], want) {
			t.Errorf("line %d is %q, want %q", i, table.Rows[i], want)
		}
	}
}
