package drqn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Field describes one hyperparameter. Flags, help texts and tables are generated from it.
type Field struct {
	Name   string // in config.json; flags write - for _
	Help   string // what it is, with unit and range
	Source string // where the default comes from; "-" for engram's own
	Kind   string // string, int, uint, float, bool or json
}

// Fields lists the hyperparameters in the order of Config.
func Fields() []Field { return slices.Clone(fields()) }

// fields reads the tags of Config once.
var fields = sync.OnceValue(func() []Field {
	kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "int", reflect.Uint64: "uint",
		reflect.Float64: "float", reflect.Bool: "bool", reflect.Slice: "json"}
	var all []Field
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		all = append(all, Field{name, f.Tag.Get("help"), f.Tag.Get("source"), kinds[f.Type.Kind()]})
	}
	return all
})

// value returns the named field, to be read or set.
func (c *Config) value(name string) (reflect.Value, error) {
	i := slices.IndexFunc(fields(), func(f Field) bool { return f.Name == name })
	if i < 0 {
		return reflect.Value{}, fmt.Errorf("hyperparameter %q does not exist: use one that 'engram train --help' lists",
			name)
	}
	return reflect.ValueOf(c).Elem().Field(i), nil
}

// Text returns the value of the named hyperparameter in the form that Set reads; empty if there is no such name.
func (c Config) Text(name string) string {
	v, err := c.value(name)
	if err != nil {
		return ""
	}
	raw, ok := v.Interface().(json.RawMessage)
	if !ok {
		return fmt.Sprint(v.Interface())
	}
	var text bytes.Buffer
	if json.Compact(&text, raw) != nil { // a file has it indented
		return string(raw)
	}
	return text.String()
}

// Set sets the named hyperparameter from text. An unknown name or a text of the wrong type is an error and changes
// nothing.
func (c *Config) Set(name, text string) error {
	v, err := c.value(name)
	if err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		err = parse(text, wholeNumber, v.SetInt, "a whole number")
	case reflect.Uint64:
		err = parse(text, wholeNumberFromZero, v.SetUint, "a whole number of 0 or more")
	case reflect.Float64:
		err = parse(text, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }, v.SetFloat, "a number")
	case reflect.Bool:
		err = parse(text, strconv.ParseBool, v.SetBool, "true or false")
	default:
		if !json.Valid([]byte(text)) {
			return fmt.Errorf("%s: %q is not JSON", name, text)
		}
		v.SetBytes([]byte(text))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// mostExact is the largest whole number up to which float64 holds each one.
const mostExact = 1 << 53

// wholeNumber reads digits, or a whole number in another form such as 1e5 or 100000.0.
func wholeNumber(text string) (int64, error) {
	n, err := strconv.Atoi(text)
	if err == nil {
		return int64(n), nil
	}
	x, errFloat := strconv.ParseFloat(text, 64)
	if errFloat != nil || x != math.Trunc(x) || math.Abs(x) > mostExact {
		return 0, err
	}
	return int64(x), nil
}

// wholeNumberFromZero reads a number as wholeNumber does, from 0 to the largest uint64.
func wholeNumberFromZero(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err == nil {
		return n, nil
	}
	x, errWhole := wholeNumber(text)
	if errWhole != nil || x < 0 {
		return 0, err
	}
	return uint64(x), nil
}

func parse[V any](text string, from func(string) (V, error), set func(V), want string) error {
	value, err := from(text)
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%q is too large: use %s that fits into 64 bits", text, want)
	} else if err != nil {
		return fmt.Errorf("%q is not %s", text, want)
	}
	set(value)
	return nil
}

// perMember lists the hyperparameters in which members of one population may differ; the doc of NewTrainer names them.
var perMember = []string{"seed", "eta", "lambda", "lambda_max", "learning_rate", "learning_rate_decay", "gamma",
	"clip_norm", "l1", "target_every", "target_mix", "exploration_start", "exploration_end", "exploration_ladder",
	"exploration_fraction", "stop_at", "stop_at_return"}

// differing returns the first hyperparameter in which two configs differ although members of a population may not;
// empty if they agree.
func differing(a, b Config) string {
	for _, f := range fields() {
		if !PerMember(f.Name) && a.Text(f.Name) != b.Text(f.Name) {
			return f.Name
		}
	}
	return ""
}

// Differences describes in which hyperparameters another config, read from a file, differs from this one; empty if the
// two are equal.
func (c Config) Differences(there Config) string {
	var list []string
	for _, f := range fields() {
		if ours, theirs := c.Text(f.Name), there.Text(f.Name); ours != theirs {
			list = append(list, fmt.Sprintf("%s is %s, not %s", f.Name, theirs, ours))
		}
	}
	return strings.Join(list, ", ")
}

// PerMember reports whether members of one population may differ in the named hyperparameter.
func PerMember(name string) bool { return slices.Contains(perMember, name) }
