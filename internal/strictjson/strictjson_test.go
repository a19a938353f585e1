package strictjson

import (
	"strings"
	"testing"
)

type shape struct {
	Name  string `json:"name"`
	Sides int    `json:"sides"`
}

func TestDecode(t *testing.T) {
	base := shape{"square", 4}
	for name, c := range map[string]struct {
		text string
		want shape
		err  string
	}{
		"over the base":   {`{"sides": 5}` + "\n", shape{"square", 5}, ""},
		"unknown field":   {`{"side": 5}`, shape{}, `unknown field "side"`},
		"another type":    {`{"sides": "five"}`, shape{}, "invalid sides, a string: use a whole number"},
		"too large":       {`{"sides": 1e400}`, shape{}, "invalid sides, a number 1e400: use a whole number"},
		"no text":         {`{"name": 4}`, shape{}, "invalid name, a number: use a text"},
		"two values":      {`{"sides": 5} {}`, shape{}, "text after the JSON object"},
		"text behind":     {`{"sides": 5} x`, shape{}, "text after the JSON object"},
		"cut":             {`{"sides": 5`, shape{}, "unexpected EOF"},
		"nothing":         {``, shape{}, "EOF"},
		"another bracket": {`[]`, shape{}, "array"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(strings.NewReader(c.text), base)
			if c.err == "" && (err != nil || got != c.want) {
				t.Errorf("%+v, %v; want %+v", got, err, c.want)
			}
			if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want one with %q", err, c.err)
			}
		})
	}
}
