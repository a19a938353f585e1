package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"engram/internal/durable"
	"engram/lab/report"
	"engram/plots"
	"engram/tasks"
)

func newTasks() *cobra.Command {
	var asJSON bool
	var trials int
	c := &cobra.Command{
		Use:   "tasks",
		Short: "List the tasks and what can be earned in them",
		Long: `List every task: its numbers of observations and actions, its time step, the steps of a trial, and the
reward per trial of the reference policies, as measured. The ceiling is computed: the most that the observations
allow. 'engram tasks show NAME' lists a task's options; with --json they are a field.`,
		Example: `  engram tasks
  engram tasks show GoNogo
  engram tasks trace GoNogo --policy oracle --steps 30 --json`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := listTasks(trials)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), list)
			}
			return printTable(c.OutOrStdout(), taskTable(list))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON list")
	c.Flags().IntVar(&trials, "trials", 2000, "trials to measure each reference policy over")
	c.AddCommand(newShow(), newTrace(), newServe())
	return c
}

// listed is a task with what its reference policies earn.
type listed struct {
	tasks.Spec
	tasks.Reference
	Options []tasks.Option `json:"options"`
}

func listTasks(trials int) ([]listed, error) {
	if trials < 1 {
		return nil, fmt.Errorf("invalid trials %d: use 1 or more", trials)
	}
	var list []listed
	for _, name := range tasks.Names() {
		env, err := tasks.New(name, nil)
		if err != nil {
			return nil, err
		}
		reference, err := tasks.MeasureReference(env, trials, 0)
		if err != nil {
			return nil, err
		}
		task, _ := tasks.TaskOf(env)
		list = append(list, listed{env.Spec(), reference, tasks.Options(task)})
	}
	return list, nil
}

func taskTable(list []listed) *plots.Table {
	t := &plots.Table{Header: []string{"task", "observations", "actions", "dt (ms)", "steps a trial", "at most",
		"oracle", "ceiling", "random", "cue only"}}
	for _, l := range list {
		t.Rows = append(t.Rows, []string{l.Name, fmt.Sprint(len(l.Observations)), fmt.Sprint(len(l.Actions)),
			fmt.Sprint(l.StepMillis),
			fmt.Sprintf("%.1f", l.OracleSteps), fmt.Sprint(l.MaxTrialSteps), fmt.Sprintf("%.3f", l.Oracle),
			fmt.Sprintf("%.3f", l.Ceiling), fmt.Sprintf("%.3f", l.Random), fmt.Sprintf("%.3f", l.Cue)})
	}
	return t
}

// environmentFlags choose one environment.
type environmentFlags struct {
	options string
	seed    uint64
}

func (f *environmentFlags) addTo(c *cobra.Command) {
	c.Flags().StringVar(&f.options, "options", "",
		"the task's options as a JSON `object`, such as '{\"timing\":{\"delay\":1000}}'")
	c.Flags().StringVar(&f.options, "task-options", "",
		"the same as --options, by the name that train has for it: a JSON `object`")
	c.MarkFlagsMutuallyExclusive("options", "task-options")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "seed of the trials")
}

func newShow() *cobra.Command {
	var f environmentFlags
	var svg string
	var asJSON bool
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Draw one trial of a task, and list the task's options",
		Long: `Draw one trial: the channels, the ground truth, and the actions and rewards of the oracle, which knows
the trial. Below it the task's options are listed with their values. Options are given as a JSON object, to this command
as --options and to train as --task-options. A dot in a name stands for an inner object: timing.delay is
{"timing":{"delay":1000}}.

The options of every task, with their defaults:` + optionsOfAll(),
		Example: "  engram tasks show GoNogo --seed 1\n  engram tasks show DelayMatchSample --svg trial.svg",
		Args:    arguments("NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			task, err := tasks.NewTask(args[0], json.RawMessage(f.options))
			if err != nil {
				return err
			}
			env := tasks.NewEnv(task)
			options := tasks.Options(task)
			if asJSON {
				return printObject(c.OutOrStdout(), shown{env.Spec(), task.Ceiling(), options})
			}
			trial, steps, err := tasks.OracleTrial(env, f.seed)
			if err != nil {
				return err
			}
			if svg != "" {
				return saveTrial(svg, env.Spec(), trial, steps)
			}
			if err := drawTrial(c.OutOrStdout(), env.Spec(), trial, steps); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(c.OutOrStdout(), "\n%s\n\n", ceilingOf(env.Spec(), task.Ceiling())); err != nil {
				return err
			}
			if err := printTable(c.OutOrStdout(), optionTable(options)); err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), "\n"+durationForms)
			return err
		},
	}
	f.addTo(c)
	writesFile(c, &svg, "svg", "write the trial as a picture to this `file` instead")
	c.Flags().BoolVar(&asJSON, "json", false, "print the task and its options as one JSON object instead")
	return c
}

// shown is a task as 'tasks show --json' prints it.
type shown struct {
	tasks.Spec
	Ceiling float64        `json:"ceiling"`
	Options []tasks.Option `json:"options"`
}

// ceilingOf returns one line about the most that can be earned.
func ceilingOf(spec tasks.Spec, ceiling float64) string {
	if spec.CeilingBound {
		return fmt.Sprintf("upper bound of what observations allow: %.3f a trial", ceiling)
	}
	return fmt.Sprintf("ceiling, the best that observations allow: %.3f a trial", ceiling)
}

