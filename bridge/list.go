package bridge

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Listed is an environment that a Python package registers.
type Listed struct {
	Name         string `json:"name"`
	Observations int    `json:"observations,omitempty"` // numbers of a flat observation
	Actions      int    `json:"actions,omitempty"`
	Error        string `json:"error,omitempty"` // why it cannot be used
}

// List returns the environments that a package registers with Gymnasium, each made once to see whether it can be used.
func List(name string) ([]Listed, error) {
	w, err := launch(hello{Protocol: protocol, List: name})
	if err != nil {
		return nil, err
	}
	defer w.kill()
	all := []Listed{}
	for {
		line, err := w.readLine()
		if errors.Is(err, errEnded) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var l Listed
		if err := json.Unmarshal(line, &l); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if l.Name == "" {
			return nil, fmt.Errorf("%s: %s", name, w.remedy(l.Error))
		}
		all = append(all, l)
	}
}

// errEnded is the error of a worker that ended with exit code 0.
var errEnded = fmt.Errorf("it exited: %w", io.EOF)
