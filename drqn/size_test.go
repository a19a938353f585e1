package drqn

import (
	"strings"
	"testing"
)

func TestSizeNotice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		agents []Sized
		want   string // the notice's beginning; "" if there is none
	}{
		{nil, ""},
		{[]Sized{{"a", "T", 100}, {"b", "T", 110}}, ""},
		{[]Sized{{"a", "T", 100}, {"b", "T", 111}}, "b has 111 trainable parameters and a has 100: "},
		{[]Sized{{"a", "T", 300}, {"b", "T", 0}, {"c", "T", 310}}, ""}, // the size of b is unknown
		{[]Sized{{"a", "T", 300}, {"b", "U", 100}}, ""},                // tasks have inputs of other sizes
		{[]Sized{{"a", "T", 1}, {"b", "U", 3}, {"c", "U", 2}}, "b has 3 trainable parameters and c has 2: "},
	} {
		got := SizeNotice(c.agents)
		if (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: notice %q, want %q", c.agents, got, c.want)
		}
	}
}
