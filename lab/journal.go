package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/journal"
)

// journalFiles lists the files of a run that grow line by line.
var journalFiles = []string{metricsFile, evaluationsFile, timingFile}

// journals appends the metrics, evaluations and times that a trainer reports to a run's journal files.
type journals struct {
	files map[string]*journal.Writer
	began time.Time // now less the time trained, that of earlier processes included
}

// openJournals opens the journals at the sizes that they had at a checkpoint and cuts off what follows, which the
// trainer reports again. Nil sizes are those of a new run.
func openJournals(dir string, sizes map[string]int64, trained time.Duration) (*journals, error) {
	j := &journals{files: map[string]*journal.Writer{}, began: time.Now().Add(-trained)}
	for _, name := range journalFiles {
		w, err := journal.Open(filepath.Join(dir, name), sizes[name])
		if err != nil {
			return nil, errors.Join(err, j.close())
		}
		w.Paged = true
		j.files[name] = w
	}
	return j, nil
}

// journalsReach returns an error if a journal is shorter than it was at a checkpoint, so that lines are missing.
func journalsReach(dir string, sizes map[string]int64) error {
	for _, name := range journalFiles {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return durable.NotRegular{Path: path, Mode: info.Mode()}
		}
		if info.Size() < sizes[name] {
			return fmt.Errorf("%s has %d bytes of the %d that it had then: it was cut", path, info.Size(), sizes[name])
		}
	}
	return nil
}

// trained returns the time trained so far.
func (j *journals) trained() time.Duration { return time.Since(j.began) }

// sizes returns the length of each journal in bytes.
func (j *journals) sizes() map[string]int64 {
	sizes := map[string]int64{}
	for name, w := range j.files {
		sizes[name] = w.Size()
	}
	return sizes
}

func (j *journals) metrics(m drqn.Metrics) error {
	m.Member = 0 // a run has one member
	if err := j.files[metricsFile].Append(m); err != nil {
		return err
	}
	return j.files[timingFile].Append(Timing{m.Update, j.trained().Seconds()})
}

func (j *journals) evaluation(e drqn.Evaluation) error { return j.files[evaluationsFile].Append(e) }

// sync flushes the journals to the disk.
func (j *journals) sync() error {
	var errs []error
	for _, w := range j.files {
		errs = append(errs, w.Flush())
	}
	return errors.Join(errs...)
}

func (j *journals) close() error {
	var errs []error
	for _, w := range j.files {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}
