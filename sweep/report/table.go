package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"engram/plots"
	"engram/sweep"
	"engram/sweep/search"
)

// Table returns a table of up to rows trials: those that run, and the best of the others.
func Table(r *sweep.Reader, trials []sweep.Trial, rows int) *plots.Table {
	measures := r.Measures()
	t := &plots.Table{Header: []string{"trial", "state", measures.Value}}
	for _, p := range r.Study.Space {
		t.Header = append(t.Header, p.Name)
	}
	t.Header = append(t.Header, "step", "seconds", "attempts")
	sorted := slices.Clone(trials)
	slices.SortStableFunc(sorted, func(a, b sweep.Trial) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(loss(measures, a), loss(measures, b)))
	})
	for _, trial := range sorted[:min(rows, len(sorted))] {
		t.Rows = append(t.Rows, row(r.Study.Space, trial))
	}
	return t
}

// rank puts running trials first, then complete ones, then the others.
func rank(t sweep.Trial) int {
	switch t.State {
	case sweep.Running:
		return 0
	case sweep.Complete:
		return 1
	}
	return 2
}

// loss returns the number by which trials are ordered, the lowest first: the loss of the value, or of the last score
// where there is no value; a trial without either comes last.
func loss(m sweep.Measures, t sweep.Trial) float64 {
	switch {
	case t.Value != nil:
		return sign(m.MaximiseValue) * *t.Value
	case t.Score != nil:
		return sign(m.MaximiseScore) * *t.Score
	}
	return math.Inf(1)
}

// sign returns the factor between a value or a score and its loss.
func sign(maximise bool) float64 {
	if maximise {
		return -1
	}
	return 1
}

func row(space search.Space, t sweep.Trial) []string {
	state, value := t.State.Text(), "–"
	if t.Value != nil {
		value = fmt.Sprintf("%.4g", *t.Value)
	} else if t.Score != nil {
		value = fmt.Sprintf("(%.4g)", *t.Score) // not the end's
	}
	cells := []string{fmt.Sprint(t.Trial), state, value}
	for i, p := range space {
		text := "–"
		if v := t.Point[i]; p.Kind == search.KindChoice && !math.IsNaN(v) {
			text = p.Text(v)
		} else if !math.IsNaN(v) {
			text = fmt.Sprintf("%.4g", v)
		}
		cells = append(cells, text)
	}
	return append(cells, fmt.Sprint(t.Step), fmt.Sprintf("%.1f", t.Seconds), fmt.Sprint(t.Attempts))
}
