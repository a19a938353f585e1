package bridge

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"
)

// A prompt reader reads what is there and what comes later, and ends as the file does: at its deadline, its end, and
// when it was closed.
func TestPrompt(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	p, err := newPrompt(r)
	if err != nil {
		t.Fatal(err)
	}
	read := func(want string, wanted error) {
		t.Helper()
		into := make([]byte, 8)
		if n, err := p.Read(into); string(into[:n]) != want || !errors.Is(err, wanted) {
			t.Errorf("it read %q, %v, want %q, %v", into[:n], err, want, wanted)
		}
	}
	w.WriteString("there")
	read("there", nil)
	for _, later := range []time.Duration{50 * time.Microsecond, 20 * time.Millisecond} { // awake, asleep
		time.AfterFunc(later, func() { w.WriteString("later") })
		read("later", nil)
	}
	if err := r.SetReadDeadline(time.Now().Add(5 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	read("", os.ErrDeadlineExceeded)
	if err := r.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	read("", io.EOF)
	r.Close()
	read("", os.ErrClosed)
}
