package plain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// escape writes a rune as Go and JSON do: \u and four digits, twice if it needs two.
func escape(r rune) string {
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// JSON replaces every character of encoded JSON that could control a terminal by a \u escape; the result decodes to the
// same values.
func JSON(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for _, r := range string(data) {
		if r == '\n' || unicode.IsPrint(r) {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, escape(r)...)
		}
	}
	return out
}

// Texts returns the cells of a line of a table, each as Text does.
func Texts(cells []string) []string { return each(cells, Text) }

// Record returns the cells of a line of a CSV file: each as Text and, unless it is a number, as Cell does.
func Record(cells []string) []string {
	return each(cells, func(s string) string {
		if _, err := strconv.ParseFloat(s, 64); err == nil {
			return s
		}
		return Cell(Text(s))
	})
}

// MarkdownLine returns the line of a Markdown table, each cell as Markdown does.
func MarkdownLine(cells []string) string {
	return "| " + strings.Join(each(cells, Markdown), " | ") + " |"
}

func each(cells []string, f func(string) string) []string {
	out := make([]string, len(cells))
	for i, s := range cells {
		out[i] = f(s)
	}
	return out
}
