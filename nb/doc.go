// Package nb has a call for each job of a notebook's cell: it reads, evaluates and shows runs, suites and studies
// by their directories. Package nb/train beside it has those that train. Nothing is in either that the library does
// not do.
//
// A call that fails ends the cell with one line on standard error that names the remedy, and with exit code 1, so that
// a notebook that is executed as a whole stops there; no trace is printed. Everything lasts in directories: a cell can
// be run again at any time, and training resumes where it was stopped. The stop button ends a cell in good order.
//
//	nb.Compare("runs/a", "runs/b")                                        // learning curves in one picture
//	nb.Eval("runs/a", `{"timing": {"delay": 4000}}`)                      // in another setting of the task
//	nb.EvalOver("timing.delay", []float64{500, 1000, 2000, 4000}, "runs/a") // performance over the delay
//
// The two are apart because a cell that trains links XLA, which costs half a second, and one that looks need not.
package nb
