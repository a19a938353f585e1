package record

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// A condition is one of a trial's parameters, such as its coherence, by the name that its task gives it.

// columns collects the conditions of the trials, one column for each parameter.
type columns struct {
	trials int
	names  []string
	values map[string][]reflect.Value // of each trial
}

// add appends the parameters of a trial: a pointer to a struct with JSON tags, or a map. A parameter that not all
// trials have has no value in the others.
func (c *columns) add(params any) {
	if c.values == nil {
		c.values = map[string][]reflect.Value{}
	}
	each(reflect.ValueOf(params), func(name string, v reflect.Value) {
		if c.values[name] == nil {
			c.names = append(c.names, name)
			c.values[name] = make([]reflect.Value, c.trials)
		}
		c.values[name] = append(c.values[name], copied(v))
	})
	c.trials++
	for name, values := range c.values {
		if len(values) < c.trials {
			c.values[name] = append(values, reflect.Value{})
		}
	}
}

// drop takes back the newest trial.
func (c *columns) drop() {
	c.trials--
	for name, values := range c.values {
		c.values[name] = values[:c.trials]
	}
}

// each calls f for each parameter by its name in JSON.
func each(v reflect.Value, f func(name string, v reflect.Value)) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range reflect.VisibleFields(v.Type()) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.IsExported() && !field.Anonymous && name != "-" {
				if name == "" {
					name = field.Name
				}
				f(name, v.FieldByIndex(field.Index))
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			f(key.String(), v.MapIndex(key))
		}
	}
}

// copied returns a copy of a value that a task uses again for its next trial.
func copied(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	if v.Kind() == reflect.Slice {
		c.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
	}
	return c
}

// column is a condition of all trials: an array whose first axis is the trials'.
type column struct {
	name    string
	shape   []int
	numbers any      // []int64, []float64 or []bool
	texts   []string // of a condition that is not a number
}

// all returns the columns. Whole numbers are int64, others float64; lists of equal length are one more axis; anything
// else is text. A number that a trial does not have is NaN.
func (c *columns) all() []column {
	var list []column
	for _, name := range c.names {
		values := c.values[name]
		shape, flat := flatten(values)
		col := column{name: name, shape: shape}
		switch typeOf(flat) {
		case mixed:
			col.shape = []int{len(values)}
			for _, v := range values {
				text := ""
				if v.IsValid() {
					text = fmt.Sprint(v.Interface())
				}
				col.texts = append(col.texts, text)
			}
		case marks:
			col.numbers = convert(flat, reflect.Value.Bool)
		case whole:
			col.numbers = convert(flat, integer)
		case reals:
			col.numbers = convert(flat, real)
		}
		list = append(list, col)
	}
	return list
}

func convert[V any](values []reflect.Value, of func(reflect.Value) V) []V {
	numbers := make([]V, len(values))
	for i, v := range values {
		numbers[i] = of(v)
	}
	return numbers
}

func integer(v reflect.Value) int64 {
	if v.CanUint() {
		return int64(v.Uint())
	}
	return v.Int()
}

func real(v reflect.Value) float64 {
	switch {
	case !v.IsValid():
		return math.NaN()
	case v.CanFloat():
		return v.Float()
	}
	return float64(integer(v))
}

// flatten returns the elements of a condition in a row, with the shape of the whole: of lists of one length, their
// elements.
func flatten(values []reflect.Value) (shape []int, flat []reflect.Value) {
	shape = []int{len(values)}
	isList := func(v reflect.Value) bool { return v.Kind() == reflect.Slice || v.Kind() == reflect.Array }
	first := values[0]
	for _, v := range values {
		if !isList(v) || v.Len() != first.Len() {
			return shape, values
		}
		for i := range v.Len() {
			flat = append(flat, v.Index(i))
		}
	}
	return append(shape, first.Len()), flat
}

// elements says what the elements of a condition have in common.
type elements int

const (
	mixed elements = iota // or nothing that is a number
	marks                 // Booleans
	whole                 // whole numbers
	reals                 // numbers, or none
)

func typeOf(values []reflect.Value) elements {
	count := map[elements]int{}
	for _, v := range values {
		switch {
		case v.CanInt() || v.CanUint():
			count[whole]++
		case !v.IsValid() || v.CanFloat():
			count[reals]++
		case v.Kind() == reflect.Bool:
			count[marks]++
		}
	}
	n := len(values)
	switch {
	case n == 0:
		return mixed
	case count[marks] == n:
		return marks
	case count[whole] == n:
		return whole
	case count[whole]+count[reals] == n && slices.ContainsFunc(values, reflect.Value.IsValid):
		return reals
	}
	return mixed
}
