package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// everyCommand are arguments for each command, of a run, a suite and a study that are there. Of those that take long by
// their purpose it is the help.
var everyCommand = map[string]string{
	"engram":                "",
	"engram bench":          "--help",
	"engram bench growth":   "--help",
	"engram demo":           "--help",
	"engram digest":         "RUN",
	"engram doctor":         "--json",
	"engram eval":           "--run RUN --trials 3",
	"engram export":         "RUN --format csv --out DIR/csv",
	"engram report":         "--run RUN",
	"engram resume":         "RUN",
	"engram runs":           "RUN",
	"engram selftest":       "",
	"engram selftest kills": "--help",
	"engram selftest soak":  "--help",
	"engram suite":          "",
	"engram suite archive":  "SUITE DIR/archiveMODE",
	"engram suite memory":   "--help", // of MemoryLength, whose runs take long
	"engram suite report":   "SUITE",
	"engram suite run":      strings.Join(strings.Fields(strings.TrimPrefix(suiteOfTwo, "suite run")), " ") + " SUITE",
	"engram suite table":    "SUITE",
	"engram sweep":          "",
	"engram sweep best":     "STUDY",
	"engram sweep check":    "STUDY",
	"engram sweep export":   "STUDY",
	"engram sweep make":     "DIR/study.json --out DIR/madeMODE",
	"engram sweep report":   "STUDY",
	"engram sweep resume":   "STUDY --backend go",
	"engram sweep run":      "DIR/study.json --out STUDY --backend go",
	"engram sweep status":   "STUDY",
	"engram sweep submit":   "STUDY --engine htcondor --dry-run",
	"engram sweep worker":   "STUDY --backend go",
	"engram tasks":          "",
	"engram tasks show":     "GoNogo",
	"engram tasks trace":    "GoNogo --steps 3",
	"engram train":          "--run RUN --config RUN/config.json --backend go",
	"engram watch":          "RUN --once",
}

// silent are the commands that have no result on standard output.
var silent = map[string]bool{"engram suite archive": true, "engram suite run": true, "engram sweep worker": true}

// TestEverySubcommand runs each command with a standard output that is closed, full, or read by nobody: it neither
// hangs nor panics, and a result that was not written is an error that says so. Go opens /dev/null in the place of a
// closed one.
func TestEverySubcommand(t *testing.T) {
	dir := t.TempDir()
	run, suite, study := filepath.Join(dir, "run"), filepath.Join(dir, "suite"), filepath.Join(dir, "study")
	if err := os.WriteFile(study+".json", []byte(studyOfTwo), 0o666); err != nil {
		t.Fatal(err)
	}
	ok(t, smallTraining(run)...)
	ok(t, strings.Fields(suiteOfTwo+suite)...)
	ok(t, "sweep", "run", study+".json", "--backend", "go", "--out", study)
	for _, c := range commands(newRoot()) {
		name := c.CommandPath()
		args, known := everyCommand[name]
		if !known {
			t.Errorf("%s has no arguments in everyCommand: add them", name)
		}
		for mode, how := range map[string]string{"Closed": " >&-; code=$?", "Full": " > /dev/full; code=$?",
			"Left": " | true; code=${PIPESTATUS[0]}"} {
			args := strings.NewReplacer("RUN", run, "SUITE", suite, "STUDY", study, "DIR", dir, "MODE",
				mode).Replace(args)
			script := "timeout 60 " + binary() + strings.TrimPrefix(name, "engram") + " " + args + how + "; exit $code"
			out, err := exec.Command("bash", "-c", script).CombinedOutput()
			said := string(out)
			unwritten := err != nil && err.Error() == "exit status 1" &&
				strings.Contains(said, "engram: the result could not be written: ")
			switch {
			case strings.Contains(said, "panic") || strings.Contains(said, "goroutine "):
				t.Errorf("%s, %s: %s", mode, script, said)
			case mode == "Full" && !silent[name] && !unwritten, err != nil && !unwritten:
				t.Errorf("%s, %s: %v: %s", mode, script, err, said)
			}
		}
	}
}

// commands are a command and all below it.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}
