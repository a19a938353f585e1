package report

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"engram/drqn"
	"engram/internal/durable"
	"engram/lab"
	"engram/lab/perturb"
	"engram/plots"
)

// fileName is the page's name in its run directory.
const fileName = "analysis.html"

// Write analyses the agent of a checkpoint of a run (see record.Policy) and writes the page, one file that opens
// offline; an empty path is RUN/analysis.html. It returns the analysis and the page's path.
func Write(ctx context.Context, r *lab.Run, p *drqn.Policy, path string, o Options) (*Analysis, string, error) {
	if path == "" {
		path = filepath.Join(r.Dir, fileName)
	}
	if err := durable.Writable(path); err != nil {
		return nil, "", err
	}
	a, err := Analyse(ctx, p, o)
	if err != nil {
		return nil, "", err
	}
	return a, path, a.Page().Save(path)
}

// Page returns the page of an analysis.
func (a *Analysis) Page() plots.Page {
	page := plots.Page{Title: fmt.Sprintf("What %s remembers in %s", a.Cell, a.Task),
		Subtitle: fmt.Sprintf("%s · update %d · %d trials · condition %s", filepath.Base(a.Run), a.Update, a.Trials,
			a.Condition)}
	page.Sections = append(page.Sections, a.summary(), a.variance(), a.trajectoriesSection(), a.decodings())
	if a.StateDecoding != nil {
		page.Sections = append(page.Sections, a.asked())
	}
	page.Sections = append(page.Sections, a.lesions(), a.resting(), a.tuning(), a.selectivitySection())
	return page
}

func (a *Analysis) summary() plots.Section {
	t := &plots.Table{Header: []string{"", "value", "what it is"}}
	t.Addf("decoded from h\t%.1f %%\t%s, after step %d; chance %.1f %% (95 %%: %.1f to %.1f)",
		100*last(a.Decoding.at()), a.Condition, a.Steps-1, 100*last(a.Decoding.Chance),
		100*last(a.Decoding.Low), 100*last(a.Decoding.High))
	t.Addf("dimensions of h\t%.2f of %d\tparticipation ratio (sum v)² / sum v²", a.H.Participation, a.H.Size)
	if a.State.Size > 0 {
		t.Addf("dimensions of the state\t%.2f of %d\tthe same of %s", a.State.Participation, a.State.Size,
			a.stateName())
	}
	if a.State.Rank > 0 {
		t.Addf("rank of M\t%.1f\tafter step %d, mean over trials", a.State.Rank, a.Steps-1)
		t.Addf("sparsity of M\t%.3f\tHoyer's: 0 all entries alike, 1 a single one", a.State.Sparsity)
	}
	return plots.Section{Heading: "Summary", Table: t, Text: fmt.Sprintf("The agent acts greedily. %d of %d trials "+
		"last the %d steps that are compared.", a.Aligned, a.Trials, a.Steps)}
}

func (a *Analysis) stateName() string {
	if a.Cell == "mpn" {
		return "M"
	}
	return "the recurrent state"
}

func last(x []float64) float64 { return x[len(x)-1] }

