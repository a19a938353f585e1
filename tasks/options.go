package tasks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"engram/internal/numbers"
	"engram/internal/plain"
	"engram/internal/strictjson"
)

// configure changes the options of a Task or an Env to those of a JSON object, and refuses what nobody can act by.
func configure(made any, options json.RawMessage) error {
	err := readOptions(options, made)
	if checked, ok := made.(interface{ Check() error }); ok && err == nil {
		err = checked.Check()
	}
	if task, ok := made.(Task); ok && err == nil {
		err = checkTask(task)
	}
	if err != nil {
		return fmt.Errorf("options: %w", err)
	}
	if env, ok := made.(Env); ok {
		return checkSpec(env.Spec())
	}
	return nil
}

// longestTrial bounds the memory of a trial.
const longestTrial = 100_000

// checkTask refuses a task of impossible trials.
func checkTask(task Task) error {
	if steps := task.Spec().MaxTrialSteps; steps < 1 || steps > longestTrial {
		return fmt.Errorf("a trial would have %d steps: use a timing and a dt that give 1 to %d", steps, longestTrial)
	}
	if c := task.Ceiling(); !numbers.Finite(c) {
		return fmt.Errorf("the best reward per trial would be %v: use options that make it a number", c)
	}
	return nil
}

// checkSpec refuses descriptions that no agent can act by.
func checkSpec(s Spec) error {
	switch {
	case len(s.Observations) == 0 || len(s.Actions) == 0:
		return fmt.Errorf("invalid Spec of %d observations and %d actions: use 1 or more of each", len(s.Observations),
			len(s.Actions))
	case s.MaxTrialSteps < 0 || s.StepMillis < 0:
		return fmt.Errorf("invalid Spec of %d steps of %d ms: use 0 where they are not known", s.MaxTrialSteps,
			s.StepMillis)
	}
	return nil
}

// readOptions changes the options of a task or an environment to those of a JSON object; empty text changes nothing.
// It is stricter than encoding/json: a name is spelled as it is listed and stands once, a value has the option's own
// form, and null is none. An error names the option in the words of who wrote it.
func readOptions(data json.RawMessage, of any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	value := reflect.ValueOf(of)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("this task takes none")
	}
	return readStruct("", data, value.Elem())
}

// readStruct reads an object into a struct's fields; path is the name of the option that it is, empty for all options.
func readStruct(path string, data json.RawMessage, into reflect.Value) error {
	members, err := readObject(path, data)
	if err != nil {
		return err
	}
	fields := optionFields(into)
	for _, m := range members {
		f, err := findField(fields, path, m.Name)
		if err != nil {
			return err
		}
		if err := readValue(within(path, m.Name), f.Tag.Get("unit"), m.Value, f.value); err != nil {
			return err
		}
	}
	return nil
}

// findField returns the field of a name; an unknown name's error lists the known ones.
func findField(fields []optionField, path, name string) (optionField, error) {
	var names []string
	for _, f := range fields {
		if f.name == name {
			return f, nil
		}
		names = append(names, f.name)
	}
	hint := ""
	for _, n := range names {
		if strings.EqualFold(n, name) {
			hint = fmt.Sprintf(" (did you mean %s?)", n)
		}
	}
	return optionField{}, fmt.Errorf("option %q does not exist%s: use one of %s",
		within(path, name), hint, strings.Join(names, ", "))
}

// readValue reads one value. unit is of a number, for the words of an error.
func readValue(path, unit string, data json.RawMessage, into reflect.Value) error {
	if string(data) == "null" {
		return fmt.Errorf("%s: null is no value: leave it out, or write %s", path, wanted(into.Type(), unit))
	}
	if reader, ok := into.Addr().Interface().(json.Unmarshaler); ok {
		if err := reader.UnmarshalJSON(data); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
	wrong := fmt.Errorf("%s: %s, not %s", path, wanted(into.Type(), unit), quote(data))
	switch into.Kind() {
	case reflect.Struct:
		return readStruct(path, data, into)
	case reflect.Map:
		return readMap(path, unit, data, into)
	case reflect.Slice, reflect.Array:
		return readList(path, unit, data, into, wrong)
	case reflect.Float32, reflect.Float64:
		if !isNumber(data) {
			return wrong
		}
		x, err := strconv.ParseFloat(string(data), into.Type().Bits())
		if err != nil {
			return fmt.Errorf("%s: %s is too large a number", path, quote(data))
		}
		into.SetFloat(x)
		return nil
	}
	if json.Unmarshal(data, into.Addr().Interface()) != nil {
		return wrong
	}
	return nil
}

// readMap sets the entries of an object in a map with names; others stay as they are.
func readMap(path, unit string, data json.RawMessage, into reflect.Value) error {
	members, err := readObject(path, data)
	if err != nil {
		return err
	}
	if into.IsNil() {
		into.Set(reflect.MakeMap(into.Type()))
	}
	for _, m := range members {
		entry := reflect.New(into.Type().Elem()).Elem()
		if err := readValue(within(path, m.Name), unit, m.Value, entry); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(m.Name).Convert(into.Type().Key()), entry)
	}
	return nil
}

