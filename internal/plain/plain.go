// Package plain makes text from outside (files, flags, host names, errors that quote them) harmless to the terminal,
// table or spreadsheet that shows it.
package plain

import (
	"strings"
	"unicode"
)

// Text returns s on one line and without anything that controls a terminal: control characters, and characters that
// change the direction of writing, become \u escapes; bytes that are no UTF-8 become U+FFFD.
func Text(s string) string {
	var out strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
		} else {
			out.WriteString(escape(r))
		}
	}
	return out.String()
}

// Error returns the text of an error in one line, as Text does; joined errors are separated by "; ".
func Error(err error) string {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' })
	return Text(strings.Join(lines, "; "))
}

// Path returns a path as it is written in a command line for a shell: in double quotes if it has characters that mean
// something to a shell, and never as an option. A message has the command in single quotes.
func Path(path string) string {
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	if path != "" && !strings.ContainsFunc(path, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-+,:@%=", r)
	}) {
		return path
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(path) + `"`
}

// Cell returns s as the content of a text cell of a CSV file that a spreadsheet does not compute: a text that begins
// with = + - @ or a control character is preceded by an apostrophe (OWASP, "CSV Injection"). Do not
// pass numbers.
func Cell(s string) string {
	if strings.TrimLeft(s, "=+-@\t\r\n") != s {
		s = "'" + s
	}
	return s
}

// Markdown returns s as the content of a cell of a Markdown table: plain, without HTML and without a column's end.
func Markdown(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, "`", "\\`").Replace(Text(s))
}
