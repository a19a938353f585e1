// Package report writes the HTML report of a run, and draws trials, memories and replay windows for notebooks.
package report

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"engram/drqn"
	"engram/lab"
	"engram/plots"
	"engram/tasks"
)

// fileName is the report's name in its run directory.
const fileName = "report.html"

// Write writes the HTML report of a run, one file that opens offline, and returns its path; an empty path is
// RUN/report.html.
func Write(ctx context.Context, r *lab.Run, path string) (string, error) {
	if path == "" {
		path = filepath.Join(r.Dir, fileName)
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
		return "", fmt.Errorf("run %s has no metrics yet: let it train longer than metrics_every = %d updates", r.Dir,
			r.Config.MetricsEvery)
	}
	reference, err := lab.Reference(r.Config)
	if err != nil {
		return "", err
	}
	trial, err := trialSection(ctx, r)
	if err != nil {
		return "", err
	}
	page := plots.Page{
		Title: fmt.Sprintf("%s, trained with %s", r.Config.Task, r.Config.Cell),
		Subtitle: fmt.Sprintf("%s · %s episodes · seed %d · %s · %s", filepath.Base(r.Dir), r.Config.Episode,
			r.Config.Seed, r.About.Backend, r.About.State),
		Sections: []plots.Section{
			{Heading: "Result", Table: Results(r, reference)},
			learningSection(metrics, evaluations, reference),
			optimisationSection(metrics),
			trial,
			{Heading: "Config", Table: configTable(r.Config)},
		},
	}
	return path, page.Save(path)
}

// Results returns the table of the rewards that a run's agent and the reference policies earn.
func Results(r *lab.Run, reference tasks.Reference) *plots.Table {
	row := func(name string, reward, share float64) []string {
		return []string{name, fmt.Sprintf("%.3f", reward), fmt.Sprintf("%.1f %%", 100*share), ""}
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

// column returns the series of one number of the metrics over their updates.
func column(name string, metrics []drqn.Metrics, value func(drqn.Metrics) float64) plots.Series {
	s := plots.Series{Name: name}
	for _, m := range metrics {
		s.X, s.Y = append(s.X, float64(m.Update)), append(s.Y, value(m))
	}
	return s
}

func learningSection(metrics []drqn.Metrics, evaluations []drqn.Evaluation, reference tasks.Reference) plots.Section {
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
	return plots.Section{Heading: "Learning", Charts: []plots.Chart{
		plots.Lines{Title: "Reward per trial over training", XLabel: "updates", YLabel: "reward per trial",
			// in the order, and so the colours, of lab/live and lab/watch
			Series: []plots.Series{greedy, exploring},
			References: []plots.Reference{{Name: "oracle", Y: reference.Oracle}, {Name: "cue only", Y: reference.Cue},
				{Name: "random", Y: reference.Random}}},
		plots.Lines{Title: "Exploration", XLabel: "updates", YLabel: "epsilon (probability)",
			Series: []plots.Series{column("epsilon", metrics, func(m drqn.Metrics) float64 { return m.Epsilon })}},
	}}
}

func optimisationSection(metrics []drqn.Metrics) plots.Section {
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
		line("Plasticity rate eta and decay lambda", "per step",
			column("eta", metrics, func(m drqn.Metrics) float64 { return m.Eta }),
			column("lambda", metrics, func(m drqn.Metrics) float64 { return m.Lambda })),
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
	s := plots.Section{Heading: "One trial",
		Text: fmt.Sprintf("The trained agent, greedy, on a fresh trial of %d steps of %d ms.", len(t.Actions),
			spec.StepMillis),
		Charts: []plots.Chart{AgentTrial(spec, t)}}
	if r.Config.Cell == "mpn" {
		s.Charts = append(s.Charts, MemoryChart(r.Config, t.States))
	}
	return s, nil
}
