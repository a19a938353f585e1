package plain

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"GoNogo, η 0.1":           "GoNogo, η 0.1",
		"\x1b]0;PWN\a\x1b[2J":     `\u001b]0;PWN\u0007\u001b[2J`,
		"c1 \u009b rtl \u202etxt": `c1 \u009b rtl \u202etxt`,
		"two\nlines\ttab":         `two\u000alines\u0009tab`,
		"\xff":                    "\uFFFD",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Error(errors.Join(errors.New("a\x1b"), errors.New("b"))); got != `a\u001b; b` {
		t.Errorf("Error: %q", got)
	}
	for in, want := range map[string]string{"=cmd|'/C calc'!A0": "'=cmd|'/C calc'!A0", "+1": "'+1", "-x": "'-x",
		"@f": "'@f", "\t=1": "'\t=1", "a=b": "a=b", "": ""} {
		if got := Cell(in); got != want {
			t.Errorf("Cell(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Markdown("<script>|x`"); got != "&lt;script&gt;\\|x\\`" {
		t.Errorf("Markdown: %q", got)
	}
}

// A shell reads what Path returns as the path itself.
func TestPathIsReadByAShell(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"runs/a", "my runs/ü", `it's "q" \ $HOME;b&c`, "a`b", "-x", "a*?[b]", "", "~", "日本"} {
		out, err := exec.Command("sh", "-c", "printf %s "+Path(path)).Output()
		if want := strings.Replace("|"+path, "|-", "|./-", 1)[1:]; err != nil || string(out) != want {
			t.Errorf("%s is read as %q (%v)", Path(path), out, err)
		}
	}
	if plainly := "runs/a-1.b"; Path(plainly) != plainly {
		t.Errorf("%s is quoted", plainly)
	}
}
