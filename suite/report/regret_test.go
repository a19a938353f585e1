package report

import (
	"math"
	"strings"
	"testing"

	"engram/suite"
)

// Where trials belong together, an agent's entry ends with its regret over the seeds.
func TestRegretByAgent(t *testing.T) {
	t.Parallel()
	p := suite.Plan{Tasks: []string{"t"}, Agents: []suite.Agent{{Name: "a"}}, Seeds: 3}
	results := []suite.Result{result(0, 0.96, 200), result(1, 0.5, math.NaN()), result(2, 0.9, 400)}
	for i, regret := range []float64{2.5, 4, 3.1} {
		results[i].Regret, results[i].Sessions, results[i].Lambda = regret, 200, math.NaN()
	}
	entry := ByAgent(p, table(t, p, results)).Rows[0][2]
	if !strings.HasSuffix(entry, "(1 of 3), regret 3.20 (2.50 to 4.00)") {
		t.Errorf("the entry is %q", entry)
	}
}
