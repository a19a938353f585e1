package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"engram/internal/plain"
	"engram/plots"
	"engram/suite"
)

// Table lays out rows for readers.
func Table(rows []suite.Row) *plots.Table {
	t := &plots.Table{Header: []string{"task", "agent", "parameters", "seeds", scored(rows) + " (IQM)",
		"95 % interval", "lowest", "seeds at 95 %",
		"updates to 95 %", "steps to 95 %", "minutes to 95 %", "minutes a run"}}
	for _, r := range rows {
		parameters, seeds := "–", fmt.Sprint(r.Seeds)
		if r.Seeds > 0 {
			parameters = fmt.Sprint(r.Parameters)
		}
		if r.Missing > 0 {
			seeds = fmt.Sprintf("%d of %d", r.Seeds, r.Seeds+r.Missing)
		}
		interval := "–"
		switch {
		case r.Seeds == 1:
			interval = "– (1 seed)"
		case r.Low != nil:
			interval = fmt.Sprintf("%.3f to %.3f", *r.Low, *r.High)
		}
		t.Rows = append(t.Rows, []string{r.Task, r.Agent, parameters, seeds,
			number("%.3f", r.IQM), interval, number("%.3f", r.Lowest), reached(r), timed(r, "%.0f", r.UpdatesTo),
			timed(r, "%.0f", r.StepsTo), timed(r, "%.1f", r.MinutesTo), number("%.1f", r.Minutes)})
	}
	return t
}

// Against lays out the rewards of rows beside what the policies of references earn (suite.References.Against): a line
// for each task and agent, whose share is 1 for the first policy and 0 for the last.
func Against(refs suite.References, rows []suite.Row) *plots.Table {
	t := &plots.Table{Header: []string{"task", "agent", "seeds", "reward", "lowest to highest"}}
	t.Header = append(t.Header, refs.Policies...)
	ends := len(refs.Policies) > 1
	if ends {
		t.Header = append(t.Header,
			fmt.Sprintf("share (%s 1, %s 0)", refs.Policies[0], refs.Policies[len(refs.Policies)-1]))
	}
	for _, r := range rows {
		line := []string{r.Task, r.Agent, fmt.Sprint(r.Seeds), number("%.3f", r.Reward), "–"}
		if r.Seeds > 1 {
			line[4] = fmt.Sprintf("%.3f to %.3f", *r.RewardLow, *r.RewardHigh)
		}
		for _, policy := range refs.Policies {
			earned, is := r.References[policy]
			line = append(line, known(earned, is))
		}
		if ends {
			line = append(line, known(refs.Share(r)))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// scored returns what the rows' numbers are: shares of a ceiling, or where there is none rewards per trial or returns.
func scored(rows []suite.Row) string {
	var kinds []string
	for _, r := range rows {
		kind := "share of ceiling"
		if r.NoCeiling {
			kind = earned(r.Unit)
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	slices.Reverse(kinds) // shares first
	return strings.Join(kinds, ", or ")
}

// ByAgent lays out a line for each agent of the plan: what it changes, on each task the interquartile mean of the share
// of the ceiling, the seeds at 95 %, the median lambda (of a gated cell the median lambda_t with its quartiles) and the
// regret of a session at the end, and why.
func ByAgent(p suite.Plan, rows []suite.Row) *plots.Table {
	t := &plots.Table{Header: append([]string{"agent", "what is changed"}, p.Tasks...)}
	t.Header = append(t.Header, "why")
	for i, a := range p.Agents {
		line := []string{a.Name, a.Change}
		for j := range p.Tasks {
			r := rows[j*len(p.Agents)+i] // the order of suite.Table
			line = append(line, fmt.Sprintf("%s (%s)%s%s", number("%.2f", r.IQM), reached(r), lambda(r),
				regret(r)))
		}
		t.Rows = append(t.Rows, append(line, a.Why))
	}
	return t
}

// regret formats the regret of a session, where trials belong together: the mean over the seeds, and their range.
func regret(r suite.Row) string {
	if r.Regret == nil {
		return ""
	}
	return fmt.Sprintf(", regret %.2f (%.2f to %.2f)", *r.Regret, *r.RegretLow, *r.RegretHigh)
}

// reached formats how many seeds ended at 95 %. Seeds are not counted against an upper bound of the ceiling.
func reached(r suite.Row) string {
	if r.CeilingBound {
		return "upper bound"
	}
	if r.NoCeiling {
		return "no ceiling: " + earned(r.Unit)
	}
	return fmt.Sprintf("%d of %d", r.Reached, r.Seeds)
}

// lambda formats the decay of M at the end; of a gated cell with its quartiles, and nothing where it is unknown.
func lambda(r suite.Row) string {
	if r.LambdaFirst == nil || r.Lambda == nil || r.LambdaThird == nil {
		return optional(", λ %.2f", r.Lambda)
	}
	return fmt.Sprintf(", λ_t %.2f (%.2f to %.2f)", *r.Lambda, *r.LambdaFirst, *r.LambdaThird)
}

// timed formats a median over the seeds that reached 95 %, and their number.
func timed(r suite.Row, format string, x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf(format+" (of %d)", *x, r.Timed)
}

// number formats a number that may be missing.
func number(format string, x *float64) string {
	return cmp.Or(optional(format, x), "–")
}

// known formats a number, where it is one.
func known(x float64, is bool) string {
	if !is {
		return "–"
	}
	return fmt.Sprintf("%.3f", x)
}

// optional formats a number, or returns nothing where it is missing.
func optional(format string, x *float64) string {
	if x == nil {
		return ""
	}
	return fmt.Sprintf(format, *x)
}

// Markdown formats a table in GitHub's Markdown and escapes its cells.
func Markdown(t *plots.Table) string {
	var out strings.Builder
	line := func(cells []string) { fmt.Fprintln(&out, plain.MarkdownLine(cells)) }
	line(t.Header)
	fmt.Fprintf(&out, "|%s\n", strings.Repeat("---|", len(t.Header)))
	for _, row := range t.Rows {
		line(row)
	}
	return out.String()
}
