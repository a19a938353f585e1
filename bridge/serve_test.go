package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

// FuzzServe reads any bytes after the first line as frames to engram's own tasks: each is answered, or ends it with an
// error frame, without a panic.
func FuzzServe(f *testing.F) {
	f.Add([]byte{})
	f.Add(resetFrame(nil, 1, 5))
	f.Add(append(append(resetFrame(nil, 0, 5), resetFrame(nil, 1, 6)...), stepFrame(nil, []int32{1, 0})...))
	f.Add(stepFrame(nil, []int32{0, -1}))
	f.Add(resetFrame(nil, 2, 5))
	f.Add([]byte{1, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, frames []byte) {
		var out bytes.Buffer
		in := append([]byte(`{"protocol": 1, "name": "GoNogo", "environments": 2, "time_limit": 3}`+"\n"), frames...)
		err := Serve(bytes.NewReader(in), &out)
		line, answered, _ := bytes.Cut(out.Bytes(), []byte("\n"))
		var about served
		if failed := json.Unmarshal(line, &about); failed != nil || about.Error != "" {
			t.Fatalf("%s: %v", line, failed)
		}
		a, r := newAnswers(2, len(about.Observations)), bytes.NewReader(answered)
		var last error
		for last == nil {
			last = a.read(r)
		}
		var raised *workerError
		cut := errors.Is(err, io.ErrUnexpectedEOF) // within a frame's head, which nobody waits for an answer to
		if told := errors.As(last, &raised); told != (err != nil) && !cut {
			t.Errorf("%v, and the program was told %v", err, last)
		}
	})
}

// TestServeRefuses gives Serve first lines that it refuses, in one line that both sides get.
func TestServeRefuses(t *testing.T) {
	for first, want := range map[string]string{
		"":                         "no first line",
		"{\n":                      "no JSON object",
		`{"protocol": 2}` + "\n":   "protocol 2, where this engram speaks 1",
		`{"protocol": 1}` + "\n":   "invalid environments 0: use 1 to 4096",
		strings.Repeat("x", 2<<20): "the first line has more than 1048576 bytes",
		`{"protocol": 1, "name": "No", "environments": 1}` + "\n":                          `"No" is unknown`,
		`{"protocol": 1, "name": "gymnasium:No", "environments": 1}` + "\n":                "an environment of Python",
		`{"protocol": 1, "name": "GoNogo", "environments": 1, "time_limit": -1}` + "\n":    "invalid time_limit -1",
		`{"protocol": 1, "name": "GoNogo", "environments": 1, "options": {"x": 1}}` + "\n": "options",
	} {
		var out bytes.Buffer
		err := Serve(strings.NewReader(first), &out)
		var about served
		if failed := json.Unmarshal(out.Bytes(), &about); failed != nil {
			t.Errorf("%.40q is answered by %q", first, out.Bytes())
		}
		if err == nil || !strings.Contains(err.Error(), want) || about.Error != err.Error() {
			t.Errorf("%.40q: %v, and the program was told %q; want %s", first, err, about.Error, want)
		}
	}
}