// readList reads a list, which replaces the one that was there; an array takes as many items as it has.
func readList(path, unit string, data json.RawMessage, into reflect.Value, wrong error) error {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return wrong
	}
	if into.Kind() == reflect.Array {
		if len(items) != into.Len() {
			return wrong
		}
	} else {
		into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
	}
	for i, item := range items {
		if err := readValue(fmt.Sprintf("%s: item %d", path, i+1), unit, item, into.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// readObject returns the members of an object in their order; a name that stands twice is an error.
func readObject(path string, data json.RawMessage) ([]strictjson.Member, error) {
	members, err := strictjson.Members(data)
	var doubled strictjson.Doubled
	switch {
	case errors.As(err, &doubled):
		return nil, fmt.Errorf("option %q stands twice: write it once", within(path, doubled.Name))
	case errors.Is(err, strictjson.ErrNoObject):
		return nil, fmt.Errorf("%san object such as %s, not %s", prefix(path), exampleOf(path), quote(data))
	case err != nil:
		return nil, fmt.Errorf("%s%w", prefix(path), err)
	}
	return members, nil
}

// exampleOf returns an object that could stand at path.
func exampleOf(path string) string {
	switch path {
	case "":
		return `{"timing":{"delay":1000}}`
	case "timing":
		return `{"delay":1000}`
	}
	return `{"NAME":VALUE}`
}

// optionField is a field of a struct of options.
type optionField struct {
	reflect.StructField
	name  string // in JSON
	value reflect.Value
}

// optionFields returns the fields that JSON sees, those of embedded structs among them, in their order.
func optionFields(v reflect.Value) (fields []optionField) {
	for i := range v.NumField() {
		f, inner := v.Type().Field(i), reflect.Indirect(v.Field(i))
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			fields = append(fields, optionFields(inner)...)
		case f.IsExported() && name != "-":
			if name == "" {
				name = f.Name
			}
			fields = append(fields, optionField{f, name, v.Field(i)})
		}
	}
	return fields
}

// wanted describes the form that a value of a type has.
func wanted(t reflect.Type, unit string) string {
	of := ""
	if unit != "" && !strings.HasPrefix(unit, "per") { // percent, per square root of a ms
		of = " of " + unit
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number" + of
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number" + of + ", 0 or more"
	case reflect.Float32, reflect.Float64:
		return "a number" + of
	case reflect.String:
		return "a text in quotes"
	case reflect.Array:
		return fmt.Sprintf("a list of %d, each %s", t.Len(), wanted(t.Elem(), unit))
	case reflect.Slice:
		return "a list, each " + wanted(t.Elem(), unit)
	}
	if t == reflect.TypeFor[Duration]() {
		return "a number" + of + ", a list of them, " + otherDurations
	}
	return "an object"
}

func isNumber(data json.RawMessage) bool {
	return json.Unmarshal(data, new(json.Number)) == nil && data[0] != '"'
}

// quote formats JSON for an error: on one line, and cut.
func quote(data json.RawMessage) string {
	text := []rune(strings.Join(strings.Fields(string(data)), " "))
	if len(text) > 40 {
		return string(text[:40]) + "…"
	}
	return string(text)
}

// within returns the name of a member of path.
func within(path, name string) string {
	if path == "" {
		return plain.Text(name)
	}
	return path + "." + plain.Text(name)
}

// prefix returns the path as the beginning of an error about its value.
func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}
