// Package strictjson decodes JSON and ignores nothing silently.
package strictjson

import (
	"encoding/json"
	"errors"
	"io"
)

// Decode reads one JSON object over base and returns the result: what the text leaves out stays as base has it. A field
// that T does not have, or text after the object, is an error. The caller bounds r.
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
