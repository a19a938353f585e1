package export

import (
	"reflect"
	"strings"
)

// field is a field of a line of a JSONL file.
type field struct {
	name      string // in JSON
	index     []int
	omitEmpty bool // JSON omits it if it is zero
}

// fieldsOf lists the fields of a struct type that JSON has, in their order.
func fieldsOf(t reflect.Type) (list []field) {
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		list = append(list, field{name, f.Index, options == "omitempty"})
	}
	return list
}

// of returns the field's value in a line, and whether JSON omits it.
func (f field) of(line reflect.Value) (v reflect.Value, omitted bool) {
	v = line.FieldByIndex(f.index)
	if v.Kind() == reflect.Pointer && !v.IsNil() { // it may point to a zero, which JSON has
		return v.Elem(), false
	}
	return v, f.omitEmpty && v.IsZero()
}
