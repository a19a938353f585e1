// Package compare lays the learning curves of any finished or running runs over each other: of single runs, of runs
// that differ only in their seed, of suites and their archives, and of the best trials of studies.
package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"engram/analysis"
	"engram/drqn"
	"engram/internal/plain"
	"engram/lab"
	"engram/suite"
	"engram/sweep"
)

// Curve is the progress of one run, or of several that differ only in their seed.
type Curve struct {
	Name       string
	Task       string
	Seeds      int
	Running    int // of the runs that have not finished
	Parameters int // trainable
	Updates    []float64
	Shares     []analysis.Interval // IQM over the seeds of the share of the ceiling; NaN limits of one seed
	NoCeiling  bool                // no ceiling is known: what should be shares are rewards of a trial, or returns
	// End is that of the evaluation at the end over the finished runs, or nil where none has finished.
	End *analysis.Interval
}

// Read returns the curves of the directories, in their order: of a run; of a suite, one for each task and agent; of a
// study, that of its best trial; and of any other directory one for each set of runs below it that differ only in their
// seed. Evaluations on the way are read from files that may grow meanwhile.
func Read(dirs ...string) ([]Curve, error) {
	var all []Curve
	for _, dir := range dirs {
		curves, err := read(dir)
		if err != nil {
			return nil, err
		}
		if len(curves) == 0 {
			return nil, fmt.Errorf("%s holds no run that was evaluated: let it train longer than eval_every updates",
				dir)
		}
		all = append(all, curves...)
	}
	return all, nil
}

func read(dir string) ([]Curve, error) {
	switch {
	case suite.IsSuite(dir):
		return ofSuite(dir)
	case sweep.IsStudy(dir):
		return ofStudy(dir)
	}
	groups, err := groupsOf(dir)
	if err != nil {
		return nil, err
	}
	return curvesOf(dir, groups)
}

// ofSuite returns the curves of a suite's runs, or of its archive, by the seeds that have finished.
func ofSuite(dir string) ([]Curve, error) {
	p, results, err := suite.Results(dir)
	if err != nil {
		return nil, err
	}
	var all []Curve
	for _, task := range p.Tasks {
		curves, err := suite.Curves(p, results, task)
		if err != nil {
			return nil, err
		}
		for _, c := range curves {
			curve := Curve{Name: named(dir, task, c.Agent), Task: task, Updates: c.Updates, Shares: c.Shares}
			var ends []float64
			for _, r := range results {
				if r.Task == task && r.Agent == c.Agent {
					curve.Parameters, ends = r.Parameters, append(ends, r.Share)
					curve.NoCeiling = r.NoCeiling
				}
			}
			if curve.Seeds = len(ends); curve.Seeds > 0 {
				end := spread(ends)
				curve.End = &end
			}
			all = append(all, curve)
		}
	}
	return all, nil
}

func named(dir string, parts ...string) string {
	return filepath.Join(append([]string{filepath.Base(dir)}, parts...)...)
}

// ofStudy returns the curve of a study's best trial so far.
func ofStudy(dir string) ([]Curve, error) {
	r, err := sweep.Open(dir)
	if err != nil {
		return nil, err
	}
	status, err := r.Status()
	if err != nil {
		return nil, err
	}
	if status.Best == nil || !r.Measures().Trains {
		return nil, fmt.Errorf("study %s has no complete trial that trained an agent: 'engram sweep resume %s' "+
			"continues it", dir, plain.Path(dir))
	}
	groups, err := groupsOf(sweep.RunsOf(dir, status.Best.Trial))
	if err != nil {
		return nil, err
	}
	curves, err := curvesOf(dir, groups)
	for i := range curves {
		curves[i].Name = fmt.Sprintf("%s, best trial %d", filepath.Base(dir), status.Best.Trial)
	}
	return curves, err
}

// group holds runs that differ only in their seed.
type group struct {
	config drqn.Config // with seed 0
	runs   []*lab.Run
}

