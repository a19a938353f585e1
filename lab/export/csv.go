package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"

	"github.com/jszwec/csvutil"

	"engram/drqn"
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
	e, errE := table("evals.csv", evaluationRows(l.evaluations))
	t, errT := table("timing.csv", l.timing)
	return []file{m, e, t}, errors.Join(errM, errE, errT)
}

// evaluationRow has 0 and 1 for the marks of an evaluation: a column of numbers in every reader.
type evaluationRow struct {
	drqn.Evaluation
	Confirmation int `json:"confirmation"`
	Final        int `json:"final"`
}

func evaluationRows(evaluations []drqn.Evaluation) []evaluationRow {
	mark := map[bool]int{true: 1}
	var rows []evaluationRow
	for _, e := range evaluations {
		rows = append(rows, evaluationRow{e, mark[e.Confirmation], mark[e.Final]})
	}
	return rows
}

// table has a header and a row for each value; numbers read back exactly.
func table[Row any](name string, rows []Row) (file, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	encoder := csvutil.NewEncoder(w)
	encoder.Tag, encoder.AutoHeader = "json", false
	encoder.WithMarshalers(csvutil.MarshalFunc(func(s string) ([]byte,
		error) {
		return []byte(plain.Cell(plain.Text(s))), nil
	}))
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
