// Package report writes the HTML report of a run, and draws trials, memories and replay windows for notebooks.
package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/plain"
	"engram/lab"
	"engram/plots"
	"engram/tasks"
)

// fileName is the report's name in its run directory.
const fileName = "report.html"

// PathOf returns the path of the report of the run in dir.
func PathOf(dir string) string { return filepath.Join(dir, fileName) }

// Write writes the HTML report of a run, one file that opens offline, and returns its path; an empty path is
// RUN/report.html.
func Write(ctx context.Context, r *lab.Run, path string) (string, error) {
	if path == "" {
		path = PathOf(r.Dir)
	}
	if err := durable.Writable(path); err != nil {
		return "", err
	}
	r.RemoveLeftovers()
	metrics, err := r.Metrics()
	if err != nil {
		return "", err
	}
	evaluations, err := r.Evaluations()
	if err != nil {
		return "", err
	}
	if len(metrics) == 0 {
		return "", noMetrics(r)
	}
	foreign := tasks.Foreign(r.Config.Task)
	reference, err := r.Reference()
	if err != nil && !foreign {
		return "", err
	}
	trial, failed := plots.Section{}, err
	if failed == nil {
		trial, failed = trialSection(ctx, r)
	}
	switch {
	case failed != nil && (!foreign || ctx.Err() != nil):
		return "", failed
	case failed != nil: // its Python plays no episode here
		away, _, _ := strings.Cut(failed.Error(), "\n")
		trial = plots.Section{Heading: "One episode", Text: "None could be played: " + away}
	}
	page := plots.Page{
		Title: fmt.Sprintf("%s, trained with %s", r.Config.Task, r.Config.Cell),
		Subtitle: fmt.Sprintf("%s · %s episodes · seed %d · %s · %s", filepath.Base(r.Dir), r.Config.Episode,
			r.Config.Seed, r.About.Backend, r.About.State),
		Sections: []plots.Section{
			{Heading: "Result", Text: changed(r), Table: Results(r, reference)},
			learningSection(metrics, evaluations, reference, foreign),
			optimisationSection(metrics, r.Config.Gated()),
			trial,
			{Heading: "Config", Table: configTable(r.Config)},
		},
	}
	if r.Config.Gated() && failed == nil {
		gates, err := gatesSection(ctx, r)
		if err != nil {
			return "", err
		}
		page.Sections = slices.Insert(page.Sections, 4, gates)
	}
	place, has, err := placeSection(ctx, r)
	if err != nil {
		return "", err
	}
	if has {
		page.Sections = slices.Insert(page.Sections, 4, place)
	}
	regret, learns, err := regretSection(ctx, r)
	if err != nil {
		return "", err
	}
	if learns {
		page.Sections = slices.Insert(page.Sections, 1, regret)
	}
	if what := stopped(r); what != "" {
		page.Sections = slices.Insert(page.Sections, 0, plots.Section{Heading: "Training stopped", Text: what})
	}
	return path, page.Save(path)
}

// stopped returns what stopped a run that failed or died, and what to do; nothing for other runs.
func stopped(r *lab.Run) string {
	why := map[lab.State]string{lab.Failed: "It failed: " + plain.Text(r.About.Error),
		lab.Died: "It died: no process writes it any more."}[r.Standing()]
	if why == "" {
		return ""
	}
	what := fmt.Sprintf("'engram resume %s' continues it", plain.Path(r.Dir))
	if r.About.State == lab.Failed {
		what = cmp.Or(plain.Text(r.About.Remedy), what)
	}
	return strings.TrimSuffix(why, ".") + ". " + what + "."
}

// changed tells from which updates on a run learned in an environment that had changed; nothing for other runs.
func changed(r *lab.Run) string {
	if len(r.About.NewEpisodes) == 0 {
		return ""
	}
	updates := strings.Trim(fmt.Sprint(r.About.NewEpisodes), "[]")
	return fmt.Sprintf("The environment had changed when the run was resumed after update %s: what follows was "+
		"learned in new episodes of the changed one.", strings.ReplaceAll(updates, " ", ", "))
}

// noMetrics returns the error of a run without metrics, of which nothing can be drawn: why there are none.
func noMetrics(r *lab.Run) error {
	what := stopped(r)
	switch {
	case r.About.State == lab.Finished:
		return fmt.Errorf("run %s is finished and has no metrics: its metrics.jsonl was cut: put a copy of it back",
			r.Dir)
	case what != "":
		return fmt.Errorf("run %s has no metrics: %s", r.Dir, strings.ToLower(what[:1])+what[1:])
	}
	return fmt.Errorf("run %s has no metrics yet: let it train longer than metrics_every = %d updates", r.Dir,
		r.Config.MetricsEvery)
}

