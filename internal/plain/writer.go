package plain

import (
	"io"
	"unicode"
	"unicode/utf8"
)

// Writer passes text on to Out without anything that controls a terminal, as Text does, but keeps tabs and line ends.
// All output of a command goes through one, because it may quote anything. It is not safe for concurrent use.
type Writer struct {
	Out  io.Writer
	half []byte // of a rune whose rest has not come yet
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	text := append(w.half, p...)
	out := make([]byte, 0, len(text))
	for len(text) > 0 && utf8.FullRune(text) {
		r, size := utf8.DecodeRune(text)
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, escape(r)...)
		}
		text = text[size:]
	}
	w.half = append([]byte(nil), text...)
	if _, err := w.Out.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
