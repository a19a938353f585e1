package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"engram/internal/plain"
	"engram/internal/signals"
	"engram/sweep/cluster"
)

// usageError is the error of a command line that cannot be understood; its exit code is 2.
type usageError struct{ error }

// exitCode returns 0 for success, 2 for a usage error, 130 for an interrupted command, 143 for a terminated one and 1
// for any other error.
func exitCode(ctx context.Context, err error) int {
	var usage usageError
	var stopped signals.Stopped
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	case errors.Is(err, errAgain):
		return cluster.Again
	case errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &stopped):
		return stopped.ExitCode()
	}
	return 1
}

// parsing matches how Go's functions begin their errors of numbers.
var parsing = regexp.MustCompile(`strconv\.\w+: parsing "[^"]*": `)

func newRoot() *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "engram",
		Short: "Reinforcement-learning agents whose memory is synaptic plasticity",
		Long: `engram trains multi-plasticity networks (MPN; Aitken & Mihalas, eLife 83035) by deep recurrent
Q-learning on cognitive tasks of NeuroGym, and shows how they learn.`,
		Example: `  engram demo                                   train on GoNogo until it is solved
  engram tasks                                  the tasks, and what can be earned in them
  engram train --task GoNogo --run runs/a       train one agent
  engram resume runs/a                          continue it where it was stopped
  engram eval --run runs/a                      evaluate it on fresh trials
  engram report --run runs/a                    write its HTML report
  engram analyse runs/a                         show what its memory holds
  engram suite run --seeds 10 --out runs/all    every task over ten seeds`,
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return usageError{fmt.Errorf("command %q does not exist: 'engram --help' lists them", args[0])}
			case version:
				return answerVersion(c)
			case wantsJSON(c):
				return usageError{errors.New("engram --json needs --version, or a command: 'engram --help' lists them")}
			}
			return c.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.Flags().BoolVar(&version, "version", false, "print the versions of engram and of what it computes with")
	addJSON(root, "with --version: print them as one JSON object")
	addPythonFlags(root)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%s: '%s --help' lists the flags", parsing.ReplaceAllString(err.Error(), ""),
			c.CommandPath())}
	})
	root.SetErr(&plain.Writer{Out: os.Stderr})
	root.AddCommand(newDemo(), newTrain(), newResume(), newEval(), newReport(), newWatch(), newRuns(), newExport(),
		newRecord(), newPerturb(), newAnalyse(), newDigest(), newTasks(), newEnv(), newSuite(), newSweep(), newLab(),
		newNew(), newClassroom(), newKernel(), newDoctor(), newBench(), newSelftest())
	checkLines(root)
	return root
}

// arguments returns a check that a command has exactly the named arguments.
func arguments(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		want := "no arguments"
		if len(names) > 0 {
			want = strings.Join(names, " ")
		}
		return usageError{fmt.Errorf("%s takes %s, not %q: see '%s --help'", c.CommandPath(), want, args,
			c.CommandPath())}
	}
}

// onlyCommands refuses the arguments of a command that has others below it and takes none itself.
func onlyCommands(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("command '%s %s' does not exist: '%[1]s --help' lists them", c.CommandPath(),
		plain.Text(args[0]))}
}

// interrupted is the error of work that a signal stopped. Its text is the remedy alone.
type interrupted struct{ remedy string }

func (e interrupted) Error() string { return "stopped: " + e.remedy }

// Unwrap returns what was stopped: the context.
func (interrupted) Unwrap() error { return context.Canceled }

// orInterrupted returns an error with the remedy where a signal stopped the work, and any other error as it is.
func orInterrupted(err error, remedy string) error {
	if errors.Is(err, context.Canceled) {
		return interrupted{remedy}
	}
	return err
}

// required marks a flag without which a command cannot run.
func required(c *cobra.Command, flag string) {
	before(c, func(c *cobra.Command, _ []string) error {
		if !c.Flags().Changed(flag) {
			return usageError{fmt.Errorf("%s needs --%s: see '%s --help'", c.CommandPath(), flag, c.CommandPath())}
		}
		return nil
	})
}

// jsonFormat is the version of the JSON objects that commands print. It stays when fields are added, and rises when one
// is renamed or removed.
const jsonFormat = 1

// printObject prints a value as one line of JSON; an object gets its format as the first field.
func printObject(w io.Writer, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if data[0] != '{' { // a result that is missing
		return printJSON(w, value)
	}
	return printJSON(w, json.RawMessage(fmt.Sprintf(`{"format":%d,%s`, jsonFormat, data[1:])))
}

// printJSON prints a value as one line of JSON.
func printJSON(w io.Writer, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = w.Write(append(plain.JSON(data), '\n'))
	return err
}
