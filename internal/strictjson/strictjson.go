// Package strictjson decodes JSON that people write: a misspelt field or text after the value is an error.
package strictjson

import (
	"encoding/json"
	"errors"
	"io"
)

// Decode reads one JSON value over base and returns the result: a field that the text leaves out keeps its value. A
// field that T does not have, or text after the value, is an error.
func Decode[T any](r io.Reader, base T) (T, error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&base); err != nil {
		return base, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return base, errors.New("there is text after the JSON object")
	}
	return base, nil
}
