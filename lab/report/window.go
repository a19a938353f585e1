package report

import (
	"engram/plots"
	"engram/replay"
)

// ReplayStrips draws the windows of a batch, one per row.
func ReplayStrips(title string, b *replay.Batch) plots.Strips {
	chart := plots.Strips{Title: title, XLabel: "step in the window"}
	for i := range b.Size {
		chart.Windows = append(chart.Windows, ReplayCells(b, i))
	}
	return chart
}

// ReplayCells returns the steps of row i of a batch as cells of plots.Strips.
func ReplayCells(b *replay.Batch, i int) []plots.Cell {
	row := b.Rows(i, i+1)
	cells := make([]plots.Cell, b.Steps)
	for t := range cells {
		valid, loss := row.Valid[t] == 1, row.LossMask[t] == 1
		cells[t] = plots.Cell{Episode: int(row.Episodes[0]), Padded: !valid, BurnIn: valid && !loss, Loss: loss,
			Rewarded: row.Rewards[t] != 0}
	}
	return cells
}
