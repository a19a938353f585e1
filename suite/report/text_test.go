package report

import (
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
	} {
		if got := Table(rows).Header[4]; got != want {
			t.Errorf("the head is %q, want %q", got, want)
		}
	}
}
