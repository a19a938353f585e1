package watch

import (
	"fmt"
	"hash/fnv"
	"path/filepath"

	"engram/plots"
)

// board is what the page shows of several runs.
type board struct{ Views []View }

// foldedFrom is the number of runs whose charts, one below the other, are too long a page.
const foldedFrom = 5

// Indexed reports whether the page begins with a table of its runs.
func (b board) Indexed() bool { return len(b.Views) > 1 }

// Folded reports whether the charts of a run, except the first, show only when they are asked for.
func (b board) Folded() bool { return len(b.Views) >= foldedFrom }

// Together draws the runs' evaluations in one chart, so that they can be compared without the charts of each.
func (b board) Together() []picture {
	if !b.Indexed() {
		return nil
	}
	c := plots.Lines{Title: "Greedy evaluations of all runs", XLabel: "updates", YLabel: "share of the ceiling"}
	same := map[string]int{}
	for _, v := range b.Views {
		same[filepath.Base(v.Dir)]++
	}
	for _, v := range b.Views {
		s := plots.Series{}
		if v.share != nil {
			s = v.share.series("")
		}
		if s.Name = filepath.Base(v.Dir); same[s.Name] > 1 {
			s.Name = v.Dir
		}
		c.Series = append(c.Series, s)
	}
	if c.Empty() {
		return nil
	}
	return pictures([]plots.Chart{c})
}

// Anchor returns the name of the run's place on the page. It stays the same wherever the run moves to.
func (v View) Anchor() string {
	sum := fnv.New64a()
	sum.Write([]byte(v.Dir))
	return fmt.Sprintf("run-%016x", sum.Sum64())
}

// BestShare returns the share of the ceiling that the best evaluation has, in words.
func (v View) BestShare() string {
	if v.Best == nil {
		return "not yet"
	}
	return fmt.Sprintf("%.0f %%", 100*v.Best.ShareOfCeiling)
}
