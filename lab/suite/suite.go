// Package suite trains one recipe on many tasks, cells and seeds, each a run of its own, and says what came of it.
//
// A suite is a directory: suite.json, the plan, and a run directory TASK/CELL/seed-N for each run. A run that has
// finished is never trained again; one that was cut short is trained anew.
package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"engram/drqn"
	"engram/lab"
	"engram/tasks"
)

const planFile = "suite.json"

// Plan is what a suite trains: every task with every cell and the seeds 0 to Seeds-1.
type Plan struct {
	Tasks  []string          `json:"tasks"`
	Cells  []string          `json:"cells"`
	Seeds  int               `json:"seeds"`
	Preset string            `json:"preset"`
	Set    map[string]string `json:"set"` // hyperparameters over the preset, by name
}

// Trial is one run of a suite.
type Trial struct {
	Task, Cell string
	Seed       uint64
	Config     drqn.Config
}

// String names the trial as its directory does.
func (t Trial) String() string {
	return filepath.Join(t.Task, t.Cell, "seed-"+strconv.FormatUint(t.Seed, 10))
}

// Expand is the plan with "all" tasks named, checked.
func (p Plan) Expand() (Plan, error) {
	if slices.Equal(p.Tasks, []string{"all"}) {
		p.Tasks = tasks.Names()
	}
	if p.Seeds < 1 {
		return p, fmt.Errorf("seeds %d is impossible: choose 1 or more", p.Seeds)
	}
	_, err := p.Trials()
	return p, err
}

// Trials lists the runs of the plan, seed by seed, so that early results cover everything.
func (p Plan) Trials() ([]Trial, error) {
	if len(p.Tasks) == 0 || len(p.Cells) == 0 {
		return nil, errors.New("a suite needs a task and a cell at least")
	}
	var trials []Trial
	for seed := range p.Seeds {
		for _, task := range p.Tasks {
			for _, cell := range p.Cells {
				c, err := p.config(task, cell, uint64(seed))
				if err != nil {
					return nil, err
				}
				trials = append(trials, Trial{task, cell, uint64(seed), c})
			}
		}
	}
	return trials, nil
}

func (p Plan) config(task, cell string, seed uint64) (drqn.Config, error) {
	c, err := drqn.Preset(p.Preset)
	if err != nil {
		return c, err
	}
	for name, text := range p.Set {
		if slices.Contains([]string{"task", "cell", "seed"}, name) {
			return c, fmt.Errorf("%s is the suite's own: choose it by --%ss", name, name)
		}
		if err := c.Set(name, text); err != nil {
			return c, err
		}
	}
	c.Task, c.Cell, c.Seed = task, cell, seed
	if c, err = c.WithoutUnused(); err != nil { // what one cell of several does not have
		return c, err
	}
	return c, c.Validate()
}

// Create makes a suite directory of a plan, or checks that the one that is there has the same plan.
func Create(dir string, p Plan) error {
	there, err := ReadPlan(dir)
	if err == nil {
		if difference := p.difference(there); difference != "" {
			return fmt.Errorf("%s holds another suite: %s; choose another directory", dir, difference)
		}
		return nil
	}
	if _, statErr := os.Lstat(dir); statErr == nil {
		entries, readErr := os.ReadDir(dir)
		if readErr != nil || len(entries) > 0 {
			return fmt.Errorf("%s exists and is no suite: choose another directory", dir)
		}
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("suite %s: %w", dir, err)
	}
	return lab.Replace(filepath.Join(dir, planFile), append(data, '\n'))
}

// ReadPlan reads a suite's plan.
func ReadPlan(dir string) (Plan, error) {
	var p Plan
	data, err := os.ReadFile(filepath.Join(dir, planFile))
	if errors.Is(err, fs.ErrNotExist) {
		return p, fmt.Errorf("%s is not a suite: it has no %s; 'engram suite run --out %s' makes one", dir, planFile, dir)
	} else if err != nil {
		return p, fmt.Errorf("suite %s: %w", dir, err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return p, fmt.Errorf("%s is not as it was written: %w", filepath.Join(dir, planFile), err)
	}
	return p.Expand()
}

// difference says in what a plan differs from the one that is there.
func (p Plan) difference(there Plan) string {
	for _, d := range []struct{ what, ours, theirs string }{
		{"tasks", strings.Join(p.Tasks, ","), strings.Join(there.Tasks, ",")},
		{"cells", strings.Join(p.Cells, ","), strings.Join(there.Cells, ",")},
		{"preset", p.Preset, there.Preset},
		{"seeds", strconv.Itoa(p.Seeds), strconv.Itoa(there.Seeds)},
		{"hyperparameters", settings(p.Set), settings(there.Set)},
	} {
		if d.ours != d.theirs {
			return fmt.Sprintf("its %s are %q, not %q", d.what, d.theirs, d.ours)
		}
	}
	return ""
}

func settings(set map[string]string) string {
	var parts []string
	for name, text := range set {
		parts = append(parts, name+"="+text)
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}
