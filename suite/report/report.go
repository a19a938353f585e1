// Package report writes what a suite found for readers: tables, charts and an HTML page. It is apart from package
// suite so that a program that trains or reads suites links no plotting.
package report

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"engram/analysis"
	"engram/internal/durable"
	"engram/plots"
	"engram/suite"
	"engram/suite/memlen"
)

// sectionsOf holds the tasks that have a section of their own instead of a row for each agent.
var sectionsOf = map[string]func(dir string, results []suite.Result) (plots.Section, error){
	memlen.Task: memlen.Section,
}

// Write writes the suite's page and returns its path; an empty path is DIR/report.html.
func Write(dir, path string) (string, error) {
	if path == "" {
		path = filepath.Join(dir, "report.html")
	}
	if err := durable.Writable(path); err != nil {
		return "", err
	}
	p, results, err := suite.Results(dir)
	if err != nil {
		return "", err
	}
	if len(results) == 0 {
		return "", fmt.Errorf("suite %s has no finished run yet: 'engram suite run' trains them", dir)
	}
	page := plots.Page{
		Title: "Suite " + filepath.Base(dir),
		Subtitle: fmt.Sprintf("%s · %s · %s · preset %s %s", counted(len(p.Tasks), "task"),
			counted(len(p.Agents), "agent"), counted(p.Seeds, "seed"), p.Preset, p.Settings()),
	}
	var compared []string // tasks on which agents are compared
	for _, task := range p.Tasks {
		draw, own := sectionsOf[task]
		if !own {
			compared = append(compared, task)
			continue
		}
		section, err := draw(dir, results)
		if err != nil {
			return "", err
		}
		page.Sections = append(page.Sections, section)
	}
	if p.Tasks = compared; len(compared) > 0 {
		sections, err := taskSections(p, results)
		if err != nil {
			return "", err
		}
		page.Sections = append(page.Sections, sections...)
	}
	return path, page.Save(path)
}

// counted returns a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// taskSections returns the table of the plan's tasks and agents, the comparison over all tasks, and the curves.
func taskSections(p suite.Plan, results []suite.Result) ([]plots.Section, error) {
	rows, err := suite.Table(p, results)
	if err != nil {
		return nil, err
	}
	notice, err := p.SizeNotice()
	if err != nil {
		return nil, err
	}
	if notice != "" {
		notice = " Note: " + notice + "."
	}
	scores := scored(rows)
	sections := []plots.Section{{Heading: "Result", Table: Table(rows), Charts: bars(rows),
		Text: fmt.Sprintf("%s, greedy, at the end of the run. "+
			"IQM: interquartile mean over seeds, with a 95 %% bootstrap interval of %d resamples "+
			"(Agarwal et al. 2021); one seed has none.%s", capital(scores), suite.Repetitions,
			reaching(rows)) + notice}}
	across, err := acrossTasks(p, results)
	if err != nil {
		return nil, err
	}
	sections = append(sections, across...)
	curves := plots.Section{Heading: "Learning curves",
		Text: fmt.Sprintf("Interquartile mean over seeds of the %s, with its 95 %% bootstrap interval where there are "+
			"two seeds or more.", scores)}
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

// reaching explains the columns of what was needed to reach 95 % of the ceiling, if any of the rows has one.
func reaching(rows []suite.Row) string {
	if !slices.ContainsFunc(rows, isShare) {
		return ""
	}
	return " What was needed to reach 95 % is the median over the seeds that did, whose number is in brackets."
}

// capital returns a text with a capital letter at its beginning.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// interval formats an interval for readers.
func interval(i analysis.Interval) string {
	if math.IsNaN(i.Low) {
		return fmt.Sprintf("%.3f (1 seed)", i.Point)
	}
	return fmt.Sprintf("%.3f (%.3f to %.3f)", i.Point, i.Low, i.High)
}

// acrossTasks returns the section over all tasks with a ceiling, or nothing where there is none, or no agent has all
// its runs.
func acrossTasks(p suite.Plan, results []suite.Result) ([]plots.Section, error) {
	all, err := suite.AcrossTasks(p, results)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	t := &plots.Table{Header: []string{"agent", "IQM over tasks", "probability to beat " + all[0].Agent}}
	chart := plots.Lines{Title: "Performance profile: share of runs above a share of the ceiling",
		XLabel: "share of the ceiling", YLabel: "share of runs"}
	thresholds := make([]float64, 101)
	for i := range thresholds {
		thresholds[i] = float64(i) / 100
	}
	for _, a := range all {
		t.Rows = append(t.Rows, []string{a.Agent, interval(a.IQM), interval(a.Improvement)})
		profile, err := a.Profile(thresholds)
		if err != nil {
			return nil, err
		}
		chart.Series = append(chart.Series, band(p, a.Agent, thresholds, profile))
	}
	heading := "Over all tasks"
	if slices.ContainsFunc(results, func(r suite.Result) bool { return r.NoCeiling }) {
		heading = "Over the tasks with a ceiling"
	}
	return []plots.Section{{Heading: heading, Table: t, Charts: []plots.Chart{chart}}}, nil
}
