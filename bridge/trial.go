package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"engram/tasks"
)

// decodeTrial decodes a worker's description of a trial.
func decodeTrial(text []byte) (about tasks.TrialDescription, err error) {
	var said struct {
		Params  map[string]any `json:"params"`
		Periods []tasks.Period `json:"periods"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&said); err != nil {
		return about, err
	}
	for _, p := range said.Periods {
		if p.Start < 0 || p.End < p.Start {
			return about, fmt.Errorf("period %q has the steps %d to %d", p.Name, p.Start, p.End)
		}
	}
	params := map[string]any{}
	for name, value := range said.Params {
		if params[name], err = decodeParam(value); err != nil {
			return about, fmt.Errorf("%s: %w", name, err)
		}
	}
	return tasks.TrialDescription{Params: params, Periods: said.Periods}, nil
}

// decodeParam returns a parameter as a task of engram has it: a Boolean, int64, float64, text, or a list of numbers,
// which are all float64 if one of them is.
func decodeParam(value any) (any, error) {
	switch v := value.(type) {
	case json.Number:
		return decodeNumber(v)
	case []any:
		var whole []int64
		var reals []float64
		for _, element := range v {
			number, ok := element.(json.Number)
			if !ok {
				return nil, errors.New("a list of other things than numbers")
			}
			decoded, err := decodeNumber(number)
			if err != nil {
				return nil, err
			}
			switch n := decoded.(type) {
			case int64:
				whole, reals = append(whole, n), append(reals, float64(n))
			case float64:
				reals = append(reals, n)
			}
		}
		if len(whole) == len(v) {
			return whole, nil
		}
		return reals, nil
	case map[string]any:
		return nil, errors.New("a dict")
	}
	return value, nil
}

// decodeNumber returns an int64, or a float64 for a number with a point or an exponent, or beyond 64 bits.
func decodeNumber(n json.Number) (any, error) {
	if !strings.ContainsAny(n.String(), ".eE") {
		if whole, err := n.Int64(); err == nil {
			return whole, nil
		}
	}
	return n.Float64()
}
