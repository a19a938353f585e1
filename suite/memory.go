package suite

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"engram/analysis"
	"engram/plots"
	"engram/tasks"
)

// memoryTask is bsuite's, whose option memory_length a plan's agents vary.
const memoryTask = "MemoryLength"

// Memory is what came of one cell on MemoryLength, by bsuite's rules for its experiment memory_len.
type Memory struct {
	Format     int            `json:"format"` // of this JSON: RowFormat
	Cell       string         `json:"cell"`
	Parameters int            `json:"parameters"`
	Lengths    []MemoryLength `json:"lengths"` // rising
	Score      float64        `json:"score"`   // share of the lengths that bsuite takes as solved
	// Longest is the greatest length up to which every one was answered at ReachedAt or above at the end, on each seed;
	// 0 where the first was not.
	Longest int `json:"longest"`
}

// MemoryLength is one length of it.
type MemoryLength struct {
	Length int     `json:"length"`
	Regret float64 `json:"regret"` // over the training episodes, exploration included: 0 always right, 1 guessing
	Lowest float64 `json:"lowest"` // share of the ceiling at the end, the lowest of the seeds: 1 always right, 0 guessing
}

// MemoryLengths compares the cells of a suite on MemoryLength: all agents of one cell, over their lengths and seeds.
func MemoryLengths(dir string, results []Result) ([]Memory, error) {
	byCell := map[string]map[int][]Result{}
	var cells []string // in the plan's order
	for _, r := range results {
		if r.Task != memoryTask {
			continue
		}
		task, err := tasks.NewTask(r.Task, r.Config.TaskOptions)
		if err != nil {
			return nil, err
		}
		cell := r.Config.Cell
		if byCell[cell] == nil {
			byCell[cell], cells = map[int][]Result{}, append(cells, cell)
		}
		length := task.(*tasks.MemoryLength).Length
		byCell[cell][length] = append(byCell[cell][length], r)
	}
	if len(cells) == 0 {
		return nil, fmt.Errorf("suite %s has no finished run of %s", dir, memoryTask)
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

func newMemory(cell string, byLength map[int][]Result) (Memory, error) {
	m := Memory{Format: RowFormat, Cell: cell}
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
		m.Lengths = append(m.Lengths, MemoryLength{length, regrets[length], lowest})
		if solved = solved && lowest >= ReachedAt; solved {
			m.Longest = length
		}
	}
	return m, nil
}

// memoryRow counts the right answers of a run's training: each trial pays 1 or -1.
func memoryRow(length int, r Result) analysis.MemoryRow {
	perfect := math.Round((float64(r.Trials) + r.Reward) / 2)
	return analysis.MemoryRow{Length: length, Episode: int(r.Trials), Perfect: int(perfect)}
}

// MemoryText is the table of cells for readers: for each length the regret and, in brackets, the lowest share.
func MemoryText(all []Memory) *plots.Table {
	t := &plots.Table{Header: []string{"memory length"}}
	at := map[int][]string{} // cells of the line, by length
	for i, m := range all {
		t.Header = append(t.Header, fmt.Sprintf("%s (%d parameters)", m.Cell, m.Parameters))
		for _, l := range m.Lengths {
			if at[l.Length] == nil {
				at[l.Length] = slices.Repeat([]string{"–"}, len(all))
			}
			at[l.Length][i] = fmt.Sprintf("%.2f (%.3f)", l.Regret, l.Lowest)
		}
	}
	for _, length := range slices.Sorted(maps.Keys(at)) {
		t.Rows = append(t.Rows, append([]string{fmt.Sprint(length)}, at[length]...))
	}
	score, longest := []string{"bsuite's score"}, []string{"solved up to length"}
	for _, m := range all {
		score, longest = append(score, fmt.Sprintf("%.2f", m.Score)), append(longest, fmt.Sprint(m.Longest))
	}
	t.Rows = append(t.Rows, score, longest)
	return t
}

// memorySection draws the regret over the memory lengths.
func memorySection(all []Memory) plots.Section {
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
	return plots.Section{Heading: "Memory length", Table: MemoryText(all), Charts: []plots.Chart{chart},
		Text: "bsuite's experiment memory_len: regret over the episodes of training, exploration included; in brackets the lowest share of the ceiling at the end."}
}
