package watch

import (
	"fmt"
	"hash/fnv"
	"path/filepath"

	"engram/plots"
)

// board holds what the page shows of several runs.
type board struct{ Views []View }

// foldedFrom is the number of runs from which a page with all charts would be too long.
const foldedFrom = 5

// Indexed reports whether the page begins with a table of its runs.
func (b board) Indexed() bool { return len(b.Views) > 1 }

// Folded reports whether only the first run's charts are shown at once, and those of others when they are opened.
func (b board) Folded() bool { return len(b.Views) >= foldedFrom }

// Together draws the runs' evaluations in one chart, so that they can be compared without the charts of each.
func (b board) Together() []picture {
	c := together(b.Views)
	if !b.Indexed() || c.Empty() {
		return nil
	}
	return pictures([]plots.Chart{c})
}

// together returns a chart of the runs' evaluations, which is empty if there are none.
func together(views []View) plots.Lines {
	c := plots.Lines{Title: "Greedy evaluations of all runs", XLabel: "updates", YLabel: "share of the ceiling"}
	same := map[string]int{}
	for _, v := range views {
		same[filepath.Base(v.Dir)]++
	}
	for _, v := range views {
		s := plots.Series{}
		if v.share != nil {
			s = v.share.series("")
		}
		if s.Name = filepath.Base(v.Dir); same[s.Name] > 1 {
			s.Name = v.Dir
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// Anchor returns the id of the run's place on the page. It does not depend on the order of the runs.
func (v View) Anchor() string {
	sum := fnv.New64a()
	sum.Write([]byte(v.Dir))
	return fmt.Sprintf("run-%016x", sum.Sum64())
}

// BestShare returns the best evaluation's share of the ceiling as text.
func (v View) BestShare() string {
	if v.Best == nil {
		return "not yet"
	}
	return fmt.Sprintf("%.0f %%", 100*v.Best.ShareOfCeiling)
}
