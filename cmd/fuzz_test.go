package cmd

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"engram/internal/boundstest"
	"engram/internal/plain"
)

// commandMemory bounds what parsing a command line allocates, including the root command with all its flags.
const commandMemory = 64 << 20

// FuzzCommandLine parses any command line, whose words are separated by NUL, up to where the command would begin its
// work; training has its config by then. A mistake is an error of one line with an exit code.
func FuzzCommandLine(f *testing.F) {
	for _, line := range []string{
		"", "--help", "train --task GoNogo --run x",
		"train --task GoNogo --run x --hidden 128 --learning-rate 5e-4 --dueling --seed 3",
		"train --task GoNogo --run x --gamma NaN", "train --run x --config missing.json",
		"train --task GoNogo --run x --preset classic --window -1",
		"resume runs/a", "eval --run runs/a --trials 2000 --json", "tasks show GoNogo --options {",
		"suite run --tasks all --cells mpn,gru --seeds 10 --out y",
		"suite table y --json --csv", "watch a b --serve --port 99999999999", "runs x --json",
		"export x --format npz --out y", "digest x", "fly",
		"tasks trace GoNogo --steps 0", "selftest kills --kills -1", "completion bash", "help train",
		"train --task-options {\"delay\":1e999} --task GoNogo --run x", "-", "--", "-h -h",
	} {
		f.Add(strings.ReplaceAll(line, " ", "\x00"))
	}
	nothing, err := os.Open(os.DevNull) // --config - reads the standard input
	if err != nil {
		f.Fatal(err)
	}
	os.Stdin = nothing
	f.Fuzz(func(t *testing.T, line string) {
		t.Chdir(t.TempDir())
		boundstest.Within(t, commandMemory, func() { understand(t, strings.Split(line, "\x00")) })
		if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

// understand runs a command line without its command's work.
func understand(t *testing.T, args []string) {
	root := newRoot()
	disarm(root)
	root.SetArgs(args)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	err := root.Execute()
	if err == nil {
		return
	}
	if text := plain.Error(err); text == "" || strings.Contains(text, "\n") {
		t.Errorf("the error is %q", text)
	}
	if code := exitCode(t.Context(), err); code != 1 && code != 2 {
		t.Errorf("%v: exit code %d", err, code)
	}
}

// disarm makes every command do nothing: its flags and arguments are read and checked as ever.
func disarm(c *cobra.Command) {
	if c.RunE != nil && c.HasParent() {
		c.RunE = func(*cobra.Command, []string) error { return nil }
	}
	for _, sub := range c.Commands() {
		disarm(sub)
	}
}