// Results returns the table of the rewards that a run's agent and the reference policies earn.
func Results(r *lab.Run, reference tasks.Reference) *plots.Table {
	row := func(name string, reward, share float64) []string {
		return []string{name, fmt.Sprintf("%.3f", reward), fmt.Sprintf("%.1f %%", 100*share), ""}
	}
	if reference.Returns.Episodes > 0 || tasks.Foreign(r.Config.Task) {
		return generalResults(r, reference)
	}
	best := reference.TrialCeiling
	if best <= 0 { // none of the trials drawn has a reward to earn
		best = reference.Ceiling
	}
	t := &plots.Table{Header: []string{"policy", "reward per trial", "of the ceiling", ""}}
	if e := r.About.Result; e != nil {
		agent := row("agent, greedy", e.RewardPerTrial, e.ShareOfCeiling)
		agent[3] = fmt.Sprintf("%d trials, %.1f %% correct; %d updates in %.1f s", e.Trials, 100*e.Accuracy,
			r.About.Updates, r.About.Seconds)
		t.Rows = append(t.Rows, agent)
	}
	ceiling := row("ceiling", reference.Ceiling, 1)
	ceiling[3] = "the best that observations allow, computed"
	if reference.CeilingBound {
		ceiling[0], ceiling[3] = "upper bound", "of what observations allow, computed; perhaps no policy reaches it"
	}
	oracle := row("oracle", reference.Oracle, reference.Oracle/best)
	oracle[3] = "knows the trial"
	cue := row("cue only", reference.Cue, reference.Cue/best)
	cue[3] = "answers the same whenever asked: no memory"
	t.Rows = append(t.Rows, ceiling, oracle, cue, row("random", reference.Random, reference.Random/best))
	return t
}

// generalResults returns the table of what the agent and acting at random earn in an environment that is no task.
func generalResults(r *lab.Run, reference tasks.Reference) *plots.Table {
	unit := "episode"
	if e := r.About.Result; e != nil {
		unit = e.Unit()
	}
	t := &plots.Table{Header: []string{"policy", "reward per " + unit, "of the ceiling", ""}}
	row := func(name, earned string, share float64, about string) {
		ofCeiling := "–"
		if r.Config.Ceiling > r.Config.Floor {
			ofCeiling = fmt.Sprintf("%.1f %%", 100*share)
		}
		t.Rows = append(t.Rows, []string{name, earned, ofCeiling, about})
	}
	if e := r.About.Result; e != nil {
		earned := fmt.Sprintf("%.4g", e.RewardPerTrial)
		if sd, known := e.SD(); known {
			earned = spread(e.RewardPerTrial, sd)
		}
		row("agent, greedy", earned, e.ShareOfCeiling, fmt.Sprintf("%d %ss; %d updates in %.1f s", e.Trials, unit,
			r.About.Updates, r.About.Seconds))
	}
	random := reference.Returns
	if random.Episodes == 0 {
		t.Rows = append(t.Rows, []string{"random", "–", "–", "not measured: the environment could not be played"})
		return t
	}
	row("random", spread(random.Mean, random.SD), (random.Mean-r.Config.Floor)/(r.Config.Ceiling-r.Config.Floor),
		fmt.Sprintf("%d %ss of %.1f steps; ± is the standard deviation", random.Episodes, unit, random.Steps))
	return t
}

// spread formats a mean with its standard deviation.
func spread(mean, sd float64) string { return fmt.Sprintf("%.4g ± %.2g", mean, sd) }

// column returns the series of one number of the metrics over their updates.
func column(name string, metrics []drqn.Metrics, value func(drqn.Metrics) float64) plots.Series {
	s := plots.Series{Name: name}
	for _, m := range metrics {
		s.X, s.Y = append(s.X, float64(m.Update)), append(s.Y, value(m))
	}
	return s
}

