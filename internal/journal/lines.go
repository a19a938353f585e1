package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"engram/internal/durable"
	"engram/internal/strictjson"
)

// longestLine bounds a line that is read, so that a damaged file does not fill the memory.
const longestLine = 64 << 10

// Lines reads a JSONL file while another process appends to it: each call of Next reads the lines that are new.
// Between calls it holds no file open, and its memory does not grow.
type Lines[T any] struct {
	Path   string
	offset int64  // after the last line read
	count  int    // lines read
	tail   []byte // the last bytes read, up to offset
}

// tailBytes is the length of the tail that Next compares with the file, to see whether it is still the one it read.
const tailBytes = 1024

// Next calls each with every new whole line, in order. It leaves a last line without newline, such as a killed process
// may leave. If the file no longer begins with what was read, because its run resumed from a checkpoint, Next calls
// again, which may be nil, and reads from the beginning. A line that does not decode as T is an error that names it,
// now and in later calls, until the line is replaced.
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
	buffer := int(min(fresh+1, longestLine)) // a line within the limit does not fill it
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
			err = strictjson.Unmarshal(line, &value)
		} else if errors.Is(err, bufio.ErrBufferFull) {
			err = fmt.Errorf("more than %d bytes", longestLine)
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

// asRead reports whether the file's bytes before offset still are the tail that was read.
func (l *Lines[T]) asRead(file io.ReaderAt) bool {
	there := make([]byte, len(l.tail))
	_, err := file.ReadAt(there, l.offset-int64(len(there)))
	return (err == nil || err == io.EOF) && bytes.Equal(there, l.tail)
}

// All reads the whole lines that are there.
func (l *Lines[T]) All() ([]T, error) {
	var values []T
	err := l.Next(nil, func(value T) { values = append(values, value) })
	return values, err
}
