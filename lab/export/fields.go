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
