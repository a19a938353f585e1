package bridge

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// lastLines is the number of printed lines that an error has.
const lastLines = 10

// tail keeps the end of what a worker's environments print, and warn of.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const longestTail = 64 << 10

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = append(t.text[:0], t.text[max(0, len(t.text)-longestTail):]...)
	return len(p), nil
}

// colours are what commands a terminal to colour text, as Gymnasium's warnings do.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// lines returns the lines that are not empty, each shortened.
func (t *tail) lines() (all []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(colours.ReplaceAllString(string(t.text), "")) {
		if line = strings.TrimRightFunc(line, unicode.IsSpace); line != "" {
			all = append(all, shown(line))
		}
	}
	return all
}

// withPrinted adds to the error of a worker that is gone what its environments printed last.
func (w *worker) withPrinted(err error) error {
	lines := w.printed.lines()
	if len(lines) == 0 {
		return err
	}
	return fmt.Errorf("%w\nprinted last: %s", err, strings.Join(lines[max(0, len(lines)-lastLines):], "\n"))
}

// Printed ends the worker that an environment was described and closed in last, and returns the lines that it printed
// and warned of, as far as they are kept: the last 64 KiB.
func Printed(name string, options json.RawMessage) []string {
	r, err := newRequest(name, options)
	pool.Lock()
	defer pool.Unlock()
	for i, w := range slices.Backward(pool.workers) {
		if err == nil && w.request == r && w.idle() {
			pool.workers = slices.Delete(pool.workers, i, i+1)
			w.kill()
			return w.printed.lines()
		}
	}
	return nil
}

// shown returns the beginning of a text that is too long to be shown.
func shown(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}
