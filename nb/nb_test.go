package nb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab/perturb"
	"engram/plots"
	"engram/plots/notebook"
)

// cells are programs as a notebook's cells are: TestMain runs one in a process of its own.
var cells = map[string]func(dir string){
	"check":       func(string) { Check(errors.Join(errors.New("a\x1b[2J: use b"), errors.New("c"))) },
	"stopped":     func(string) { Check(fmt.Errorf("evaluation: %w", context.Canceled)) },
	"chart":       func(string) { Cell(func() error { notebook.Show(plots.Lines{Title: "empty"}); return nil }) },
	"curve":       func(dir string) { Curve(filepath.Join(dir, "none")) },
	"curve of no": func(string) { Curve() },
	"compare":     func(dir string) { Compare(dir, filepath.Join(dir, "none")) },
	"compare no":  func(string) { Compare() },
	"eval":        func(dir string) { Eval(dir, `{"dim_ring": 4}`) },
	"over":        func(dir string) { EvalOver("timing.pause", []float64{1}, dir) },
	"over no":     func(string) { EvalOver("timing.delay", []float64{1}) },
	"over values": func(dir string) { EvalOver("timing.delay", nil, dir) },
	"trial":       func(dir string) { Trial(dir, -1) },
	"memory":      func(dir string) { Memory(filepath.Join(dir, "..", "gru")) },
	"explore":     func(dir string) { Explore(dir, "rho", 1) },
	"rollout":     func(dir string) { Rollout(dir, 0) },
	"record":      func(dir string) { Record(dir, 0, filepath.Join(dir, "a.npz")) },
	"record to":   func(dir string) { Record(dir, 1, dir) },
	"perturb":     func(dir string) { Perturb(dir, 4, perturb.Perturbation{Kind: perturb.Wipe, When: "pause"}) },
	"analyse":     func(dir string) { Analyse(dir, 5) },
	"config":      func(string) { Config("GoNogo", "hidden") },
	"config name": func(string) { Config("GoNogo", "hiden=3") },
	"task":        func(string) { Config("GoNoGo") },
	"goal":        func(string) { Goal("GoNogo", "hidden") },
	"fault":       func(string) { Cell(func() error { fmt.Println([]int{}[len(os.Args)]); return nil }) },
}

func TestMain(m *testing.M) {
	if name := os.Getenv("NB_TEST_CELL"); name != "" {
		cells[name](os.Getenv("NB_TEST_DIR"))
		fmt.Println("not reached")
		os.Exit(0)
	}
	code := m.Run()
	for _, last := range atEnd {
		last()
	}
	os.Exit(code)
}

// A failure ends the cell at once, with one plain line that names the remedy, and non-zero. A fault
// of the program keeps its trace.
func TestCellsThatFail(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "run")
	labtest.Train(t, dir, drqntest.Small(t))
	gru := drqntest.Small(t)
	gru.Cell, gru.Eta, gru.Lambda, gru.LambdaMax, gru.TrainEta, gru.TrainLambda = "gru", 0, 0, 0, false, false
	labtest.Train(t, filepath.Join(top, "gru"), Must(gru.WithoutUnused()))
	for name, want := range map[string]string{
		"check": `a\u001b[2J: use b; c`, "stopped": "stopped - run the cell again to go on", "chart": "nothing to draw",
		"curve": "makes one", "curve of no": "name the directory of a run", "compare": "creates one",
		"compare no": "name directories", "eval": "use one of", "over": `period "pause" does not exist`,
		"over no": "name the directory", "over values": "has no values", "trial": "invalid trial -1: use 0 to",
		"memory":  "which has no M: use a run of cell mpn",
		"explore": "use one of [eta lambda]", "rollout": "invalid trials 0: use 1",
		"record": "invalid trials 0: use 1", "record to": "is a folder: name a file",
		"perturb": `unknown moment "pause"`, "analyse": "10 are needed",
		"config": "use name=value", "config name": "hiden", "task": "use one of", "goal": "use name=value",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := cell(name, dir)
			if want := map[bool]int{true: 130, false: 1}[name == "stopped"]; code != want {
				t.Errorf("exit %d, want %d", code, want)
			}
			if strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) || strings.Contains(out, "not reached") {
				t.Errorf("%q, %q; want %q", out, errs, want)
			}
		})
	}
	if _, errs, code := cell("fault", dir); code != 2 || !strings.Contains(errs, "goroutine ") {
		t.Errorf("a fault: exit %d, %q", code, errs)
	}
}

// cell runs a cell in a process.
func cell(name, dir string) (out, errs string, code int) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "NB_TEST_CELL="+name, "NB_TEST_DIR="+dir)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	_ = command.Run()
	return stdout.String(), stderr.String(), command.ProcessState.ExitCode()
}

// A preset among the settings is the one to begin with, and names may be written as flags are.
func TestSplit(t *testing.T) {
	t.Parallel()
	c, err := config("GoNogo", []string{"preset=session", "learning-rate=0.5",
		`task_options={"timing":{"delay":1000}}`})
	if err != nil || c.Episode != "session" || c.LearningRate != 0.5 ||
		!strings.Contains(string(c.TaskOptions), "1000") {
		t.Errorf("%+v, %v", c, err)
	}
	if g := Goal("GoNogo", "preset=classic", "hidden=3"); g.Preset != "classic" || g.Set["task"] != "GoNogo" ||
		g.Set["hidden"] != "3" || g.Kind != "train" {
		t.Errorf("%+v", g)
	}
}

// An analysis in a cell leaves the page that the command writes.
func TestAnalyse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	labtest.Train(t, dir, drqntest.Small(t))
	a := Analyse(dir, 60)
	page, err := os.ReadFile(filepath.Join(dir, "analysis.html"))
	if err != nil || a.Trials != 60 || a.Task != "GoNogo" ||
		!bytes.Contains(page, []byte("What mpn remembers in GoNogo")) {
		t.Errorf("%d trials of %s, a page of %d bytes, %v", a.Trials, a.Task, len(page), err)
	}
}
