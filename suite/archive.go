package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"engram/internal/durable"
	"engram/lab"
)

// longestSummary bounds each file that is copied, in bytes: 100,000 evaluations need a third of it.
const longestSummary = 64 << 20

// Archive copies a suite without weights and metrics: the plan, and of each finished run what Results reads. The new
// directory is a suite too.
func Archive(dir, to string) error {
	p, results, err := Results(dir)
	if err != nil {
		return err
	}
	if err := lab.CheckNew(to); err != nil {
		return err
	}
	if err := Create(to, p); err != nil {
		return err
	}
	for _, r := range results {
		for _, name := range lab.SummaryFiles {
			path := filepath.Join(r.Assignment.String(), name)
			data, err := durable.Read(filepath.Join(dir, path), longestSummary)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("suite %s: %s is missing", dir, path)
			}
			if err == nil {
				err = os.MkdirAll(filepath.Dir(filepath.Join(to, path)), 0o777)
			}
			if err == nil {
				err = durable.ReplaceBytes(filepath.Join(to, path), data)
			}
			if err != nil {
				return fmt.Errorf("archive %s: %w", to, err)
			}
		}
	}
	return nil
}
