// Package report shows a study (package sweep): as an HTML page and in a notebook's cell. It is apart
// from package sweep so that who carries studies out links nothing that draws.
package report

import (
	"fmt"
	"path/filepath"

	"engram/internal/durable"
	"engram/internal/plain"
	"engram/plots"
	"engram/sweep"
)

// reportRows bounds the number of rows of the page's table.
const reportRows = 200

// Write writes a study's HTML page, one file that opens offline, and returns its path; an empty path is
// DIR/report.html.
func Write(r *sweep.Reader, path string) (string, error) {
	if path == "" {
		path = filepath.Join(r.Dir, "report.html")
	}
	if err := durable.Writable(path); err != nil {
		return "", err
	}
	trials, err := r.Trials()
	if err != nil {
		return "", err
	}
	status, err := r.Status()
	if err != nil {
		return "", err
	}
	if len(trials) == 0 {
		return "", fmt.Errorf("study %s has no trial yet: 'engram sweep resume %s' carries them out", r.Dir,
			plain.Path(r.Dir))
	}
	page := plots.Page{Title: "Sweep " + nameOf(r), Subtitle: fmt.Sprintf("%s · sampler %s · pruner %s · seed %d",
		status.Line(), r.Study.Sampler.Kind, prunerOf(r), r.Study.Seed)}
	page.Sections = append(page.Sections, bestSection(r, status))
	page.Sections = append(page.Sections, plots.Section{Heading: "Charts", Charts: Charts(r, trials)})
	page.Sections = append(page.Sections, plots.Section{Heading: "Trials", Table: Table(r, trials, reportRows),
		Text: "The running and the best first. A value in brackets is the last score of a trial that was stopped."})
	return path, page.Save(path)
}

func nameOf(r *sweep.Reader) string {
	if r.Study.Name != "" {
		return r.Study.Name
	}
	return filepath.Base(r.Dir)
}

func prunerOf(r *sweep.Reader) string {
	if r.Study.Pruner.Kind == "" {
		return "none"
	}
	return r.Study.Pruner.Kind
}

func bestSection(r *sweep.Reader, s sweep.Status) plots.Section {
	section := plots.Section{Heading: "Best", Text: fmt.Sprintf("All attempts together took %s.", s.Cost())}
	if s.Best == nil {
		section.Text = "No trial is complete yet. " + section.Text
		return section
	}
	section.Table = Table(r, []sweep.Trial{*s.Best}, 1)
	if r.Measures().Trains {
		section.Text += fmt.Sprintf(" 'engram sweep best %s > best.json' writes its config, "+
			"which 'engram train --config best.json' takes.", plain.Path(r.Dir))
	}
	return section
}
