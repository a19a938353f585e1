package tasks

import (
	"encoding/json"
	"reflect"
	"slices"
)

// Option describes an option of a task.
type Option struct {
	// Name is as in JSON; a dot stands for an object within: timing.delay is {"timing":{"delay":...}}.
	Name    string          `json:"name"`
	Type    string          `json:"type"` // such as "a whole number of ms"
	Default json.RawMessage `json:"default"`
	Unit    string          `json:"unit,omitempty"`
	Range   string          `json:"range,omitempty"`
	Help    string          `json:"help,omitempty"`
}

// Options returns a task's options with their values, in the order in which the task declares them: the fields that
// NewTask reads. Units, ranges and help come from the tags of the task's fields.
func Options(task Task) []Option {
	value := reflect.Indirect(reflect.ValueOf(task))
	if value.Kind() != reflect.Struct {
		return nil
	}
	var periods []string
	if b, ok := task.(interface{ periods() []string }); ok {
		periods = b.periods()
	}
	return describe("", periods, value)
}

func (b *Base) periods() []string { return b.order }

// describe returns the options of a struct. periods is the order of the periods of a timing.
func describe(path string, periods []string, v reflect.Value) (all []Option) {
	for _, f := range optionFields(v) {
		name, unit := within(path, f.name), f.Tag.Get("unit")
		switch {
		case f.Type == reflect.TypeFor[map[string]Duration]():
			timing := f.value.Interface().(map[string]Duration)
			for _, period := range periods {
				all = append(all, option(f, within(name, period), unit, reflect.ValueOf(timing[period])))
			}
		case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[Duration]():
			all = append(all, describe(name, periods, f.value)...)
		default:
			all = append(all, option(f, name, unit, f.value))
		}
	}
	return all
}

func option(f optionField, name, unit string, value reflect.Value) Option {
	initial, err := json.Marshal(value.Interface())
	if err != nil || slices.Equal(initial, []byte("null")) {
		initial = nil
	}
	return Option{name, wanted(value.Type(), unit), initial, unit, f.Tag.Get("range"), f.Tag.Get("help")}
}