// grouped opens runs and puts those that differ only in their seed together.
func grouped(dirs []string) ([]*group, error) {
	var groups []*group
	for _, path := range dirs {
		r, err := lab.Open(path)
		if err != nil {
			return nil, err
		}
		alike := r.Config
		alike.Seed = 0
		i := slices.IndexFunc(groups, func(g *group) bool { return alike.Differences(g.config) == "" })
		if i < 0 {
			i, groups = len(groups), append(groups, &group{config: alike})
		}
		groups[i].runs = append(groups[i].runs, r)
	}
	return groups, nil
}

// curvesOf returns the curves of the groups of a directory that have been evaluated.
func curvesOf(dir string, groups []*group) ([]Curve, error) {
	var curves []Curve
	for _, g := range groups {
		c, err := g.curve()
		if err != nil {
			return nil, err
		}
		c.Name = g.label(dir, len(groups))
		if len(c.Updates) > 0 {
			curves = append(curves, c)
		}
	}
	return curves, nil
}

// label returns the name of one of several groups of a directory: that of the directory if it is alone.
func (g *group) label(dir string, groups int) string {
	if groups == 1 {
		return filepath.Base(dir)
	}
	return g.name(dir)
}

// name returns the path of a group's runs from the directory above dir: that of a run alone, or of what holds the
// seeds.
func (g *group) name(dir string) string {
	path := g.runs[0].Dir
	if len(g.runs) > 1 {
		path = filepath.Dir(path)
	}
	if short, err := filepath.Rel(filepath.Dir(filepath.Clean(dir)), path); err == nil {
		return short
	}
	return path
}

// curve returns the group's curve at the updates after which all its runs were evaluated.
func (g *group) curve() (Curve, error) {
	c := Curve{Task: g.config.Task, Seeds: len(g.runs)}
	goal, err := g.config.Goal()
	if err != nil {
		return c, err
	}
	if c.Parameters, err = g.config.Trainable(); err != nil {
		return c, err
	}
	c.NoCeiling = !goal.HasCeiling
	at := map[int64][]float64{}
	var ends []float64
	for i, r := range g.runs {
		evaluations, err := r.Evaluations()
		if err != nil {
			return c, err
		}
		for _, e := range evaluations {
			if !e.Final && !e.Confirmation && len(at[e.Update]) == i {
				at[e.Update] = append(at[e.Update], e.Score())
			}
		}
		if r.About.Result != nil {
			ends = append(ends, r.About.Result.Score())
			// a run without evaluations on the way has at least its end
			if last := r.About.Updates; len(at[last]) == i {
				at[last] = append(at[last], r.About.Result.Score())
			}
		}
	}
	c.Running = len(g.runs) - len(ends)
	var updates []int64
	for update, shares := range at {
		if len(shares) == len(g.runs) {
			updates = append(updates, update)
		}
	}
	slices.Sort(updates)
	for _, u := range updates {
		c.Updates, c.Shares = append(c.Updates, float64(u)), append(c.Shares, spread(at[u]))
	}
	if len(ends) > 0 {
		end := spread(ends)
		c.End = &end
	}
	return c, nil
}

// repetitions is the number of bootstrap resamples for each point of a curve.
const repetitions = 1000

// spread returns the interquartile mean of shares with its 95 % bootstrap interval, whose limits are NaN for one share.
func spread(shares []float64) analysis.Interval {
	i, err := analysis.Bootstrap(shares, analysis.IQM, repetitions, rand.New(rand.NewPCG(1, 0)))
	if err != nil { // one run
		return analysis.Interval{Point: shares[0], Low: math.NaN(), High: math.NaN()}
	}
	return i
}

// Notice returns drqn.SizeNotice of the curves; empty if there is none.
func Notice(curves []Curve) string {
	var agents []drqn.Sized
	for _, c := range curves {
		agents = append(agents, drqn.Sized{Name: c.Name, Task: c.Task, Parameters: c.Parameters})
	}
	return drqn.SizeNotice(agents)
}
