package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"

	"github.com/jszwec/csvutil"

	"engram/internal/plain"
	"engram/lab"
)

// csvFiles are a table for each of the run's JSONL files, with the same names of columns.
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

// table has a header and a row for each value; numbers read back exactly.
func table[Row any](name string, rows []Row) (file, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	encoder := csvutil.NewEncoder(w)
	encoder.Tag, encoder.AutoHeader = "json", false
	encoder.WithMarshalers(csvutil.MarshalFunc(func(s string) ([]byte, error) { return []byte(plain.Cell(plain.Text(s))), nil }))
	if err := encoder.EncodeHeader(*new(Row)); err != nil {
		return file{}, fmt.Errorf("%s: %w", name, err)
	}
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return file{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	w.Flush()
	return file{name: name, data: out.Bytes()}, w.Error()
}
