package watch

import (
	"fmt"
	"hash/fnv"
	"path/filepath"

	"engram/drqn"
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
	drawn := together(b.Views)
	if !b.Indexed() || drawn == nil {
		return nil
	}
	return pictures(charts(drawn))
}

// Notice returns sizeNotice of the runs.
func (b board) Notice() string { return sizeNotice(b.Views) }

// sizeNotice returns drqn.SizeNotice of the runs that are drawn together; empty if there is none.
func sizeNotice(views []View) string {
	var agents []drqn.Sized
	for i, name := range labels(views) {
		agents = append(agents, drqn.Sized{Name: name, Task: views[i].Task, Parameters: views[i].parameters})
	}
	return drqn.SizeNotice(agents)
}

// labels returns the names of runs in a chart: that of the directory, or its path where several have the same name.
func labels(views []View) (all []string) {
	same := map[string]int{}
	for _, v := range views {
		same[filepath.Base(v.Dir)]++
	}
	for _, v := range views {
		name := filepath.Base(v.Dir)
		if same[name] > 1 {
			name = v.Dir
		}
		all = append(all, name)
	}
	return all
}

// charts returns charts of lines as charts.
func charts(lines []plots.Lines) (all []plots.Chart) {
	for _, l := range lines {
		all = append(all, l)
	}
	return all
}

// together returns charts of the runs' evaluations: as shares of the ceiling, and as returns where there is none.
func together(views []View) []plots.Lines {
	shares := plots.Lines{Title: "Greedy evaluations of all runs", XLabel: "updates", YLabel: "share of the ceiling"}
	returns := plots.Lines{Title: "Greedy evaluations of the runs without a ceiling", XLabel: "updates",
		YLabel: "reward per episode"}
	for i, name := range labels(views) {
		v := views[i]
		s, c := plots.Series{}, &shares
		if v.Latest != nil && v.Latest.NoCeiling {
			s, c = v.greedy.series(""), &returns
		} else if v.share != nil {
			s = v.share.series("")
		}
		s.Name = name
		c.Series = append(c.Series, s)
	}
	var drawn []plots.Lines
	for _, c := range []plots.Lines{shares, returns} {
		if !c.Empty() {
			drawn = append(drawn, c)
		}
	}
	return drawn
}

// Anchor returns the id of the run's place on the page. It does not depend on the order of the runs.
func (v View) Anchor() string {
	sum := fnv.New64a()
	sum.Write([]byte(v.Dir))
	return fmt.Sprintf("run-%016x", sum.Sum64())
}

// BestShare returns the best evaluation's share of the ceiling as text, or its return where there is no ceiling.
func (v View) BestShare() string {
	if v.Best == nil {
		return "not yet"
	}
	if v.Best.NoCeiling {
		return v.Best.Brief()
	}
	return fmt.Sprintf("%.0f %%", 100*v.Best.ShareOfCeiling)
}
