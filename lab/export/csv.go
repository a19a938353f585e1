package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"engram/internal/plain"
	"engram/lab"
)

// csvFiles returns a table for each of the run's JSONL files, whose columns have the names of the JSON fields.
func csvFiles(r *lab.Run) ([]file, error) {
	l, err := linesOf(r)
	if err != nil {
		return nil, err
	}
	m, errM := table("metrics.csv", l.metrics)
	e, errE := table("evals.csv", l.evaluations)
	t, errT := table("timing.csv", l.timing)
	return []file{m, e, t}, errors.Join(errM, errE, errT)
}

// table returns a CSV file with a header and a line for each row.
func table[Row any](name string, rows []Row) (file, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	fields := fieldsOf(reflect.TypeFor[Row]())
	line := make([]string, len(fields))
	for i, f := range fields {
		line[i] = f.name
	}
	err := w.Write(line)
	for _, row := range rows {
		for i, f := range fields {
			line[i] = cell(f.of(reflect.ValueOf(row)))
		}
		err = errors.Join(err, w.Write(line))
	}
	w.Flush()
	if err = errors.Join(err, w.Error()); err != nil {
		return file{}, fmt.Errorf("%s: %w", name, err)
	}
	return file{name: name, data: out.Bytes()}, nil
}

// cell returns the text of a field's value: numbers read back exactly, a bool is 0 or 1, so that every reader finds a
// column of numbers, and a number that JSON omits is empty.
func cell(v reflect.Value, omitted bool) string {
	switch {
	case v.Kind() == reflect.Bool && v.Bool():
		return "1"
	case v.Kind() == reflect.Bool:
		return "0"
	case omitted:
		return ""
	case v.Kind() == reflect.String:
		return plain.Cell(plain.Text(v.String()))
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'G', -1, v.Type().Bits())
	}
	return fmt.Sprint(v)
}
