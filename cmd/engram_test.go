package cmd

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"engram/internal/engramtest"

	"go.uber.org/goleak"
)

var (
	scratch    string // of all the tests
	packageDir string // where the tests begin
)

// TestMain lets more tests run side by side than there are cores, because they mostly wait for processes.
func TestMain(m *testing.M) {
	flag.Parse()
	err := flag.Set("test.parallel", "4")
	if err != nil {
		panic(err)
	}
	if packageDir, err = os.Getwd(); err != nil {
		panic(err)
	}
	if scratch, err = os.MkdirTemp("", "engram-test-*"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(scratch)
		os.Exit(code)
	}))
}

// binary builds the command under test, where a test runs it: fuzzing does not.
var binary = sync.OnceValue(func() string {
	path := filepath.Join(scratch, "engram")
	if err := engramtest.Build(packageDir, path); err != nil { // a test may be elsewhere by now
		panic(err)
	}
	return path
})

// run runs the command and returns what it printed and its exit code.
func run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return runIn(t, "", args...)
}

// runIn runs the command in a folder.
func runIn(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	command := exec.Command(binary(), args...)
	command.Dir = dir
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), command.ProcessState.ExitCode()
}

// ok runs the command, which must succeed.
func ok(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := run(t, args...)
	if code != 0 {
		t.Fatalf("engram %v: exit %d: %s", args, code, errs)
	}
	return out
}

const (
	// small holds the hyperparameters of a training of a moment, as flags.
	small = "--task GoNogo --backend go --hidden 6 --input-size 4 --batch 4 --window 4 --updates 12 --learn-after 40" +
		" --metrics-every 3 --eval-every 6 --eval-trials 5"
	// smallSuite holds the flags of a suite of such runs.
	smallSuite = "--tasks GoNogo --workers 1 --backend go --set hidden=6 --set input_size=4 --set batch=4" +
		" --set window=4 --set updates=12 --set learn_after=40 --set eval_every=6 --set eval_trials=5"
)

// smallTraining returns the arguments of a training of a moment.
func smallTraining(dir string) []string { return strings.Fields("train " + small + " --run " + dir) }

// size returns the size of a file; 0 if it does not exist.
func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
