// Package strictjson decodes JSON and ignores nothing silently.
package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// Decode reads one JSON object over base and returns the result: what the text leaves out stays as base has it. A field
// that T does not have, or text after the object, is an error. The caller bounds r.
func Decode[T any](r io.Reader, base T) (T, error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&base); err != nil {
		return base, inWords(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return base, errors.New("there is text after the JSON object")
	}
	return base, nil
}

// inWords returns an error of the wrong type in the words of who wrote the file, without Go's types.
func inWords(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) || wrong.Field == "" {
		return err
	}
	want := "another kind of value"
	switch k := wrong.Type.Kind(); {
	case k == reflect.String:
		want = "a text"
	case k == reflect.Bool:
		want = "true or false"
	case k >= reflect.Int && k <= reflect.Uint64:
		want = fmt.Sprintf("a whole number that fits into %d bits", wrong.Type.Bits())
	case k == reflect.Float32 || k == reflect.Float64:
		want = "a number"
	}
	return fmt.Errorf("invalid %s, a %s: use %s", wrong.Field, wrong.Value, want)
}
