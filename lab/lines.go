package lab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"engram/drqn"
	"engram/internal/durable"
)

// longestLine bounds a line of a JSONL file, so that one that was altered does not fill the memory.
const longestLine = 64 << 10

// Lines reads a JSONL file while another process appends to it: each call of Next reads the lines that are new.
// Between calls it holds no file open, and its memory does not grow.
type Lines[T any] struct {
	Path   string
	offset int64  // behind the last line that was read
	count  int    // of lines read
	tail   []byte // the newest bytes that were read, up to offset
}

// tailBytes is how much of what was read is kept, to see whether the file is still the one that was read.
const tailBytes = 1024

// Next calls each with every whole line that is new, in order. A last line without its end, which a process that was
// killed may leave, is left. Where the file no longer has what was read, as when a run went on from a checkpoint, it
// calls again, which may be nil, and reads from the beginning. A line that is no T is an error that names it, now and
// in later calls, until it is replaced.
func (l *Lines[T]) Next(again func(), each func(T)) error {
	file, err := durable.Open(l.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < l.offset || !l.asRead(file) {
		l.offset, l.count, l.tail = 0, 0, nil
		if again != nil {
			again()
		}
	}
	fresh := info.Size() - l.offset
	if fresh == 0 {
		return nil
	}
	buffer := int(min(fresh+1, longestLine)) // which a line that is no longer than that does not fill
	return l.read(bufio.NewReaderSize(io.NewSectionReader(file, l.offset, fresh), buffer), each)
}

func (l *Lines[T]) read(r *bufio.Reader, each func(T)) error {
	for {
		line, err := r.ReadSlice('\n')
		if err == io.EOF {
			return nil
		}
		var value T
		if err == nil {
			err = json.Unmarshal(line, &value)
		} else if errors.Is(err, bufio.ErrBufferFull) {
			err = fmt.Errorf("it is longer than %d bytes", longestLine)
		}
		if err != nil {
			return fmt.Errorf("%s, line %d is not as it was written: %w", l.Path, l.count+1, err)
		}
		l.offset, l.count = l.offset+int64(len(line)), l.count+1
		l.tail = append(l.tail, line...)
		l.tail = append(l.tail[:0], l.tail[max(0, len(l.tail)-tailBytes):]...)
		each(value)
	}
}

// asRead reports whether the file's bytes before offset are those that were read.
func (l *Lines[T]) asRead(file io.ReaderAt) bool {
	there := make([]byte, len(l.tail))
	_, err := file.ReadAt(there, l.offset-int64(len(there)))
	return (err == nil || err == io.EOF) && bytes.Equal(there, l.tail)
}

// all are the whole lines there are.
func (l *Lines[T]) all() ([]T, error) {
	var values []T
	err := l.Next(nil, func(value T) { values = append(values, value) })
	return values, err
}

// FollowMetrics is for reading the run's metrics as they come.
func (r *Run) FollowMetrics() *Lines[drqn.Metrics] {
	return &Lines[drqn.Metrics]{Path: filepath.Join(r.Dir, metricsFile)}
}

// FollowEvaluations is for reading the run's greedy evaluations as they come.
func (r *Run) FollowEvaluations() *Lines[drqn.Evaluation] {
	return &Lines[drqn.Evaluation]{Path: filepath.Join(r.Dir, evaluationsFile)}
}

// FollowTiming is for reading when reports were made, as they come.
func (r *Run) FollowTiming() *Lines[Timing] {
	return &Lines[Timing]{Path: filepath.Join(r.Dir, timingFile)}
}

// Metrics reads the run's metrics.
func (r *Run) Metrics() ([]drqn.Metrics, error) { return r.FollowMetrics().all() }

// Evaluations reads the run's greedy evaluations.
func (r *Run) Evaluations() ([]drqn.Evaluation, error) { return r.FollowEvaluations().all() }

// Timing reads when the run's reports were made.
func (r *Run) Timing() ([]Timing, error) { return r.FollowTiming().all() }