// learningSection draws rewards and exploration over training. An environment of Python that cannot be played here is
// foreign and has no returns in the reference.
func learningSection(metrics []drqn.Metrics, evaluations []drqn.Evaluation, reference tasks.Reference,
	foreign bool) plots.Section {
	exploring := column("while exploring", metrics, func(m drqn.Metrics) float64 {
		if m.Trials == 0 {
			return math.NaN()
		}
		return m.RewardPerTrial
	})
	greedy := plots.Series{Name: "greedy, fresh trials", Points: len(evaluations) == 1}
	for _, e := range evaluations {
		greedy.X, greedy.Y = append(greedy.X, float64(e.Update)), append(greedy.Y, e.RewardPerTrial)
	}
	title, label := "Reward per trial over training", "reward per trial"
	references := []plots.Reference{{Name: "oracle", Y: reference.Oracle}, {Name: "cue only", Y: reference.Cue},
		{Name: "random", Y: reference.Random}}
	if measured := reference.Returns.Episodes > 0; measured || foreign {
		title, label, references = "Return over training", "reward per "+evaluationUnit(evaluations), references[2:]
		if !measured {
			references = nil
		}
	}
	return plots.Section{Heading: "Learning", Charts: []plots.Chart{
		plots.Lines{Title: title, XLabel: "updates", YLabel: label,
			// in the order, and so the colours, of lab/live and lab/watch
			Series:     []plots.Series{greedy, exploring},
			References: references},
		plots.Lines{Title: "Exploration", XLabel: "updates", YLabel: "epsilon (probability)",
			Series: []plots.Series{column("epsilon", metrics, func(m drqn.Metrics) float64 { return m.Epsilon })}},
	}}
}

// evaluationUnit returns the word for what evaluations count.
func evaluationUnit(evaluations []drqn.Evaluation) string {
	if len(evaluations) == 0 {
		return "episode"
	}
	return evaluations[0].Unit()
}

// plasticity returns the series of eta and of the decay of M: lambda, or the quartiles of lambda_t of a gated cell.
func plasticity(metrics []drqn.Metrics, gated bool) []plots.Series {
	eta := column("eta", metrics, func(m drqn.Metrics) float64 { return m.Eta })
	if !gated {
		return []plots.Series{eta, column("lambda", metrics, func(m drqn.Metrics) float64 { return m.Lambda })}
	}
	median := column("lambda_t, quartiles", metrics, func(m drqn.Metrics) float64 { return m.LambdaMedian })
	median.Low = column("", metrics, func(m drqn.Metrics) float64 { return m.LambdaFirst }).Y
	median.High = column("", metrics, func(m drqn.Metrics) float64 { return m.LambdaThird }).Y
	return []plots.Series{eta, median}
}

func optimisationSection(metrics []drqn.Metrics, gated bool) plots.Section {
	line := func(title, yLabel string, series ...plots.Series) plots.Chart {
		return plots.Lines{Title: title, XLabel: "updates", YLabel: yLabel, Series: series}
	}
	return plots.Section{Heading: "Optimisation", Charts: []plots.Chart{
		line("TD loss", "Huber loss, mean over valid steps",
			column("loss", metrics, func(m drqn.Metrics) float64 { return m.Loss })),
		line("Gradient norm before clipping", "global norm",
			column("gradient norm", metrics, func(m drqn.Metrics) float64 { return m.GradientNorm })),
		line("Value of the actions taken", "mean Q",
			column("mean Q", metrics, func(m drqn.Metrics) float64 { return m.MeanQ })),
		line("Plasticity rate eta and decay lambda", "per step", plasticity(metrics, gated)...),
	}}
}

func configTable(c drqn.Config) *plots.Table {
	t := &plots.Table{Header: []string{"hyperparameter", "value", "what it is"}}
	for _, f := range drqn.Fields() {
		t.Rows = append(t.Rows, []string{f.Name, c.Text(f.Name), f.Help})
	}
	return t
}

// trialSection draws one greedy trial: what the agent saw and did, its values and its memory.
func trialSection(ctx context.Context, r *lab.Run) (plots.Section, error) {
	policy, _, err := r.Policy()
	if err != nil {
		return plots.Section{}, err
	}
	trials, err := policy.Rollout(ctx, 1, lab.FinalSeed(r.Config.Seed))
	if err != nil {
		return plots.Section{}, err
	}
	env, err := tasks.New(r.Config.Task, r.Config.TaskOptions)
	if err != nil {
		return plots.Section{}, err
	}
	t, spec := trials[0], env.Spec()
	goal, err := r.Config.Goal()
	if err != nil {
		return plots.Section{}, err
	}
	duration := ""
	if spec.StepMillis > 0 {
		duration = fmt.Sprintf(" of %d ms", spec.StepMillis)
	}
	s := plots.Section{Heading: "One " + goal.Unit(),
		Text: fmt.Sprintf("The trained agent, greedy, on a fresh %s of %d steps%s.", goal.Unit(), len(t.Actions),
			duration),
		Charts: []plots.Chart{AgentTrial(spec, t)}}
	if r.Config.Cell == "mpn" {
		s.Charts = append(s.Charts, MemoryChart(r.Config, t.States))
	}
	return s, nil
}
