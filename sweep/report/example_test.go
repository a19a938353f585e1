package report_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"engram/sweep"
	"engram/sweep/report"
	"engram/sweep/search"
)

// The report of a study is one HTML file in its directory.
func ExampleWrite() {
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	dir, err := os.MkdirTemp("", "report-example-")
	check(err)
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "study")
	check(sweep.Create(dir, sweep.Study{Goal: sweep.Goal{Kind: "function", Function: "branin"},
		Sampler: search.Method{Kind: "random"}, Trials: 5}))
	check(sweep.Work(context.Background(), dir, sweep.Options{}))
	r, err := sweep.Open(dir)
	check(err)
	path, err := report.Write(r, "")
	check(err)
	fmt.Println(filepath.Base(path))
	// Output: report.html
}
