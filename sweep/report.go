package sweep

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"engram/drqn"
	"engram/plots"
)

// reportRows bounds the table of the report.
const reportRows = 200

// Report writes the study's page and returns its path; an empty path is DIR/report.html.
func (r *Reader) Report(path string) (string, error) {
	if path == "" {
		path = filepath.Join(r.Dir, "report.html")
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
		return "", fmt.Errorf("study %s has no trial yet: 'engram sweep resume %s' carries them out", r.Dir, r.Dir)
	}
	page := plots.Page{Title: "Sweep " + r.name(), Subtitle: fmt.Sprintf("%s · sampler %s · pruner %s · seed %d",
		status.Line(), r.Study.Sampler.Kind, r.prunerName(), r.Study.Seed)}
	page.Sections = append(page.Sections, r.bestSection(status))
	page.Sections = append(page.Sections, plots.Section{Heading: "Charts", Charts: r.Charts(trials)})
	page.Sections = append(page.Sections, plots.Section{Heading: "Trials", Table: r.Table(trials, reportRows),
		Text: "The running and the best first. A value in brackets is the last score of a trial that was stopped."})
	return path, page.Save(path)
}

func (r *Reader) name() string {
	if r.Study.Name != "" {
		return r.Study.Name
	}
	return filepath.Base(r.Dir)
}

func (r *Reader) prunerName() string {
	if r.Study.Pruner.Kind == "" {
		return "none"
	}
	return r.Study.Pruner.Kind
}

func (r *Reader) bestSection(s Status) plots.Section {
	section := plots.Section{Heading: "Best", Text: fmt.Sprintf("All attempts together took %s.", s.Cost())}
	if s.Best == nil {
		section.Text = "No trial is complete yet. " + section.Text
		return section
	}
	section.Table = r.Table([]Trial{*s.Best}, 1)
	if _, ok := r.objective.(*training); ok {
		section.Text += fmt.Sprintf(" 'engram sweep best %s > best.json' writes its config, which 'engram train --config best.json' takes.", r.Dir)
	}
	return section
}

// BestConfig is what the best trial was carried out with: a config for 'engram train --config', or of a function its
// parameters, as JSON.
func (r *Reader) BestConfig() ([]byte, error) {
	best, err := r.Best()
	if err != nil {
		return nil, err
	}
	if best == nil {
		return nil, fmt.Errorf("study %s has no complete trial yet: 'engram sweep status %s' says how far it is", r.Dir,
			r.Dir)
	}
	var value any = best.Values
	if _, ok := r.objective.(*training); ok {
		if value, err = r.Config(*best); err != nil {
			return nil, err
		}
	}
	return json.MarshalIndent(value, "", "  ")
}

// Config is that of a trial's first agent; of a goal that trains none it is an error.
func (r *Reader) Config(t Trial) (drqn.Config, error) {
	o, ok := r.objective.(*training)
	if !ok {
		return drqn.Config{}, fmt.Errorf("study %s trains no agents: it has no configs", r.Dir)
	}
	return o.config(t.point, 0)
}
