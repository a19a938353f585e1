package bridge

import (
	"bytes"
	"encoding/json"
	"testing"
)

// An environment's options are the same ones after a file of JSON had them, which breaks lines and escapes letters.
func TestOptionsInFile(t *testing.T) {
	t.Parallel()
	options := json.RawMessage(`{"text": "<a & b>"}`)
	file, err := json.MarshalIndent(map[string]any{"task_options": options}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Options json.RawMessage `json:"task_options"`
	}
	if err := json.Unmarshal(file, &read); err != nil || bytes.Equal(read.Options, options) {
		t.Fatalf("%s, %v", read.Options, err)
	}
	about := Description{Protocol: protocol, Observations: []string{"o"}, Actions: []string{"a"}}
	if err := Remember("none:Optional", read.Options, about); err != nil {
		t.Fatal(err)
	}
	if Known("none:Optional", options) == nil {
		t.Errorf("%s are other options than %s", read.Options, options)
	}
}
