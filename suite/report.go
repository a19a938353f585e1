package suite

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"engram/analysis"
	"engram/plots"
)

// Report writes the suite's page and returns its path; an empty path is DIR/report.html.
func Report(dir, path string) (string, error) {
	if path == "" {
		path = filepath.Join(dir, "report.html")
	}
	p, results, err := Results(dir)
	if err != nil {
		return "", err
	}
	if len(results) == 0 {
		return "", fmt.Errorf("suite %s has no finished run yet: 'engram suite run' trains them", dir)
	}
	page := plots.Page{
		Title: "Suite " + filepath.Base(dir),
		Subtitle: fmt.Sprintf("%d tasks · %d agents · %d seeds · preset %s %s", len(p.Tasks), len(p.Agents), p.Seeds,
			p.Preset, settings(p.Set)),
	}
	if slices.Contains(p.Tasks, memoryTask) { // compared over its lengths, not over agents
		all, err := MemoryLengths(dir, results)
		if err != nil {
			return "", err
		}
		page.Sections = append(page.Sections, memorySection(all))
		p.Tasks = slices.DeleteFunc(slices.Clone(p.Tasks), func(task string) bool { return task == memoryTask })
	}
	if len(p.Tasks) > 0 {
		sections, err := taskSections(p, results)
		if err != nil {
			return "", err
		}
		page.Sections = append(page.Sections, sections...)
	}
	return path, page.Save(path)
}

// taskSections are the table of the plan's tasks and agents, what came of the agents over all tasks, and the curves.
func taskSections(p Plan, results []Result) ([]plots.Section, error) {
	rows, err := Table(p, results)
	if err != nil {
		return nil, err
	}
	sections := []plots.Section{{Heading: "Result", Table: Text(rows), Charts: []plots.Chart{Shares(rows)},
		Text: fmt.Sprintf("Shares of each task's ceiling, greedy, at the end of the run. "+
			"IQM: interquartile mean over seeds, with a 95 %% bootstrap interval of %d resamples (Agarwal et al. 2021); one seed has none. "+
			"What was needed to reach 95 %% is the median over the seeds that did, whose number is in brackets.", repetitions)}}
	across, err := acrossTasks(p, results)
	if err != nil {
		return nil, err
	}
	sections = append(sections, across...)
	curves := plots.Section{Heading: "Learning curves",
		Text: "Interquartile mean over seeds of the share of the ceiling, with its 95 % bootstrap interval where there are two seeds or more."}
	for _, task := range p.Tasks {
		chart, err := LearningCurves(p, results, task)
		if err != nil {
			return nil, err
		}
		if len(chart.Series) > 0 {
			curves.Charts = append(curves.Charts, chart)
		}
	}
	return append(sections, curves), nil
}

// matrix are an agent's shares [seeds][tasks]; ok is false unless all are there.
func matrix(p Plan, results []Result, agent string) (scores [][]float64, ok bool) {
	scores = make([][]float64, p.Seeds)
	for _, task := range p.Tasks {
		runs := pick(results, task, agent)
		if len(runs) < p.Seeds {
			return nil, false
		}
		for seed := range scores {
			scores[seed] = append(scores[seed], runs[seed].Share)
		}
	}
	return scores, true
}

// Across is what came of an agent over all tasks of a suite.
type Across struct {
	Agent string
	IQM   analysis.Interval
	// Improvement is the probability that a run of the agent beats one of the plan's first agent, mean over tasks.
	Improvement analysis.Interval
	scores      [][]float64
}

// AcrossTasks sums up each agent of which all runs are there.
func AcrossTasks(p Plan, results []Result) ([]Across, error) {
	var all []Across
	for _, agent := range p.Agents {
		scores, ok := matrix(p, results, agent.Name)
		if !ok {
			continue
		}
		a := Across{Agent: agent.Name, scores: scores}
		var err error
		first := scores
		if len(all) > 0 {
			first = all[0].scores
		}
		if err = a.sumUp(first); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// sumUp computes the numbers of an agent beside the first one; with one seed they have no intervals.
func (a *Across) sumUp(first [][]float64) (err error) {
	if len(a.scores) == 1 {
		var iqm, improvement float64
		if iqm, err = analysis.IQM(a.scores); err == nil {
			improvement, err = analysis.ProbabilityOfImprovement(a.scores, first)
		}
		a.IQM, a.Improvement = single(iqm), single(improvement)
		return err
	}
	if a.IQM, err = analysis.StratifiedBootstrap(a.scores, analysis.IQM, repetitions, newRand()); err == nil {
		a.Improvement, err = analysis.ImprovementInterval(a.scores, first, curveRepetitions, newRand())
	}
	return err
}

// profile is the performance profile of an agent; with one seed it has no band.
func (a *Across) profile(thresholds []float64) (plots.Series, error) {
	s := plots.Series{Name: a.Agent, X: thresholds}
	if len(a.scores) == 1 {
		var err error
		s.Y, err = analysis.PerformanceProfile(a.scores, thresholds)
		return s, err
	}
	band, err := analysis.ProfileBand(a.scores, thresholds, curveRepetitions, newRand())
	for _, i := range band {
		s.Y, s.Low, s.High = append(s.Y, i.Point), append(s.Low, i.Low), append(s.High, i.High)
	}
	return s, err
}

// interval is one for readers.
func interval(i analysis.Interval) string {
	if math.IsNaN(i.Low) {
		return fmt.Sprintf("%.3f (1 seed)", i.Point)
	}
	return fmt.Sprintf("%.3f (%.3f to %.3f)", i.Point, i.Low, i.High)
}

// acrossTasks are the sections over all tasks; none without an agent whose runs are all there.
func acrossTasks(p Plan, results []Result) ([]plots.Section, error) {
	all, err := AcrossTasks(p, results)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	t := &plots.Table{Header: []string{"agent", "IQM over tasks", "probability to beat " + all[0].Agent}}
	profile := plots.Lines{Title: "Performance profile: share of runs above a share of the ceiling",
		XLabel: "share of the ceiling", YLabel: "share of runs"}
	thresholds := make([]float64, 101)
	for i := range thresholds {
		thresholds[i] = float64(i) / 100
	}
	for _, a := range all {
		t.Rows = append(t.Rows, []string{a.Agent, interval(a.IQM), interval(a.Improvement)})
		s, err := a.profile(thresholds)
		if err != nil {
			return nil, err
		}
		profile.Series = append(profile.Series, s)
	}
	return []plots.Section{{Heading: "Over all tasks", Table: t, Charts: []plots.Chart{profile}}}, nil
}
