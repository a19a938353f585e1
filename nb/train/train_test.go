package train

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"engram/drqn"
	"engram/internal/bench"
	"engram/lab"
	"engram/nb"
	"engram/suite"
	"engram/sweep"
	"engram/sweep/search"
)

// cells are programs as a notebook's cells are: TestMain runs one in a process of its own.
var cells = map[string]func(dir string){
	"run": func(dir string) { Run(filepath.Join(dir, "run"), config(12)) },
	"from": func(dir string) {
		Run(filepath.Join(dir, "run"), config(12))
		From(filepath.Join(dir, "run"), filepath.Join(dir, "next"), config(6))
	},
	"other config": func(dir string) {
		Run(filepath.Join(dir, "run"), config(12))
		Run(filepath.Join(dir, "run"), config(6))
		fmt.Println("not reached")
	},
	"other cell": func(dir string) {
		Run(filepath.Join(dir, "run"), config(12))
		From(filepath.Join(dir, "run"), filepath.Join(dir, "next"), nb.Config("GoNogo", "cell=gru"))
	},
	"suite": func(dir string) {
		p := suite.Plan{Tasks: []string{"GoNogo"}, Agents: suite.Cells("mpn", "gru"), Seeds: 2, Set: nb.Set(small...)}
		Suite(filepath.Join(dir, "suite"), p)
		Suite(filepath.Join(dir, "suite"), p)
	},
	"no seeds": func(dir string) {
		Suite(filepath.Join(dir, "suite"), suite.Plan{Tasks: []string{"GoNogo"}, Agents: suite.Cells("mpn")})
	},
	"sweep": func(dir string) {
		Sweep(filepath.Join(dir, "study"), sweep.Study{Trials: 2, Goal: nb.Goal("GoNogo", small...),
			Space: search.Space{search.Log("learning_rate", 1e-4, 1e-1)}})
	},
	"no space": func(dir string) {
		Sweep(filepath.Join(dir, "study"), sweep.Study{Trials: 2, Goal: nb.Goal("GoNogo", small...)})
	},
	"long": func(dir string) {
		p := suite.Plan{Tasks: []string{"GoNogo"}, Agents: suite.Cells("mpn"), Seeds: 2, Set: nb.Set(small...)}
		p.Set["updates"] = "100000"
		Suite(filepath.Join(dir, "suite"), p)
	},
	"bench": func(string) { Bench(config(12), nb.Config("GoNogo", append(small, "hidden=8")...)) },
}

// small are the settings of a training of a moment.
var small = []string{"hidden=6", "input_size=4", "batch=4", "updates=12", "learn_after=40", "metrics_every=3",
	"eval_every=6", "eval_trials=5"}

func config(updates int) drqn.Config {
	return nb.Config("GoNogo", append(small, fmt.Sprint("updates=", updates))...)
}

func TestMain(m *testing.M) {
	if name := os.Getenv("NB_TEST_CELL"); name != "" {
		cells[name](os.Getenv("NB_TEST_DIR"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// cell runs a cell in a process.
func cell(t *testing.T, name, dir string) (out, errs string, code int) {
	t.Helper()
	return stopped(t, name, dir, func(*os.Process) {})
}

// stopped runs a cell in a process, and meanwhile something that may stop it.
func stopped(t *testing.T, name, dir string, during func(*os.Process)) (out, errs string, code int) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "NB_TEST_CELL="+name, "NB_TEST_DIR="+dir, "GOMLX_BACKEND=go")
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	during(command.Process)
	_ = command.Wait()
	return stdout.String(), stderr.String(), command.ProcessState.ExitCode()
}

// The stop button ends a suite's cell with checkpoints, in good order.
func TestStopButton(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := filepath.Join(dir, "suite", "GoNogo", "mpn", "seed-1")
	out, errs, code := stopped(t, "long", dir, func(p *os.Process) {
		for range 2000 { // until it trains
			if info, err := os.Stat(filepath.Join(run, "metrics.jsonl")); err == nil && info.Size() > 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if err := p.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
	})
	if code != 0 || errs != "" || out != "stopped - run the cell again to go on\n" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	if r, err := lab.Open(run); err != nil || r.About.State != lab.Interrupted || r.About.Updates == 0 {
		t.Errorf("%v: %+v", err, r)
	}
}

// Each call does its job and prints its result.
func TestCells(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"run":   "12 updates on go; greedy, over 2000 fresh trials: ",
		"from":  "after update 12: W, b, ",
		"suite": "gru has ",
		"sweep": "2 trials: 2 complete; best ",
		"bench": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out, errs, code := cell(t, name, dir)
			if name == "suite" { // what it trains lasts as a suite's directory
				if _, results, err := suite.Results(filepath.Join(dir, "suite")); err != nil || len(results) != 4 {
					t.Errorf("%d results, %v", len(results), err)
				}
			}
			if code != 0 || errs != "" || !strings.Contains(out, want) {
				t.Errorf("exit %d, %q, %q; want %q", code, out, errs, want)
			}
		})
	}
}

// A failure ends the cell with one line and a remedy, and what follows is not done.
func TestCellsThatFail(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"other config": "is finished with updates = 12 and cannot be given 6",
		"other cell":   "use cell = mpn",
		"no seeds":     "invalid seeds 0: use 1 to 4096",
		"no space":     "space",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := cell(t, name, t.TempDir())
			if code != 1 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) ||
				strings.Contains(out, "not reached") {
				t.Errorf("exit %d, %q, %q; want %q", code, out, errs, want)
			}
		})
	}
}

func TestBenchTable(t *testing.T) {
	t.Parallel()
	c := config(12)
	other := c
	other.Hidden = 8
	rows := benchTable([]bench.Row{{Median: 2, Low: 1, High: 3}, {Median: 3}}, []drqn.Config{c, other}).Rows
	if rows[1][4] != "1.50" || rows[1][5] != "hidden is 8, not 6" || rows[0][3] != "1 to 3" {
		t.Errorf("%q", rows)
	}
}
