// Package holds tells over a suite's runs what each agent keeps in mind and where: dimensions of h and of M, what is
// decoded from them while it must be kept, latches, and answers after a wipe (analysis/report.Hold). The results of the
// runs stand in holds.jsonl in the suite's directory, a line for each, and stay when the weights are gone.
package holds

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"engram/analysis/report"
	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/strictjson"
	"engram/lab"
	"engram/lab/record"
	"engram/suite"
)

// File is the name of the file of results in a suite's directory.
const File = "holds.jsonl"

// format is the version of a line; fields are added to it, and none is renamed.
const format = 1

// longest bounds the file in bytes.
const longest = 64 << 20

// Line is the result of one finished run.
type Line struct {
	Format   int     `json:"format"`
	Task     string  `json:"task"`
	Agent    string  `json:"agent"`
	Seed     uint64  `json:"seed"`
	Update   int64   `json:"update"`   // of the weights
	Accuracy float64 `json:"accuracy"` // at the run's end
	report.Held
}

// key identifies the weights of a line.
func (l Line) key() string { return fmt.Sprint(l.Task, "/", l.Agent, "/", l.Seed, "/", l.Update) }

// Read returns the lines of a suite's directory, none if it has no file. A damaged line is an error that names it.
func Read(dir string) ([]Line, error) {
	path := filepath.Join(dir, File)
	data, err := durable.Read(path, longest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var lines []Line
	for n, text := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		var l Line
		if err := strictjson.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w: remove the line, and its run is analysed again", path, n+1, err)
		}
		if l.Format > format {
			return nil, fmt.Errorf("%s, line %d: unknown format %d: use a newer engram than this one, which reads up "+
				"to %d", path, n+1, l.Format, format)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// Fill analyses the finished runs of a suite that have weights and no line yet, over the given number of trials each,
// and writes the file again after each, so that a fill that was stopped is resumed. It tells notice of each run, and
// returns the lines in the order of the plan.
func Fill(ctx context.Context, dir string, trials int, notice func(string)) ([]Line, error) {
	there, err := Read(dir)
	if err != nil {
		return nil, err
	}
	known := map[string]Line{}
	for _, l := range there {
		known[l.key()] = l
	}
	_, results, err := suite.Results(dir)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for _, r := range results {
		path := filepath.Join(dir, r.String())
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) { // packed, without weights
			lines = append(lines, withoutWeights(there, r.Assignment)...)
			continue
		}
		run, err := lab.Open(path)
		if err != nil {
			return nil, err
		}
		line := Line{Format: format, Task: r.Task, Agent: r.Agent, Seed: r.Seed, Accuracy: run.About.Result.Accuracy}
		var policy *drqn.Policy
		if policy, line.Update, err = run.Policy(); err != nil {
			return nil, err
		}
		if done, has := known[line.key()]; has {
			lines = append(lines, done)
			continue
		}
		if err := durable.Writable(filepath.Join(dir, File)); err != nil {
			return nil, err
		}
		other := func(options json.RawMessage) (*drqn.Policy, error) {
			p, _, err := record.Policy(run, "last", options)
			return p, err
		}
		held, err := report.Hold(ctx, policy, other, report.Options{Trials: trials, Seed: 1})
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", r.Assignment, err)
		}
		line.Held = *held
		lines = append(lines, line)
		if err := write(dir, lines, there); err != nil {
			return nil, err
		}
		notice(fmt.Sprintf("%s: %d trials analysed", r.Assignment, trials))
	}
	return lines, nil
}

// withoutWeights returns the lines of a run, which are kept as they are.
func withoutWeights(lines []Line, of suite.Assignment) (kept []Line) {
	for _, l := range lines {
		if l.Task == of.Task && l.Agent == of.Agent && l.Seed == of.Seed {
			kept = append(kept, l)
		}
	}
	return kept
}

// write writes the lines, followed by those of earlier that are not among them.
func write(dir string, lines, earlier []Line) error {
	written := map[string]bool{}
	var data []byte
	for _, l := range slices.Concat(lines, earlier) {
		if written[l.key()] {
			continue
		}
		written[l.key()] = true
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		data = append(append(data, text...), '\n')
	}
	return durable.ReplaceBytes(filepath.Join(dir, File), data)
}

// group returns the lines of each task and agent, in order.
func group(lines []Line) (groups [][]Line) {
	place := map[string]int{}
	for _, l := range lines {
		name := l.Task + "/" + l.Agent
		i, known := place[name]
		if !known {
			i = len(groups)
			place[name], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], l)
	}
	return groups
}

// values returns a number of each line that has it.
func values(lines []Line, of func(Line) *float64) (list []float64) {
	for _, l := range lines {
		if v := of(l); v != nil {
			list = append(list, *v)
		}
	}
	return list
}

// spread formats the median of numbers, and the least and the greatest if there are several.
func spread(format string, list []float64) string {
	if len(list) == 0 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(list))
	middle := (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	text := fmt.Sprintf(format, middle)
	if len(sorted) > 1 {
		text += fmt.Sprintf(" ("+format+" to "+format+")", sorted[0], sorted[len(sorted)-1])
	}
	return text
}
