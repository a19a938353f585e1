package cmd

import (
	"strings"
	"testing"

	"engram/drqn"
)

// TestSuiteHyperparameters gives each hyperparameter to a suite as train takes it.
func TestSuiteHyperparameters(t *testing.T) {
	t.Parallel()
	for _, f := range drqn.Fields() {
		flag := strings.ReplaceAll(f.Name, "_", "-")
		c := newRoot()
		c.SetArgs([]string{"suite", "run", "--out", "x", "--" + flag, "1"})
		want := "use --set " + f.Name + "=VALUE" // the test's own command line has no value
		switch f.Name {
		case "task", "cell", "seed":
			want = "use --" + f.Name + "s"
		}
		if err := c.Execute(); err == nil || !strings.HasSuffix(err.Error(), want) || exitCode(t.Context(), err) != 2 {
			t.Errorf("--%s: %v, want %s", flag, err, want)
		}
	}
	for _, args := range [][]string{{"--updates", "600"}, {"--updates=600"}} {
		_, said, code := run(t, append([]string{"suite", "run"}, args...)...)
		if code != 2 || said != "engram: unknown flag: --updates: use --set updates=600\n" {
			t.Errorf("exit %d: %s", code, said)
		}
	}
	if _, said, _ := run(t, "suite", "run", "--updates", "--out", "x"); !strings.HasSuffix(said, "updates=VALUE\n") {
		t.Errorf("without a value: %s", said)
	}
	if _, said, code := run(t, "suite", "run", "--nothing"); code != 2 ||
		!strings.Contains(said, "unknown flag: --nothing: 'engram suite run --help'") {
		t.Errorf("exit %d: %s", code, said)
	}
}
