package sweep

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"strconv"
	"time"

	"engram/internal/plain"
)

// WriteCSV writes a row for each trial that was begun, in order, with its values and its result. Numbers keep their
// full precision, and a missing value is an empty cell.
func (r *Reader) WriteCSV(w io.Writer) error {
	trials, err := r.Trials()
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	header := []string{"trial", "state", "value", "step", "score", "seconds", "memory_mb", "attempts", "host", "began",
		"ended", "reason"}
	for _, p := range r.Study.Space {
		header = append(header, p.Name)
	}
	errs := []error{out.Write(plain.Record(header))}
	for _, t := range trials {
		errs = append(errs, out.Write(plain.Record(r.csvRow(t))))
	}
	out.Flush()
	return errors.Join(append(errs, out.Error())...)
}

func (r *Reader) csvRow(t Trial) []string {
	ended := ""
	if t.Ended != nil {
		ended = t.Ended.Format(time.RFC3339Nano)
	}
	row := []string{strconv.Itoa(t.Trial), string(t.State), number(t.Value), strconv.FormatInt(t.Step, 10),
		number(t.Score), number(&t.Seconds), number(&t.MemoryMB),
		strconv.Itoa(t.Attempts), t.Host, t.Began.Format(time.RFC3339Nano), ended, t.Reason}
	for i, p := range r.Study.Space {
		text := ""
		if !math.IsNaN(t.Point[i]) {
			text = p.Text(t.Point[i])
		}
		row = append(row, text)
	}
	return row
}

// number returns the text of a number, which is empty where the number is missing.
func number(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}
