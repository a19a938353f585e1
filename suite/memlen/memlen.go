// Package memlen compares the cells of a suite on the task MemoryLength, by the rules of bsuite's experiment
// memory_len.
package memlen

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"engram/analysis"
	"engram/internal/numbers"
	"engram/plots"
	"engram/suite"
	"engram/tasks"
)

// Task names the task, whose option memory_length the agents of a plan vary.
const Task = "MemoryLength"

// Memory is the result of one cell over all lengths.
type Memory struct {
	Format     int      `json:"format"` // of this JSON: suite.RowFormat
	Cell       string   `json:"cell"`
	Parameters int      `json:"parameters"`
	Lengths    []Length `json:"lengths"` // rising
	Score      float64  `json:"score"`   // share of the lengths that bsuite takes as solved
	// Longest is the greatest length up to which every one was answered at suite.ReachedAt or above at the end, on each
	// seed; 0 where the first was not.
	Longest int `json:"longest"`
	// Times are those of the same lengths, in their order.
	Times []Times `json:"times"`
}

// Times tells how soon the agents of a cell reached suite.ReachedAt at one length, in an evaluation during training.
type Times struct {
	Length  int     `json:"length"`
	Seeds   int     `json:"seeds"`             // finished
	Solved  int     `json:"solved"`            // of them, those that reached it
	Steps   float64 `json:"environment_steps"` // median of those; 0 without any
	Minutes float64 `json:"minutes"`           // likewise
}

// Length is the result of a cell at one length.
type Length struct {
	Length int     `json:"length"`
	Regret float64 `json:"regret"` // over the training episodes, exploration included: 0 always right, 1 guessing
	Lowest float64 `json:"lowest"` // share of the ceiling at the end, the lowest of the seeds: 1 always right, 0 guessing
}

