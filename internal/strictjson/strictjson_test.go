package strictjson

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

type shape struct {
	Name  string  `json:"name"`
	Sides int     `json:"sides"`
	Area  float64 `json:"area"`
	Parts []shape `json:"parts"`
}

func TestDecode(t *testing.T) {
	base := shape{Name: "square", Sides: 4}
	for name, c := range map[string]struct {
		text string
		err  string
	}{
		"over the base":      {`{"sides": 5}` + "\n", ""},
		"byte order mark":    {"\ufeff" + `{"sides": 5}`, ""},
		"unknown field":      {`{"side": 5}`, `field "side": leave it out, or use one that exists; the nearest is`},
		"no list":            {`{"parts": 5}`, `invalid parts, a number: use a list in brackets, such as [VALUE`},
		"no object":          {`{"parts": [[5]]}`, `an array: use an object in braces, such as {"NAME": VALUE}`},
		"another type":       {`{"sides": "five"}`, "invalid sides, a string: use a whole number"},
		"too large":          {`{"sides": 1e400}`, "invalid sides, a number 1e400: use a whole number"},
		"no text":            {`{"name": 4}`, "invalid name, a number: use a text"},
		"two values":         {`{"sides": 5} {}`, "text after the JSON object: leave it out"},
		"text behind":        {`{"sides": 5} x`, "text after the JSON object: leave it out"},
		"a brace too many":   {`{"sides": 5}}`, "text after the JSON object: leave it out"},
		"cut":                {`{"sides": 5`, "line 1: the text ends too early: close"},
		"nothing":            {` `, "no text: use an object"},
		"another bracket":    {`[]`, "an array: use an object"},
		"YAML":               {`sides: 5`, `it begins with 's': use an object`},
		"twice":              {`{"sides": 5, "sides": 6}`, `"sides" stands twice: write it once`},
		"twice within":       {`{"parts": [{"sides": 5, "sides": 6}]}`, `"sides" stands twice: write it once`},
		"the same elsewhere": {`{"sides": 5, "parts": [{"sides": 4}, {"sides": 6}]}`, ""},

		"NaN":                {"{\n\"area\": NaN}", "line 2: NaN is no number in JSON: use a finite number"},
		"nan":                {`{"area": nan}`, "nan is no number in JSON: use a finite number"},
		"Infinity":           {`{"area": Infinity}`, "Infinity is no number in JSON: use a finite"},
		"minus infinity":     {`{"area": -Infinity}`, "-Infinity is no number in JSON: use a finite"},
		"NaN in a list":      {`{"parts": [NaN]}`, "NaN is no number in JSON: use a finite"},
		"Python's true":      {`{"area": True}`, "True is no value in JSON: use true"},
		"Python's null":      {`{"area": None}`, "None is no value in JSON: use true, false or null"},
		"leading zero":       {`{"sides": 01}`, "01 is no number in JSON: write it as 12"},
		"plus":               {`{"sides": +1}`, "+1 is no number in JSON: write it as 12"},
		"no leading zero":    {`{"area": .5}`, ".5 is no number in JSON: write it as 12"},
		"point at the end":   {`{"area": 5.}`, "5. is no number in JSON: write it as 12"},
		"hexadecimal":        {`{"sides": 0x10}`, "0x10 is no number in JSON: write it as 12"},
		"underscore":         {`{"sides": 1_000}`, "1_000 is no number in JSON: write it as 12"},
		"bare word":          {`{"name": round}`, `round has no quotes: write "round"`},
		"word like a value":  {`{"name": trunk}`, `trunk has no quotes: write "trunk"`},
		"bare name":          {`{name: "a"}`, `the name name has no quotes: write "name"`},
		"line comment":       {"{// sides\n\"sides\": 5}", "no comments: leave it out"},
		"comment at an end":  {"{\"sides\": 5 // of five\n}", "no comments: leave it out"},
		"block comment":      {`{"sides": /* five */ 5}`, "no comments: leave it out"},
		"hash":               {"{\"sides\": 5, # five\n}", "no comments: leave it out"},
		"comma in an object": {`{"sides": 5, }`, "a comma stands before }: leave it out"},
		"comma in a list":    {`{"parts": [{}, ]}`, "a comma stands before ]: leave it out"},
		"single quotes":      {`{'name': 'a'}`, `' is no quote of JSON: use "double quotes"`},
		"single in a value":  {`{"name": 'a'}`, `' is no quote of JSON: use "double quotes"`},
		"typographic":        {`{“name”: "a"}`, `“ is no quote of JSON: use "double quotes"`},
		"no comma":           {`{"sides": 1 "area": 2}`, `'"' follows a value: write a comma`},
		"no comma in a list": {`{"parts": [{} {}]}`, `'{' follows a value: write a comma`},
		"semicolon":          {`{"sides": 1; "area": 2}`, `';' follows a value: write a comma`},
		"equals":             {`{"sides" = 1}`, `'=' follows a name: write a colon`},
		"no value":           {`{"sides": }`, "a value is missing before }"},
		"two commas":         {`{"parts": [{},,{}]}`, "a value is missing before ,"},
		"line break":         {"{\"name\": \"a\nb\"}", `a text has a line break or a control character`},
		"Windows path":       {`{"name": "C:\runs\data"}`, `write \\ for a backslash`},
		"cut after a sign":   {`{"area": -`, "the text ends too early"},
		"cut in a word":      {`{"area": tru`, "the text ends too early"},
		"no text, a byte":    {"{\"area\": \xff}", "is not expected here"},
		"bracket":            {`{"sides": (5)}`, `'(' is not expected here: use a value`},
		"deep":               {`{"parts":` + strings.Repeat("[", 20_000), "is not expected here"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(strings.NewReader(c.text), base)
			if c.err == "" && (err != nil || got.Sides != 5 || got.Name != "square") {
				t.Errorf("%+v, %v", got, err)
			}
			if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want one with %q", err, c.err)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("an error of several lines: %q", err)
			}
		})
	}
}

