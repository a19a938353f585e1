package report

import (
	"context"
	"fmt"

	"engram/lab"
	"engram/plots"
)

// regretSessions is the number of sessions over which the report measures the regret.
const regretSessions = 200

// regretSection draws what the agent of the newest checkpoint and the policies that learn within a session lose over
// its trials. It reports false where the trials of a session do not belong together, or a time limit cuts each session.
func regretSection(ctx context.Context, r *lab.Run) (plots.Section, bool, error) {
	policy, _, err := r.Policy()
	if err != nil {
		return plots.Section{}, false, err
	}
	n := policy.Spec().SessionTrials
	if limit := r.Config.TimeLimit; n == 0 || limit > 0 && limit < n*policy.Spec().MaxTrialSteps {
		return plots.Section{}, false, nil
	}
	regrets, err := lab.Regrets(ctx, policy, regretSessions, lab.FinalSeed(r.Config.Seed))
	if err != nil {
		return plots.Section{}, false, err
	}
	table := &plots.Table{Header: []string{"policy", "regret of a session", "standard deviation"}}
	for _, p := range regrets {
		table.Rows = append(table.Rows, []string{p.Policy, fmt.Sprintf("%.2f", p.Mean), fmt.Sprintf("%.2f", p.SD)})
	}
	return plots.Section{Heading: "Learning within a session", Text: fmt.Sprintf("Regret: what the best choice would "+
		"have paid more, on average. All policies play the same %d sessions of %d trials.", regretSessions, n),
		Table: table, Charts: []plots.Chart{RegretChart(regrets)}}, true, nil
}

// RegretChart draws regrets over the trials of a session.
func RegretChart(regrets []lab.PolicyRegret) plots.Chart {
	chart := plots.Lines{Title: "Regret over the trials of a session", XLabel: "trial",
		YLabel: "sum of the regret so far"}
	for _, p := range regrets {
		s := plots.Series{Name: p.Policy, Y: p.Curve}
		for i := range p.Curve {
			s.X = append(s.X, float64(i+1))
		}
		chart.Series = append(chart.Series, s)
	}
	return chart
}
