// Package watch shows how runs go, from outside: in a terminal, on a local page that updates itself, and in the cell
// of a notebook. It only reads: it takes no lock, holds no file open between two looks, and its memory does not grow
// with a run. What it shows of names and errors is made harmless for where it is shown.
package watch