// index returns 0, 1, 2 ... as numbers of steps.
func index(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

func (a *Analysis) variance() plots.Section {
	cumulative := func(name string, d Dimensions) plots.Series {
		s, sum := plots.Series{Name: name}, 0.0
		for k, share := range d.Explained[:min(20, len(d.Explained))] {
			sum += share
			s.X, s.Y = append(s.X, float64(k+1)), append(s.Y, sum)
		}
		return s
	}
	l := plots.Lines{Title: "Variance explained by the first principal components", XLabel: "components",
		YLabel: "share of the variance", Series: []plots.Series{cumulative("h", a.H)}}
	norms := plots.Lines{Title: "Size of h and of the state", XLabel: "step", YLabel: "root mean square",
		Series: []plots.Series{{Name: "h", X: index(a.Steps), Y: a.Norms["h"]}}}
	if a.State.Size > 0 {
		l.Series = append(l.Series, cumulative(a.stateName(), a.State))
	}
	if state := a.Norms["state"]; state != nil {
		norms.Series = append(norms.Series, plots.Series{Name: a.stateName(), X: index(a.Steps), Y: state})
	}
	s := plots.Section{Heading: "Variance", Charts: []plots.Chart{l, norms}}
	if a.Session != nil {
		s.Charts = append(s.Charts, a.session())
	}
	return s
}

func (a *Analysis) trajectoriesSection() plots.Section {
	c := plots.Phase{Title: "Mean path of h, by " + a.Condition, XLabel: "first component", YLabel: "second component"}
	for label, path := range a.paths {
		c.Paths = append(c.Paths, pathOf(a.Condition+" "+a.Labels[label], path))
	}
	text := "Steps of the periods:"
	for _, p := range a.periods {
		text += fmt.Sprintf(" %s %d to %d;", p.name, p.start, p.end-1)
	}
	return plots.Section{Heading: "Trajectories", Text: text[:len(text)-1] + ".", Charts: []plots.Chart{c}}
}

func (a *Analysis) decodings() plots.Section {
	x := index(a.Steps)
	l := plots.Lines{Title: "Decoding " + a.Condition + " after each step", XLabel: "step", YLabel: "accuracy",
		Series: []plots.Series{{Name: "from h", X: x, Y: a.Decoding.at()}}}
	if a.StateDecoding != nil {
		l.Series = append(l.Series, plots.Series{Name: "from " + a.stateName(), X: x, Y: a.StateDecoding.at()})
	}
	if a.BothDecoding != nil {
		l.Series = append(l.Series, plots.Series{Name: "from both", X: x, Y: a.BothDecoding.at()})
	}
	l.Series = append(l.Series, plots.Series{Name: "shuffled labels", X: x, Y: a.Decoding.Chance, Low: a.Decoding.Low,
		High: a.Decoding.High})
	s := plots.Section{Heading: "Decoding over time", Charts: []plots.Chart{l},
		Text: "A linear readout (ridge regression, ten folds of trials) is fitted to h after each step. The band " +
			"holds 95 % of the accuracies with shuffled labels."}
	for _, name := range slices.Sorted(maps.Keys(a.LeftOut)) {
		s.Text += " Not decoded: " + a.LeftOut[name] + "."
	}
	if len(a.Others) > 0 {
		others := plots.Lines{Title: "Decoding the other conditions from h", XLabel: "step", YLabel: "accuracy"}
		for _, name := range slices.Sorted(maps.Keys(a.Others)) {
			others.Series = append(others.Series, plots.Series{Name: name, X: x, Y: a.Others[name].at()})
		}
		s.Charts = append(s.Charts, others)
	}
	matrix := func(from string, d Decoding) plots.Chart {
		return plots.Heatmap{Title: fmt.Sprintf("Readout of %s from %s, fitted at one step, tested at another",
			a.Condition, from), XLabel: "tested after step", YLabel: "fitted after step", Values: "accuracy",
			Matrices: [][][]float64{d.Accuracy}}
	}
	s.Charts = append(s.Charts, matrix("h", a.Decoding))
	if a.StateDecoding != nil {
		s.Charts = append(s.Charts, matrix(a.stateName(), *a.StateDecoding))
	}
	return s
}

func (a *Analysis) asked() plots.Section {
	return plots.Section{Heading: "If it were asked now",
		Text: "After each step the agent is shown what it sees at the end of the trial. What is right is the answer " +
			"due then.",
		Charts: []plots.Chart{plots.Lines{Title: "Right answers if the question came after each step", XLabel: "step",
			YLabel: "share of trials", Series: []plots.Series{{Name: "right", X: index(a.Steps), Y: a.Asked}}}}}
}

// Perturbation returns the section of a page about one perturbation.
func Perturbation(p perturb.Perturbation, r perturb.Result) plots.Section {
	return plots.Section{Heading: "Perturbed: " + string(p.Kind),
		Charts: []plots.Chart{scores(fmt.Sprintf("Accuracy after: %s", p.Kind), "step", r)}}
}

// scores draws the accuracy of each point, with Wilson's interval, beside that of the intact agent.
func scores(title, xLabel string, r perturb.Result) plots.Chart {
	s := plots.Series{Name: "perturbed", Points: true}
	for _, p := range r.Points {
		s.X, s.Y = append(s.X, float64(p.Step)), append(s.Y, p.Accuracy)
		s.Low, s.High = append(s.Low, p.Low), append(s.High, p.High)
	}
	return plots.Lines{Title: title, XLabel: xLabel, YLabel: "accuracy", Series: []plots.Series{s},
		References: []plots.Reference{{Name: "intact", Y: r.Intact.Accuracy}}}
}

func (a *Analysis) lesions() plots.Section {
	s := plots.Section{Heading: "Lesions", Text: fmt.Sprintf("Accuracy over %d trials, with Wilson's 95 %% interval: "+
		"the state wiped once before a step, and each unit silent throughout.", a.Lesions[0].Intact.Trials)}
	if a.Wipe != nil {
		s.Charts = append(s.Charts, scores("Accuracy if "+a.stateName()+" is wiped before a step", "step", *a.Wipe))
	}
	units := perturb.Result{Intact: a.Lesions[0].Intact}
	for unit, lesion := range a.Lesions {
		point := lesion.Points[0]
		point.Step = unit
		units.Points = append(units.Points, point)
	}
	s.Charts = append(s.Charts, scores("Accuracy without one unit", "unit", units))
	return s
}

func (a *Analysis) resting() plots.Section {
	s := plots.Section{Heading: "Fixed points"}
	if a.NoRest != "" {
		s.Text = "Not computed: " + a.NoRest + "."
		return s
	}
	exact := a.Cell == "mpn"
	s.Text = "Where the cell would come to rest if the mean observation of a period stayed. "
	if exact {
		s.Text += "An MPN's fixed points are known exactly: each unit alone has one or three; a unit with two stable " +
			"ones is a latch."
	} else {
		s.Text += "Newton's method, from recorded states: there may be others."
	}
	s.Table = &plots.Table{Header: []string{"period", "bistable units", "before training", "stable points",
		"unstable points", "mean |h - h at rest|"}}
	for _, r := range a.Rest {
		bistable, before := strconv.Itoa(r.Bistable), strconv.Itoa(r.Untrained)
		unstable := strconv.FormatFloat(r.Unstable, 'g', 4, 64)
		if exact {
			unstable = "–"
		} else {
			bistable, before = "–", "–"
		}
		s.Table.Rows = append(s.Table.Rows, []string{r.Period, bistable, before,
			strconv.FormatFloat(r.Attractors, 'g', 4, 64),
			unstable, strconv.FormatFloat(r.Distance, 'f', 3, 64)})
	}
	return s
}

func (a *Analysis) tuning() plots.Section {
	l := plots.Lines{Title: fmt.Sprintf("Units and %s %s", a.Condition, a.Labels[0]), XLabel: "unit, by area",
		YLabel: "area under the ROC", References: []plots.Reference{{Name: "no tuning", Y: 0.5}}}
	areas, chance := plots.Series{Name: "area", Points: true}, plots.Series{Name: "shuffled labels"}
	tuned, sorted := 0, slices.Clone(a.Tuning)
	slices.SortFunc(sorted, func(x, y Tuning) int {
		if x.Area < y.Area {
			return -1
		}
		return 1
	})
	for place, t := range sorted {
		areas.X, areas.Y = append(areas.X, float64(place)), append(areas.Y, t.Area)
		chance.X, chance.Y = append(chance.X, float64(place)), append(chance.Y, 0.5)
		chance.Low, chance.High = append(chance.Low, t.Low), append(chance.High, t.High)
		if t.Area < t.Low || t.Area > t.High {
			tuned++
		}
	}
	l.Series = []plots.Series{areas, chance}
	return plots.Section{Heading: "Tuning", Charts: []plots.Chart{l}, Text: fmt.Sprintf("%d of %d units tell %s %s "+
		"from the others after step %d better than chance (outside the band, which holds 95 %% of the areas with "+
		"shuffled labels; one in twenty would by luck).", tuned, len(a.Tuning), a.Condition, a.Labels[0], a.Steps-1)}
}