func TestMembers(t *testing.T) {
	got, err := Members([]byte(`{"b": {"x": 1, "x": 2}, "a": [3]}`))
	want := []string{"b", `{"x": 1, "x": 2}`, "a", "[3]"}
	var texts []string
	for _, m := range got {
		texts = append(texts, m.Name, string(m.Value))
	}
	if err != nil || !slices.Equal(texts, want) {
		t.Errorf("%q, %v; want %q", texts, err, want)
	}
	if none, err := Members([]byte(`{}`)); err != nil || len(none) != 0 {
		t.Errorf("an empty object: %v, %v", none, err)
	}
	var doubled Doubled
	if _, err := Members([]byte(`{"a": 1, "a": 2}`)); !errors.As(err, &doubled) || doubled.Name != "a" {
		t.Errorf("a doubled name: %v", err)
	}
	for _, text := range []string{``, `[1]`, `null`, `"a"`} {
		if _, err := Members([]byte(text)); !errors.Is(err, ErrNoObject) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{`{"a": 1`, `{"a"}`, `{"a": 1} 2`, `{"a": NaN}`} {
		if _, err := Members([]byte(text)); err == nil || errors.Is(err, ErrNoObject) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestUnmarshal checks that a wrong type is told without Go's types, and that what is unknown is left alone.
func TestUnmarshal(t *testing.T) {
	for text, want := range map[string]string{
		`{"sides": 5, "later": 6}`: "",
		`[]`:                       `invalid value, an array: use an object in braces, such as {"NAME": VALUE}`,
		`{"parts": {}}`:            `invalid parts, an object: use a list in brackets, such as [VALUE, VALUE]`,
		`{"parts": [5]}`:           `invalid parts, a number: use an object in braces, such as {"NAME": VALUE}`,
	} {
		var into shape
		switch err := Unmarshal([]byte(text), &into); {
		case want == "" && (err != nil || into.Sides != 5), want != "" && (err == nil || err.Error() != want):
			t.Errorf("%s: %v, %v, want %q", text, into, err, want)
		}
	}
}
