package strictjson

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// longestName bounds the length of a name that is compared with others.
const longestName = 200

// nearest returns the error of an unknown field with the name of T's fields that is most like it, and any other error
// as it is. encoding/json says the name in the text of its error alone.
func nearest[T any](err error) error {
	if err == nil {
		return nil
	}
	quoted, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	if !unknown {
		return err
	}
	name, errQuote := strconv.Unquote(quoted)
	names := fieldNames(reflect.TypeFor[T](), map[reflect.Type]bool{})
	if errQuote != nil || len(names) == 0 || len(name) > longestName {
		return err
	}
	like := slices.MinFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
	return fmt.Errorf("unknown field %q: leave it out, or use one that exists; the nearest is %q", name, like)
}

// fieldNames returns the names in JSON of the fields of a struct and of what it holds.
func fieldNames(t reflect.Type, seen map[reflect.Type]bool) (names []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
		names = append(names, fieldNames(f.Type, seen)...)
	}
	return names
}

// distance returns the number of letters to insert, remove or replace that makes a text another (Levenshtein 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1) // of the texts before i of a
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, before+1, row[j]+1)
		}
	}
	return row[len(b)]
}
