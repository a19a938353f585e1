// Package strictjson reads JSON objects and ignores nothing silently: a field that is unknown, a name that stands twice
// and text after the object are errors. Errors are in the words of who wrote the file.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Decode reads one JSON object over base and returns the result: what the text leaves out stays as base has it. A field
// that T does not have, a name that stands twice in an object, or text after the object, is an error. The caller bounds
// r. A byte order mark, which some editors write, is skipped.
func Decode[T any](r io.Reader, base T) (T, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return base, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := check(data); err != nil {
		return base, err
	}
	names := json.NewDecoder(bytes.NewReader(data))
	names.UseNumber() // of any size: whether it fits is up to T
	if err := once(names); err != nil {
		return base, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return base, nearest[T](inWords(decoder.Decode(&base)))
}

// Unmarshal decodes JSON as encoding/json does, for what a program wrote and a newer one may extend; errors of a wrong
// type are without Go's types.
func Unmarshal(data []byte, into any) error { return inWords(json.Unmarshal(data, into)) }

// Member is a name of an object with its value.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Members returns the members of one JSON object in their order. A name that stands twice is an error (Doubled), and so
// is what is no object (ErrNoObject); objects within are not looked into.
func Members(data []byte) ([]Member, error) {
	if err := check(data); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.Token() // the brace
	var members []Member
	err := eachName(decoder, func(name string) error {
		members = append(members, Member{Name: name})
		return decoder.Decode(&members[len(members)-1].Value)
	})
	return members, err
}

// Doubled is the error of a name that stands twice in an object.
type Doubled struct{ Name string }

func (d Doubled) Error() string { return fmt.Sprintf("%q stands twice: write it once", d.Name) }

// once returns an error if a name stands twice in an object of the value that follows.
func once(decoder *json.Decoder) error {
	token, err := decoder.Token()
	switch token {
	case json.Delim('{'):
		err = eachName(decoder, func(string) error { return once(decoder) })
	case json.Delim('['):
		for err == nil && decoder.More() {
			err = once(decoder)
		}
	default:
		return err
	}
	if err == nil {
		_, err = decoder.Token() // the end of the object or list
	}
	return err
}

// eachName reads an object from behind its first brace: each name by itself, and its value by read.
func eachName(decoder *json.Decoder, read func(name string) error) error {
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		name := token.(string)
		if seen[name] {
			return Doubled{name}
		}
		seen[name] = true
		if err := read(name); err != nil {
			return err
		}
	}
	return nil
}

// inWords returns an error of encoding/json of the wrong type without Go's types, and any other error as it is.
func inWords(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	value := article(wrong.Value)
	if wrong.Field == "" {
		return fmt.Errorf("invalid value, %s: use %s", value, wanted(wrong.Type))
	}
	return fmt.Errorf("invalid %s, %s: use %s", wrong.Field, value, wanted(wrong.Type))
}

// wanted describes the values of a type.
func wanted(t reflect.Type) string {
	switch k := t.Kind(); {
	case k == reflect.String:
		return "a text"
	case k == reflect.Bool:
		return "true or false"
	case k >= reflect.Int && k <= reflect.Uint64:
		return wholeNumber(t)
	case k == reflect.Float32 || k == reflect.Float64:
		return "a number"
	case k == reflect.Slice || k == reflect.Array:
		return `a list in brackets, such as [VALUE, VALUE]`
	case k == reflect.Struct || k == reflect.Map:
		return `an object in braces, such as {"NAME": VALUE}`
	}
	return "another kind of value"
}

func wholeNumber(t reflect.Type) string {
	number := fmt.Sprintf("a whole number that fits into %d bits", t.Bits())
	if t.Kind() >= reflect.Uint {
		number += ", 0 or more"
	}
	return number
}

// article returns a noun with its article.
func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
