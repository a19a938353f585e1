package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
)

func TestHelp(t *testing.T) {
	t.Parallel()
	all := ok(t, "--help")
	if all != ok(t) {
		t.Error("without arguments the help is another")
	}
	for _, c := range newRoot().Commands() {
		if !strings.Contains(all, c.Name()) || c.Short == "" {
			t.Errorf("the help does not show %s", c.Name())
		}
		if help := ok(t, c.Name(), "--help"); !strings.Contains(help, "Usage:") {
			t.Errorf("%s --help prints %q", c.Name(), help)
		}
	}
	help := ok(t, "train", "--help")
	for _, f := range drqn.Fields() {
		if flag := "--" + strings.ReplaceAll(f.Name, "_", "-"); !strings.Contains(help, flag) ||
			!strings.Contains(help, f.Help) {
			t.Errorf("train --help does not explain %s", flag)
		}
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	released, err := filepath.Abs("../lab/testdata/run-format-2")
	if err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	bad := filepath.Join(empty, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"hidden": 5, "colour": "red"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string // in the one line
	}{
		{"fly", 2, `"fly" does not exist`},
		{"eval --run x --seed -1", 2, `"--seed" flag: invalid syntax: 'engram eval --help'`},
		{"train --task GoNogo", 2, "--run"},
		{"train --task GoNogo --run x --speed 3", 2, "--speed"},
		{"train --task GoNogo --run x --hidden many", 2, "whole number"},
		{"train x --task GoNogo --run x", 2, "no arguments"},
		{"tasks show", 2, "NAME"},
		{"train --run x", 1, "task is missing"},
		{"train --task GoNoGo --run x", 1, "GoNogo"},
		{"train --task GoNogo --run x --preset fast", 1, "classic"},
		{"train --task GoNogo --run x --window -1", 1, "window -1"},
		{"train --task GoNogo --run x --capacity 10", 1, "capacity 10"},
		{"train --task GoNogo --run x --gamma 1.5", 1, "gamma 1.5"},
		{"train --task GoNogo --run x --gamma NaN", 1, "gamma NaN"},
		{"train --task GoNogo --run x --state-every 4", 1, "state_every"},
		{"train --task GoNogo --run x --cell frozen --eta 0.2", 1, "eta"},
		{"train --task GoNogo --run x --backend tpu", 1, "tpu"},
		{"train --task GoNogo --run x --config " + bad, 1, "colour"},
		{"train --task GoNogo --run x --config missing.json", 1, "missing.json"},
		{`train --task GoNogo --run x --task-options {"speed":1}`, 1, "speed"},
		{"train --task GoNogo --run " + empty, 1, "exists"},
		{"train --task GoNogo --run " + bad + "/run", 1, bad},
		{"eval --run " + empty, 1, "is not a run directory"},
		{"eval --checkpoint third --run RELEASED", 1, "third"},
		{"eval --checkpoint 5 --run RELEASED", 1, "use last, best or an update: it has 4, 6"},
		{"report --run " + empty, 1, "is not a run directory"},
		{"report --run RELEASED --out " + empty, 1, empty + " is a folder: name a file"},
		{"watch", 2, "RUN"},
		{"watch " + empty, 1, "holds no run"},
		{"runs missing", 1, "missing"},
		{"export x", 2, "--format"},
		{"export " + empty + " --format csv", 1, "is not a run directory"},
		{"tasks show Chess", 1, "Chess"},
		{"tasks show GoNogo --options {", 1, "options"},
		{"tasks trace GoNogo --policy best", 1, "best"},
		{"tasks trace GoNogo --steps 0", 1, "steps 0"},
		{"bench --rounds 0", 1, "0 rounds"},
		{"bench --only typo", 1, "train_step, compile"},
		{"bench growth --rounds 0", 1, "0 rounds"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			words := strings.Fields(c.args)
			if i := slices.Index(words, "RELEASED"); i >= 0 {
				words[i] = released // which may have a space
			}
			out, errs, code := runIn(t, dir, words...)
			if code != c.code || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 || out != "" {
				t.Errorf("exit %d, want %d; said %q, want one line with %q; printed %q", code, c.code, errs, c.want,
					out)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}
