// Package watch shows the progress of runs from outside: in a terminal, on a local page that updates itself, and in the
// cell of a notebook. It only reads: it takes no lock, holds no file open between two looks, and its memory does not
// grow with a run. Names and errors of runs are escaped for the place where they are shown.
package watch
