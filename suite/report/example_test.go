package report_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"engram/suite/report"
)

// The page of a suite's archive is one file, which opens without a network.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path, err := report.Write("../../results/cells", filepath.Join(dir, "cells.html"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(path))
	// Output: cells.html
}
