package strictjson

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	type pair struct{ A, B int }
	for text, want := range map[string]struct {
		value pair
		err   string
	}{
		`{"A":1}`:          {value: pair{1, 7}},
		" {\"B\":2}\n ":    {value: pair{0, 2}},
		`{"C":1}`:          {err: `unknown field "C"`},
		`{"A":1} {"B":1}`:  {err: "text after the JSON object"},
		`{"A":1} x`:        {err: "text after the JSON object"},
		`{"A":"1"}`:        {err: "cannot unmarshal string"},
		`{"A":1`:           {err: "unexpected EOF"},
		``:                 {err: "EOF"},
		`{"A":1}` + "\x00": {err: "text after the JSON object"},
	} {
		got, err := Decode(strings.NewReader(text), pair{B: 7})
		if want.err == "" && (err != nil || got != want.value) {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want.value)
		}
		if want.err != "" && (err == nil || !strings.Contains(err.Error(), want.err)) {
			t.Errorf("%q: error %v, want %q", text, err, want.err)
		}
	}
}
