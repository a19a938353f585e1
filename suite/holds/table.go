package holds

import (
	"fmt"

	"engram/analysis/report"
	"engram/plots"
)

// Table lays out a row for each task and agent: medians over the seeds, with the least and the greatest.
func Table(lines []Line) *plots.Table {
	t := &plots.Table{Header: []string{"task", "agent", "seeds", "right", "kept in mind", "PR of h", "PR of M",
		"from h", "from M", "from both", "from M, untrained", "chance", "latches", "untrained", "h from rest",
		"wiped after the cue", "before it"}}
	for _, group := range group(lines) {
		first := group[0]
		t.Rows = append(t.Rows, []string{first.Task, first.Agent, fmt.Sprint(len(group)),
			percent(group, func(l Line) *float64 { return &l.Accuracy }),
			fmt.Sprintf("%s in %s", first.Question.Condition, first.Question.Period),
			spread("%.1f", values(group, func(l Line) *float64 { return &l.H })),
			spread("%.1f", values(group, func(l Line) *float64 { return l.State })),
			percent(group, func(l Line) *float64 { return last(l.FromH) }),
			percent(group, func(l Line) *float64 { return last(l.FromState) }),
			percent(group, func(l Line) *float64 { return last(l.FromBoth) }),
			percent(group, func(l Line) *float64 { return last(l.Untrained) }),
			percent(group, func(l Line) *float64 { return &l.FromH.Chance }),
			spread("%.0f", values(group, latches(func(r report.Rest) float64 { return float64(r.Bistable) }))),
			spread("%.0f", values(group, latches(func(r report.Rest) float64 { return float64(r.Untrained) }))),
			spread("%.2f", values(group, latches(func(r report.Rest) float64 { return r.Distance }))),
			percent(group, func(l Line) *float64 {
				if l.Wiped == nil {
					return nil
				}
				return &l.Wiped.Accuracy
			}),
			percent(group, func(l Line) *float64 {
				if l.WipedCue == nil {
					return nil
				}
				return &l.WipedCue.Accuracy
			})})
	}
	return t
}

// EvidenceTable lays out a row for each task and agent whose trials have evidence.
func EvidenceTable(lines []Line) *plots.Table {
	t := &plots.Table{Header: []string{"task", "agent", "seeds", "right", "PR of h", "PR of M",
		"r² of h on evidence", "on the input", "r² of evidence from h", "novel input decoded",
		"alignment before the go input", "at it"}}
	with := lines[:0:0]
	for _, l := range lines {
		if l.Evidence != nil {
			with = append(with, l)
		}
	}
	for _, group := range group(with) {
		first := group[0]
		t.Rows = append(t.Rows, []string{first.Task, first.Agent, fmt.Sprint(len(group)),
			percent(group, func(l Line) *float64 { return &l.Accuracy }),
			spread("%.2f", values(group, func(l Line) *float64 { return &l.H })),
			spread("%.2f", values(group, func(l Line) *float64 { return l.State })),
			spread("%.2f", values(group, func(l Line) *float64 { return &l.Evidence.Sum })),
			spread("%.2f", values(group, func(l Line) *float64 { return &l.Evidence.Input })),
			spread("%.2f", values(group, func(l Line) *float64 { return &l.Evidence.Decoded })),
			spread("%.3f", values(group, func(l Line) *float64 { return last(l.Evidence.Novel) })),
			spread("%.2f", values(group, func(l Line) *float64 { return l.Evidence.AlignedBefore })),
			spread("%.2f", values(group, func(l Line) *float64 { return l.Evidence.AlignedAsked }))})
	}
	return t
}

func last(d *report.AtEnds) *float64 {
	if d == nil {
		return nil
	}
	return &d.Last
}

// latches returns a number of an MPN's fixed points, which other cells do not have.
func latches(of func(report.Rest) float64) func(Line) *float64 {
	return func(l Line) *float64 {
		if l.Rest == nil || !l.Rest.Exact {
			return nil
		}
		v := of(*l.Rest)
		return &v
	}
}

// percent formats shares in percent.
func percent(lines []Line, of func(Line) *float64) string {
	return spread("%.0f %%", values(lines, func(l Line) *float64 {
		v := of(l)
		if v == nil {
			return nil
		}
		p := 100 * *v
		return &p
	}))
}
