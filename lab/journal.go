package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"engram/drqn"
	"engram/internal/durable"
)

// journalFiles are the files of a run that grow line by line.
var journalFiles = []string{metricsFile, evaluationsFile, timingFile}

// journal appends to them what a trainer says of a run.
type journal struct {
	files map[string]*lines
	began time.Time // by which the time of training counts, that of earlier processes included
}

// lines is one file that grows.
type lines struct {
	file *os.File
	size int64
}

// openJournal opens the files as long as they were at a checkpoint, and cuts off what came after: the trainer will
// say it again. Nil sizes are those of a new run.
func openJournal(dir string, sizes map[string]int64, trained time.Duration) (*journal, error) {
	j := &journal{files: map[string]*lines{}, began: time.Now().Add(-trained)}
	for _, name := range journalFiles {
		file, err := durable.Append(filepath.Join(dir, name))
		if err != nil {
			return nil, errors.Join(err, j.close())
		}
		j.files[name] = &lines{file, sizes[name]}
		if err := file.Truncate(sizes[name]); err != nil {
			return nil, errors.Join(err, j.close())
		}
	}
	return j, nil
}

// journalsReach returns an error where a file is shorter than at a checkpoint, so that lines are missing.
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

// trained is how long has been trained.
func (j *journal) trained() time.Duration { return time.Since(j.began) }

// sizes are the lengths of the files.
func (j *journal) sizes() map[string]int64 {
	sizes := map[string]int64{}
	for name, l := range j.files {
		sizes[name] = l.size
	}
	return sizes
}

func (j *journal) metrics(m drqn.Metrics) error {
	m.Member = 0 // of the run, which is its only one
	if err := j.files[metricsFile].append(m); err != nil {
		return err
	}
	return j.files[timingFile].append(Timing{m.Update, j.trained().Seconds()})
}

func (j *journal) evaluation(e drqn.Evaluation) error { return j.files[evaluationsFile].append(e) }

// Other processes see what is written page by page: a line that crosses into the next page could be seen by half. None
// does, for one behind which less than the longest line would be left of a page fills it up.
const (
	page  = 4096
	entry = 512 // bytes of the longest line
)

// padded is a line, to be written behind size bytes, with its end, and before that the spaces that fill the page up:
// JSON allows them.
func padded(line []byte, size int64) []byte {
	if left := page - int(size+int64(len(line))+1)%page; left < entry {
		line = append(line, bytes.Repeat([]byte{' '}, left)...)
	}
	return append(line, '\n')
}

// append writes a value as one line by one write. What is written of a line that fails is taken back.
func (l *lines) append(value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", l.file.Name(), err)
	}
	n, err := l.file.Write(padded(data, l.size))
	if err != nil {
		if n > 0 {
			err = errors.Join(err, l.file.Truncate(l.size))
		}
		return err
	}
	l.size += int64(n)
	return nil
}

// sync flushes the files to the disk.
func (j *journal) sync() error {
	var errs []error
	for _, l := range j.files {
		errs = append(errs, durable.Sync(l.file))
	}
	return errors.Join(errs...)
}

func (j *journal) close() error {
	var errs []error
	for _, l := range j.files {
		errs = append(errs, l.file.Close())
	}
	return errors.Join(errs...)
}
