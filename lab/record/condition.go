package record

import (
	"fmt"
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

// add appends the parameters of a trial: a pointer to a struct with JSON tags, or a map.
func (c *columns) add(params any) error {
	if c.values == nil {
		c.values = map[string][]reflect.Value{}
	}
	trial := c.trials
	c.trials++
	each(reflect.ValueOf(params), func(name string, v reflect.Value) {
		if trial == 0 {
			c.names = append(c.names, name)
		}
		c.values[name] = append(c.values[name], copied(v))
	})
	for _, name := range c.names {
		if len(c.values[name]) != trial+1 {
			return fmt.Errorf("trial %d has no parameter %s, which the first has: let the task's Params return the "+
				"same names for each trial", trial, name)
		}
	}
	return nil
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
// else is text.
func (c *columns) all() []column {
	var list []column
	for _, name := range c.names {
		values := c.values[name]
		shape, flat := flatten(values)
		col := column{name: name, shape: shape}
		switch {
		case flat == nil:
			col.shape = []int{len(values)}
			for _, v := range values {
				text := ""
				if v.IsValid() {
					text = fmt.Sprint(v.Interface())
				}
				col.texts = append(col.texts, text)
			}
		case flat[0].Kind() == reflect.Bool:
			col.numbers = convert(flat, reflect.Value.Bool)
		case flat[0].CanInt():
			col.numbers = convert(flat, reflect.Value.Int)
		case flat[0].CanUint():
			col.numbers = convert(flat, func(v reflect.Value) int64 { return int64(v.Uint()) })
		default:
			col.numbers = convert(flat, reflect.Value.Float)
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

// flatten returns the numbers of a condition in a row, with the shape of the whole, or nil if it is not numbers, or
// lists of numbers of one length.
func flatten(values []reflect.Value) (shape []int, flat []reflect.Value) {
	shape = []int{len(values)}
	if first := values[0]; first.IsValid() && (first.Kind() == reflect.Slice || first.Kind() == reflect.Array) {
		shape = append(shape, first.Len())
		for _, v := range values {
			if v.Kind() != first.Kind() || v.Len() != first.Len() {
				return nil, nil
			}
			for i := range v.Len() {
				flat = append(flat, v.Index(i))
			}
		}
	} else {
		flat = values
	}
	for _, v := range flat {
		isNumber := v.IsValid() && (v.Kind() == reflect.Bool || v.CanInt() || v.CanUint() || v.CanFloat())
		if !isNumber || v.Kind() != flat[0].Kind() {
			return nil, nil
		}
	}
	return shape, flat
}
