package cmd

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"engram/internal/strictjson"
)

// commands calls visit with every command.
func commands(visit func(*cobra.Command)) {
	root := newRoot()
	root.InitDefaultHelpCmd()
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		visit(c)
		for _, below := range c.Commands() {
			walk(below)
		}
	}
	walk(root)
}

// onlyHelp names the commands that print their help and nothing else.
var onlyHelp = []string{"engram help", "engram suite", "engram sweep", "engram selftest", "engram env",
	"engram kernel"}

// becomesAnother names the command whose process becomes JupyterLab.
const becomesAnother = "engram lab"

// answersFrames names the command whose answers are frames.
const answersFrames = "engram tasks serve"

// TestEveryAnswerAsJSON checks that a command that reports takes --json, and prints nothing but JSON then, each
// name of an object once.
func TestEveryAnswerAsJSON(t *testing.T) {
	t.Parallel()
	commands(func(c *cobra.Command) {
		path, u := c.CommandPath(), uses[c.CommandPath()]
		if slices.Contains(onlyHelp, path) || path == becomesAnother || path == answersFrames {
			return
		}
		if c.Flags().Lookup("json") == nil {
			t.Errorf("%s has no --json", path)
			return
		}
		if u.stop {
			return // it is interrupted before it reports
		}
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if path == "engram" {
				u.args = "--version"
			}
			u.args = strings.NewReplacer("--csv", "", "slurm --dry-run", "htcondor").Replace(u.args) + " --json"
			e := u.start(t, path, `exec "$0" "$@"`, copied(t), filepath.Join(t.TempDir(), "new"), nil)
			if e.code != 0 && e.out == "" {
				return // what failed says so in text
			}
			objects := 0
			for d := json.NewDecoder(strings.NewReader(e.out)); ; objects++ {
				var value json.RawMessage
				if err := d.Decode(&value); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s prints %q: %v", path, e.out, err)
				}
				if value[0] != '{' {
					continue
				}
				if _, err := strictjson.Decode(bytes.NewReader(value), map[string]any{}); err != nil {
					t.Errorf("%s prints %s: %v", path, value, err)
				}
			}
			if objects == 0 {
				t.Errorf("%s prints nothing, and says %s", path, e.errs)
			}
		})
	})
}
