package export

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"engram/internal/durable"
)

// grow writes data to the newest file of a series, PATH, PATH.0002, PATH.0003 ..., and returns its path. TensorBoard
// keeps such a file open and reads on from where it was. So grow appends the new part if the file holds the beginning
// of data. If it holds something else, because the run resumed from a checkpoint and lines were taken back, grow begins
// the next file of the series, whose name sorts after it. The earlier files stay, because a TensorBoard that has one
// open never leaves a file that is gone; the beginning of the next file makes it drop their values.
func grow(path string, data []byte) (string, error) {
	series, err := seriesOf(path)
	if err != nil {
		return path, err
	}
	if len(series) == 0 {
		return path, durable.ReplaceBytes(path, data)
	}
	newest := series[len(series)-1]
	appended, err := appendRest(newest, data)
	if err != nil || appended {
		return newest, err
	}
	next := nextOf(path, newest)
	return next, durable.ReplaceBytes(next, data)
}

// seriesOf lists the existing files of a series, in order.
func seriesOf(path string) (series []string, err error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		rest, found := strings.CutPrefix(entry.Name(), filepath.Base(path))
		if found && (rest == "" || numberOf(rest) > 1) {
			series = append(series, filepath.Join(filepath.Dir(path), entry.Name()))
		}
	}
	slices.Sort(series)
	return series, nil
}

// numberOf returns the number at the end of a name in a series, or 0 if it has none.
func numberOf(end string) (number int) {
	if n, err := fmt.Sscanf(end, ".%d", &number); err != nil || n != 1 || end != numbered("", number) {
		return 0
	}
	return number
}

func numbered(path string, number int) string { return fmt.Sprintf("%s.%04d", path, number) }

// nextOf returns the path that follows the newest of a series.
func nextOf(path, newest string) string {
	return numbered(path, max(1, numberOf(strings.TrimPrefix(newest, path)))+1)
}

// appendRest appends the part of data that a file lacks. It reports false if the file is not the beginning of data.
func appendRest(path string, data []byte) (appended bool, err error) {
	file, err := durable.Append(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil && !errors.Is(err, syscall.ENOTSUP) {
		return false, &fs.PathError{Op: "lock", Path: path, Err: err} // another export may be appending too
	}
	there, err := durable.Read(path, int64(len(data)))
	var large durable.TooLarge
	switch {
	case errors.As(err, &large):
		return false, nil
	case err != nil:
		return false, err
	case !bytes.HasPrefix(data, there):
		return false, nil
	}
	if _, err := file.Write(data[len(there):]); err != nil {
		return false, errors.Join(err, file.Truncate(int64(len(there))))
	}
	return true, durable.Sync(file)
}
