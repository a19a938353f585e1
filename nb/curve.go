package nb

import (
	"errors"
	"fmt"

	"engram/compare"
	"engram/lab/watch"
	"engram/plots/notebook"
)

// Curve shows the progress of a run: its reward, loss and gradient norm over updates, or of several runs their greedy
// evaluations in one chart. While a run trains elsewhere the charts move, until it has ended or the stop button is
// pressed.
func Curve(dirs ...string) {
	Cell(func() error {
		if len(dirs) == 0 {
			return errors.New("nothing to draw: name the directory of a run, nb.Curve(\"runs/a\")")
		}
		ctx, stop := notebook.Interruptible()
		defer stop()
		return watch.Cell(ctx, dirs...)
	})
}

// Compare shows the learning curves of finished or running runs, suites and studies in one picture, with bands over
// seeds, and a table of what they came to (see compare.Read).
func Compare(dirs ...string) {
	Cell(func() error {
		if len(dirs) == 0 {
			return errors.New("nothing to compare: name directories, nb.Compare(\"runs/a\", \"runs/b\")")
		}
		curves, err := compare.Read(dirs...)
		if err != nil {
			return err
		}
		for _, chart := range compare.Charts(curves) {
			notebook.Show(chart)
		}
		notebook.ShowTable(compare.Table(curves))
		if notice := compare.Notice(curves); notice != "" {
			fmt.Println(notice)
		}
		return nil
	})
}
