package nb

import "engram/plots/notebook"

// Check ends the cell if there is an error, with one line on standard error and exit code 1 (see notebook.Check).
func Check(err error) { notebook.Check(err) }

// Must returns the value of a call that may fail, and ends the cell as Check does if it did:
//
//	run := nb.Must(lab.Open("runs/a"))
func Must[T any](value T, err error) T { return notebook.Must(value, err) }

// Cell does a job of a cell. Its error ends the cell as Check does, and so does the panic of a chart that cannot be
// drawn.
func Cell(job func() error) { notebook.Do(job) }