func optionTable(options []tasks.Option) *plots.Table {
	t := &plots.Table{Header: []string{"option", "value", "what", "range", "about"}}
	for _, o := range options {
		t.Rows = append(t.Rows, []string{o.Name, string(o.Default), typeOf(o), orAny(o.Range), o.Help})
	}
	return t
}

// typeOf returns an option's type, short enough for a column.
func typeOf(o tasks.Option) string {
	kind, _, more := strings.Cut(o.Type, ", a list of them, ")
	if more {
		kind += ", or drawn (below)"
	}
	return kind
}

func orAny(text string) string {
	if text == "" {
		return "any"
	}
	return text
}

// optionsOfAll lists the options of all tasks.
func optionsOfAll() string {
	var text strings.Builder
	for _, task := range tasks.Defaults() {
		fmt.Fprintf(&text, "\n%s:\n", task.Spec().Name)
		for _, o := range tasks.Options(task) {
			fmt.Fprintf(&text, "  %-22s %-22s %s\n", o.Name, o.Default, aboutOption(o))
		}
	}
	text.WriteString("\n" + durationForms)
	return text.String()
}

// durationForms explains the options of a timing.
const durationForms = `A duration is a number of ms, a list such as [300,500] (one of these, each as likely),
{"uniform":[low,high]} or {"truncated_exponential":[mean,low,high]}; the number drawn is rounded down to whole
steps of dt.`

// aboutOption returns an option's description, unit and range.
func aboutOption(o tasks.Option) string {
	about := o.Help
	for _, more := range []string{o.Unit, o.Range} {
		if more != "" {
			about += "; " + more
		}
	}
	return strings.TrimPrefix(about, "; ")
}

func saveTrial(path string, spec tasks.Spec, trial tasks.Trial, steps []tasks.TraceStep) error {
	svg, err := report.PolicyTrial(spec, trial, steps).SVG()
	if err != nil {
		return err
	}
	return durable.ReplaceBytes(path, svg)
}

// drawTrial draws a trial with a row for each channel and a column for each step.
func drawTrial(w io.Writer, spec tasks.Spec, trial tasks.Trial, steps []tasks.TraceStep) error {
	label := 12
	for _, name := range append(spec.Observations, spec.Actions...) {
		label = max(label, len(name))
	}
	line := func(name string, cell func(tasks.TraceStep) string) {
		fmt.Fprintf(w, "%*s  ", label, name)
		for _, s := range steps {
			fmt.Fprintf(w, "%-5s", cell(s))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s: %d steps of %d ms; the oracle acts\n", spec.Name, len(steps), spec.StepMillis)
	for _, p := range trial.Periods { // each named above its steps
		if from, to := p.Start, min(p.End, len(steps)); from < to {
			fmt.Fprintf(w, "%*s  %s%s\n", label, p.Name, strings.Repeat(" ", 5*from),
				strings.Repeat("─", 5*(to-from)-1))
		}
	}
	for i, name := range spec.Observations {
		line(name, func(s tasks.TraceStep) string { return shade(s.Observation[i]) })
	}
	line("ground truth", func(s tasks.TraceStep) string {
		return spec.Actions[s.GroundTruth][:min(4, len(spec.Actions[s.GroundTruth]))]
	})
	line("action", func(s tasks.TraceStep) string {
		return spec.Actions[s.Action][:min(4,
			len(spec.Actions[s.Action]))]
	})
	line("reward", func(s tasks.TraceStep) string {
		if s.Reward == 0 {
			return "."
		}
		return fmt.Sprintf("%+.2g", s.Reward)
	})
	return nil
}

// shade draws a number from 0 to 1 as a block of that height, and prints any other.
func shade(x float32) string {
	blocks := []rune(" ▁▂▃▄▅▆▇█")
	if x >= 0 && x <= 1 {
		return strings.Repeat(string(blocks[int(x*float32(len(blocks)-1)+0.5)]), 4)
	}
	return fmt.Sprintf("%.2g", x)
}

func newTrace() *cobra.Command {
	var f environmentFlags
	var policy string
	var steps int
	var asJSON bool
	c := &cobra.Command{
		Use:   "trace NAME",
		Short: "Print what a reference policy sees, does and earns, a line for each step",
		Long: `Print what a reference policy sees, does and earns, a line for each step. The policies: oracle (the
best that knows the trial), gt (follows the ground truth, even where that is not the best), random, and cue (gives the
same answer whenever the task asks).`,
		Example: "  engram tasks trace ReadySetGo --seed 3 --policy gt --steps 100 --json",
		Args:    arguments("NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := tasks.ParsePolicy(policy)
			if err != nil {
				return err
			}
			if steps < 1 {
				return fmt.Errorf("invalid steps %d: use 1 or more", steps)
			}
			env, err := tasks.New(args[0], json.RawMessage(f.options))
			if err != nil {
				return err
			}
			return tasks.Trace(env, p, f.seed, steps,
				func(s tasks.TraceStep) error { return printStep(c.OutOrStdout(), s, asJSON) })
		},
	}
	f.addTo(c)
	c.Flags().StringVar(&policy, "policy", string(tasks.Oracle), "reference policy: oracle, gt, random or cue")
	c.Flags().IntVar(&steps, "steps", 100, "steps to take")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON line for each step")
	return c
}

func printStep(w io.Writer, s tasks.TraceStep, asJSON bool) error {
	if asJSON {
		return printJSON(w, s)
	}
	end := ""
	if s.TrialEnd {
		end = "  end of trial"
	}
	_, err := fmt.Fprintf(w, "observation %.3f  action %d  gt %d  reward %+.2f%s\n", s.Observation, s.Action,
		s.GroundTruth, s.Reward, end)
	return err
}