// Compare compares the cells of a suite: all agents of one cell, over their lengths and seeds.
func Compare(dir string, results []suite.Result) ([]Memory, error) {
	byCell := map[string]map[int][]suite.Result{}
	var cells []string // in the plan's order
	for _, r := range results {
		if r.Task != Task {
			continue
		}
		task, err := tasks.NewTask(r.Task, r.Config.TaskOptions)
		if err != nil {
			return nil, err
		}
		cell := r.Config.Cell
		if r.Config.Gated() {
			cell += fmt.Sprintf(", %s gate", r.Config.ForgetGate)
		}
		if byCell[cell] == nil {
			byCell[cell], cells = map[int][]suite.Result{}, append(cells, cell)
		}
		length := task.(*tasks.MemoryLength).Length
		byCell[cell][length] = append(byCell[cell][length], r)
	}
	if len(cells) == 0 {
		return nil, fmt.Errorf("suite %s has no finished run of %s", dir, Task)
	}
	var all []Memory
	for _, cell := range cells {
		m, err := newMemory(cell, byCell[cell])
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func newMemory(cell string, byLength map[int][]suite.Result) (Memory, error) {
	m := Memory{Format: suite.RowFormat, Cell: cell}
	var rows []analysis.MemoryRow
	for length, results := range byLength {
		for _, r := range results {
			m.Parameters, rows = r.Parameters, append(rows, memoryRow(length, r))
		}
	}
	regrets, err := analysis.MemoryRegrets(rows)
	if err != nil {
		return m, err
	}
	if m.Score, err = analysis.MemoryScore(rows); err != nil {
		return m, err
	}
	solved := true
	for _, length := range slices.Sorted(maps.Keys(byLength)) {
		lowest := math.Inf(1)
		for _, r := range byLength[length] {
			lowest = min(lowest, r.Share)
		}
		m.Lengths = append(m.Lengths, Length{length, regrets[length], lowest})
		m.Times = append(m.Times, timesOf(length, byLength[length]))
		if solved = solved && lowest >= suite.ReachedAt; solved {
			m.Longest = length
		}
	}
	return m, nil
}

// timesOf returns the times of a cell's runs at a length.
func timesOf(length int, results []suite.Result) Times {
	t := Times{Length: length, Seeds: len(results)}
	var steps, minutes []float64
	for _, r := range results {
		if !math.IsNaN(r.StepsTo) {
			steps, minutes = append(steps, r.StepsTo), append(minutes, r.MinutesTo)
		}
	}
	if t.Solved = len(steps); t.Solved > 0 {
		t.Steps, t.Minutes = numbers.Median(steps), numbers.Median(minutes)
	}
	return t
}

// TimesTable lays out how soon the cells solve each length: the environment steps, and in brackets the minutes and the
// seeds that did.
func TimesTable(all []Memory) *plots.Table {
	return byLength(all, func(m Memory, set func(length int, text string)) {
		for _, l := range m.Times {
			if l.Solved > 0 {
				set(l.Length, fmt.Sprintf("%.0f (%.1f min; %d of %d)", l.Steps, l.Minutes, l.Solved, l.Seeds))
			} else {
				set(l.Length, fmt.Sprintf("0 of %d", l.Seeds))
			}
		}
	})
}

// byLength lays out cells as columns and lengths as lines, with a dash where fill sets no text.
func byLength(all []Memory, fill func(m Memory, set func(length int, text string))) *plots.Table {
	t := &plots.Table{Header: []string{"memory length"}}
	at := map[int][]string{} // cells of the line, by length
	for i, m := range all {
		t.Header = append(t.Header, fmt.Sprintf("%s (%d parameters)", m.Cell, m.Parameters))
		fill(m, func(length int, text string) {
			if at[length] == nil {
				at[length] = slices.Repeat([]string{"–"}, len(all))
			}
			at[length][i] = text
		})
	}
	for _, length := range slices.Sorted(maps.Keys(at)) {
		t.Rows = append(t.Rows, append([]string{fmt.Sprint(length)}, at[length]...))
	}
	return t
}

// memoryRow counts the right answers of a run's training: each trial pays 1 or -1.
func memoryRow(length int, r suite.Result) analysis.MemoryRow {
	perfect := math.Round((float64(r.Trials) + r.Reward) / 2)
	return analysis.MemoryRow{Length: length, Episode: int(r.Trials), Perfect: int(perfect)}
}

// Table lays out the cells for readers: for each length the regret and, in brackets, the lowest share.
func Table(all []Memory) *plots.Table {
	t := byLength(all, func(m Memory, set func(length int, text string)) {
		for _, l := range m.Lengths {
			set(l.Length, fmt.Sprintf("%.2f (%.3f)", l.Regret, l.Lowest))
		}
	})
	score, longest := []string{"bsuite's score"}, []string{"solved up to length"}
	for _, m := range all {
		score, longest = append(score, fmt.Sprintf("%.2f", m.Score)), append(longest, fmt.Sprint(m.Longest))
	}
	t.Rows = append(t.Rows, score, longest)
	return t
}

// Section compares the cells of a suite for its report: the table, and the regret over the memory lengths.
func Section(dir string, results []suite.Result) (plots.Section, error) {
	all, err := Compare(dir, results)
	chart := plots.Lines{Title: "Regret by memory length", XLabel: "memory length (steps)",
		YLabel:     "regret over the training episodes, relative to guessing",
		References: []plots.Reference{{Name: "solved below", Y: analysis.MemoryThreshold}}}
	for _, m := range all {
		s := plots.Series{Name: m.Cell}
		for _, l := range m.Lengths {
			s.X, s.Y = append(s.X, float64(l.Length)), append(s.Y, l.Regret)
		}
		chart.Series = append(chart.Series, s)
	}
	return plots.Section{Heading: "Memory length", Table: Table(all), Charts: []plots.Chart{chart},
		Text: "bsuite's experiment memory_len: regret over the episodes of training, exploration included; in " +
			"brackets the lowest share of the ceiling at the end."}, err
}
