package plain

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

// TestJSON checks that escaped JSON decodes to the same value, without control characters.
func TestJSON(t *testing.T) {
	for _, text := range []string{"plain, η, 日本", "c1 \u009b \u202e \x7f", "tag \U000e0041 and emoji \U0001f600",
		"\x1b\n\t\"\\"} {
		data, err := json.Marshal([]string{text})
		if err != nil {
			t.Fatal(err)
		}
		escaped := JSON(data)
		var back []string
		if err := json.Unmarshal(escaped, &back); err != nil || back[0] != text {
			t.Errorf("%q reads as %q, %v", text, back, err)
		}
		if Text(string(escaped)) != string(escaped) {
			t.Errorf("%q is printed as %q", text, escaped)
		}
	}
}

// TestWriter checks that the output does not depend on how the text is cut into writes, and has nothing that commands a
// terminal.
func TestWriter(t *testing.T) {
	const in, want = "a\x1b[2J η\u009b\u202e\tb\n\xffc \U000e0041\r", `a\u001b[2J η\u009b\u202e` + "\tb\n\uFFFDc " +
		`\udb40\udc41\u000d`
	for size := 1; size <= len(in); size++ {
		var out bytes.Buffer
		w := &Writer{Out: &out}
		for piece := range slices.Chunk([]byte(in), size) {
			if n, err := w.Write(piece); n != len(piece) || err != nil {
				t.Fatal(n, err)
			}
		}
		if out.String() != want {
			t.Errorf("in pieces of %d: %q, want %q", size, out.String(), want)
		}
	}
}

func TestRecord(t *testing.T) {
	got := Record([]string{"-0.5", "+1e3", "-1+2", "=A1", "\x1b=1", "", "a"})
	if want := []string{"-0.5", "+1e3", "'-1+2", "'=A1", `\u001b=1`, "", "a"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := MarkdownLine([]string{"a|b", "<i>\n"}), `| a\|b | &lt;i&gt;\u000a |`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
