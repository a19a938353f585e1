package compare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"engram/analysis"
	"engram/drqn"
	"engram/internal/numbers"
	"engram/lab"
	"engram/plots"
)

// Over is the performance of an agent, or of several that differ only in their seed, over the values of a task option
// with which they are evaluated.
type Over struct {
	Name   string
	Option string // such as timing.delay
	Seeds  int
	Trials int // of each seed at each value
	Task   string
	// Parameters is the number of trainable parameters.
	Parameters int
	Values     []float64
	// Right is the share of trials answered correctly: of one seed with the 95 % interval of its trials (Wilson), of
	// several the IQM over seeds with its bootstrap interval.
	Right []analysis.Interval
}

// Evaluate evaluates the agents of the runs at and below the directories, greedily and on fresh trials, with each value
// of a task option over those of their training. The option is named by its path in the task options, timing.delay for
// {"timing": {"delay": VALUE}}.
func Evaluate(ctx context.Context, option string, values []float64, trials int, seed uint64,
	dirs ...string) ([]Over, error) {
	if len(values) == 0 {
		return nil, fmt.Errorf("option %s has no values: name those to evaluate with", option)
	}
	var all []Over
	for _, dir := range dirs {
		groups, err := groupsOf(dir)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			o := Over{Name: g.label(dir, len(groups)), Option: option, Seeds: len(g.runs), Trials: trials}
			o.Task = g.config.Task
			goal, err := g.config.Goal()
			if err != nil {
				return nil, err
			}
			if !goal.Trials {
				return nil, fmt.Errorf("%s has no trials to be answered: use 'engram eval' or nb.Eval, which give the "+
					"return of an episode", o.Task)
			}
			if o.Parameters, err = g.config.Trainable(); err != nil {
				return nil, err
			}
			for _, value := range values {
				right, err := g.right(ctx, optionText(option, value), trials, seed)
				if err != nil {
					return nil, err
				}
				o.Values, o.Right = append(o.Values, value), append(o.Right, right)
			}
			all = append(all, o)
		}
	}
	return all, nil
}

// optionText returns task options with a value at a path.
func optionText(path string, value float64) json.RawMessage {
	text := fmt.Sprint(value)
	parts := strings.Split(path, ".")
	for i := range parts {
		text = fmt.Sprintf("{%q:%s}", parts[len(parts)-1-i], text)
	}
	return json.RawMessage(text)
}

// right returns the share of trials that the group's agents answer correctly with task options.
func (g *group) right(ctx context.Context, options json.RawMessage, trials int,
	seed uint64) (analysis.Interval, error) {
	var shares []float64
	for _, r := range g.runs {
		other, err := r.WithOptions(options)
		if err != nil {
			return analysis.Interval{}, err
		}
		e, err := other.Evaluate(ctx, trials, seed)
		if err != nil {
			return analysis.Interval{}, err
		}
		shares = append(shares, e.Accuracy)
	}
	if len(shares) > 1 {
		return spread(shares), nil
	}
	low, high := numbers.Wilson(int(math.Round(shares[0]*float64(trials))), trials)
	return analysis.Interval{Point: shares[0], Low: low, High: high}, nil
}

// OverChart draws performance over the values of the option, with intervals.
func OverChart(all []Over) plots.Lines {
	chart := plots.Lines{Title: "Performance over " + all[0].Option, XLabel: all[0].Option,
		YLabel: "share of trials right, greedy"}
	for _, o := range all {
		s := plots.Series{Name: o.Name, X: o.Values}
		for _, i := range o.Right {
			s.Y, s.Low, s.High = append(s.Y, i.Point), append(s.Low, i.Low), append(s.High, i.High)
		}
		chart.Series = append(chart.Series, s)
	}
	return chart
}

// OverTable lists performance over the values of the option.
func OverTable(all []Over) *plots.Table {
	t := &plots.Table{Header: []string{"run", "seeds", all[0].Option, "trials right", "95 % interval"}}
	for _, o := range all {
		for i, r := range o.Right {
			t.Rows = append(t.Rows, []string{o.Name, fmt.Sprint(o.Seeds), fmt.Sprint(o.Values[i]),
				fmt.Sprintf("%.1f %%", 100*r.Point), fmt.Sprintf("%.1f to %.1f %%", 100*r.Low, 100*r.High)})
		}
	}
	return t
}

// groupsOf returns the runs at and below a directory, those that differ only in their seed together.
func groupsOf(dir string) ([]*group, error) {
	dirs, err := lab.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(dirs) == 0 {
		_, err := lab.Open(dir) // which says what is missing
		return nil, err
	}
	return grouped(dirs)
}

// OverNotice returns drqn.SizeNotice of the agents that are compared; empty if there is none.
func OverNotice(over []Over) string {
	var agents []drqn.Sized
	for _, o := range over {
		agents = append(agents, drqn.Sized{Name: o.Name, Task: o.Task, Parameters: o.Parameters})
	}
	return drqn.SizeNotice(agents)
}
