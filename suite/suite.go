// Package suite trains several agents on many tasks and seeds, each in a run of its own, and sums up the results.
//
// A suite is a directory with the plan, suite.json, and a run directory TASK/AGENT/seed-N for each run. A run that has
// finished is never trained again; one that was cut short is resumed.
//
// [Archive] packs a suite into two files that are small enough to commit: suite.json and runs.jsonl. Each line of
// runs.jsonl is a JSON object for one finished run:
//
//	format       1; a later version adds fields, and a reader refuses a greater number
//	task         the task's name
//	agent        the agent's name in the plan
//	seed         the run's seed
//	config       the run's config.json
//	run          the run's run.json: state, result, versions, machine, backend, length
//	evaluations  the lines of the run's evals.jsonl
//	gates        the quartiles of lambda_t at the run's end, if its cell has a gate
//	digest       the SHA-256 that 'engram digest' prints, if the weights were there when the suite was packed
//
// All functions read a suite, its archive, and an archive that was made larger, whose new runs are directories beside
// runs.jsonl. Archives of earlier versions, with a directory for each run, are read as suites.
package suite

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"engram/bridge"
	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/lock"
	"engram/internal/plain"
	"engram/internal/strictjson"
	"engram/lab"
	"engram/tasks"
)

const planFile = "suite.json"

// Kept lists the files of a suite, besides its runs, that cannot be made again.
func Kept() []string { return []string{planFile, runsFile, lock.File} }

// IsSuite reports whether a directory is a suite or the archive of one, be it one that cannot be read.
func IsSuite(dir string) bool { return durable.Exists(dir, planFile) }

// Plan describes what a suite trains: every agent on every task with the seeds 0 to Seeds-1.
type Plan struct {
	Tasks  []string      `json:"tasks"`
	Agents []Agent       `json:"agents"`
	Seeds  int           `json:"seeds"`
	Preset string        `json:"preset"`
	Set    drqn.Settings `json:"set"` // over the preset
	// MatchParameters gives every agent, on each task, the number of hidden units with which it has nearly as many
	// trainable parameters as the first agent.
	MatchParameters bool `json:"match_parameters,omitempty"`
}

// Agent describes one of the agents that a suite compares by its changes to the plan's hyperparameters.
type Agent struct {
	Name   string        `json:"name"`             // letters, digits and - _ . + only, because it names a directory
	Preset string        `json:"preset,omitempty"` // instead of the plan's
	Set    drqn.Settings `json:"set,omitempty"`    // over the plan's
	Change string        `json:"change,omitempty"` // what was changed, for readers
	Why    string        `json:"why,omitempty"`    // one-sentence explanation of the result
}

// Cells returns agents that differ only in their cell and are named after it.
func Cells(names ...string) []Agent {
	var agents []Agent
	for _, name := range names {
		agents = append(agents, Agent{Name: name, Set: map[string]string{"cell": name}})
	}
	return agents
}

// Assignment is one run of a suite: an agent on a task with a seed.
type Assignment struct {
	Task, Agent string
	Seed        uint64
	Config      drqn.Config
}

// String returns the path of the assignment's run in the suite's directory.
func (a Assignment) String() string {
	return filepath.Join(taskFolder(a.Task), a.Agent, "seed-"+strconv.FormatUint(a.Seed, 10))
}

// taskFolder returns the name of the folder of a task's runs: the task's own, or for an environment of Python its name
// with - for what a folder's name may not have, such as gymnasium-CartPole-v1.
func taskFolder(task string) string {
	if directoryName.MatchString(task) {
		return task
	}
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if directoryName.MatchString("x" + string(r)) {
			return r
		}
		return '-'
	}, task), "-.+_")
}

// Expand returns the plan with the task "all" replaced by the names of all tasks, or the reason why it is invalid.
func (p Plan) Expand() (Plan, error) {
	p = p.filled()
	err := p.checkNames()
	if err == nil {
		_, err = p.Assignments()
	}
	return p, err
}

// filled returns the plan with what a file may leave to its reader.
func (p Plan) filled() Plan {
	if slices.Equal(p.Tasks, []string{"all"}) {
		p.Tasks = tasks.Names()
	}
	p.Preset = cmp.Or(p.Preset, "default")
	return p
}

// Assignments lists the runs of the plan with their configs, seed by seed, so that the first results cover every task
// and agent.
func (p Plan) Assignments() ([]Assignment, error) {
	if err := p.checkNames(); err != nil {
		return nil, err
	}
	p.describe()
	assignments := p.places()
	configs := map[[2]string]drqn.Config{} // seeds differ in nothing else
	for i, a := range assignments {
		key := [2]string{a.Task, a.Agent}
		c, made := configs[key]
		if !made {
			var err error
			if c, err = p.config(a.Task, p.agent(a.Agent)); err != nil {
				return nil, fmt.Errorf("agent %s: %w", a.Agent, err)
			}
			configs[key] = c
		}
		c.Seed = a.Seed
		assignments[i].Config = c
	}
	return assignments, nil
}

// places lists the runs of the plan in the order of Assignments, without configs.
func (p Plan) places() (all []Assignment) {
	for seed := range p.Seeds {
		for _, task := range p.Tasks {
			for _, agent := range p.Agents {
				all = append(all, Assignment{Task: task, Agent: agent.Name, Seed: uint64(seed)})
			}
		}
	}
	return all
}

// agent returns the agent of a name that the plan has.
func (p Plan) agent(name string) Agent {
	return p.Agents[slices.IndexFunc(p.Agents, func(a Agent) bool { return a.Name == name })]
}

// config returns an agent's config on a task with the preset's seed.
func (p Plan) config(task string, a Agent) (drqn.Config, error) {
	c, err := p.assemble(task, a, nil) // nothing is asked for: what one agent uses another may not have
	if err != nil || !p.matches(a) {
		return c, err
	}
	return p.matched(c)
}

// assemble returns an agent's config on a task before it is matched. The hyperparameters asked for must have an effect.
func (p Plan) assemble(task string, a Agent, asked drqn.Settings) (drqn.Config, error) {
	c, err := drqn.Preset(cmp.Or(a.Preset, p.Preset))
	if err != nil {
		return c, err
	}
	for _, name := range []string{"task", "seed"} {
		_, ofPlan := p.Set[name]
		if _, ofAgent := a.Set[name]; ofPlan || ofAgent {
			return c, fmt.Errorf("%s is the suite's own: use it by --%ss", name, name)
		}
	}
	c.Task = task
	return drqn.Assemble(c, asked, p.Set, a.Set)
}

// Create makes the directory of a suite. If the suite exists, the seeds, tasks and agents that its plan lacks are
// added; any other difference is an error.
func Create(dir string, p Plan) error {
	other := holdsOther(dir) // before the plan is looked for: another process may be making it
	there, err := ReadPlan(dir)
	if err == nil {
		return enlarge(dir, there, p)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if other {
		return fmt.Errorf("%s exists and is not a suite: use another directory", dir)
	}
	if err := p.checkEffects(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("suite %s: %w", dir, err)
	}
	err = p.put(dir, durable.CreateBytes)
	if errors.Is(err, fs.ErrExist) { // another process was quicker
		return Create(dir, p)
	}
	return err
}

// holdsOther reports whether a directory holds more than the file that becomes the plan of a suite that is just being
// made.
func holdsOther(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true
	}
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return !strings.HasPrefix(e.Name(), durable.BesidePrefix)
	})
}

// write writes the plan into a suite's directory, in place of the one that is there.
func (p Plan) write(dir string) error { return p.put(dir, durable.ReplaceBytes) }

// put writes the plan into a suite's directory by a function of package durable.
func (p Plan) put(dir string, write func(path string, data []byte) error) error {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return write(filepath.Join(dir, planFile), append(data, '\n'))
}

// ReadPlan reads a suite's plan; the error wraps fs.ErrNotExist where it is missing. It starts no Python: what is asked
// of an environment of Python that this process knows nothing of is not checked here, but where its runs begin.
func ReadPlan(dir string) (Plan, error) {
	path := filepath.Join(dir, planFile)
	p, err := decodePlan(path)
	if err == nil {
		p = p.filled()
		if err = p.checkDescribed(); err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		return p, durable.Missing(fmt.Sprintf("%s is not a suite: it has no %s; 'engram suite run --out %s' makes one",
			dir, planFile, plain.Path(dir)))
	}
	return p, err
}

// checkDescribed refuses an invalid plan, except where Python would have to be asked.
func (p Plan) checkDescribed() error {
	if err := p.checkNames(); err != nil {
		return err
	}
	for _, task := range p.Tasks {
		for _, a := range p.Agents {
			if !p.described(task, a) {
				continue
			}
			if _, err := p.config(task, a); err != nil {
				return fmt.Errorf("agent %s: %w", a.Name, err)
			}
		}
	}
	return nil
}

// options returns an agent's task options.
func (p Plan) options(a Agent) json.RawMessage {
	return json.RawMessage(cmp.Or(a.Set["task_options"], p.Set["task_options"]))
}

// described reports whether an agent's environment on a task is known without Python.
func (p Plan) described(task string, a Agent) bool { return lab.Described(task, p.options(a)) }

// describe asks Python for all of the plan's environments at once.
func (p Plan) describe() {
	var all []bridge.Named
	for _, task := range p.Tasks {
		for _, a := range p.Agents {
			if tasks.Foreign(task) {
				all = append(all, bridge.Named{Name: task, Options: p.options(a)})
			}
		}
	}
	bridge.DescribeTogether(all...)
}

// longestPlan bounds a plan's file in bytes.
const longestPlan = 4 << 20

// LoadPlan reads a plan from a file, such as the suite.json of another suite.
func LoadPlan(path string) (Plan, error) {
	p, err := decodePlan(path)
	if err != nil {
		return p, err
	}
	if p, err = p.Expand(); err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// decodePlan reads a plan that is not checked.
func decodePlan(path string) (p Plan, err error) {
	data, err := durable.Read(path, longestPlan)
	if err != nil {
		return p, fmt.Errorf("suite's plan: %w", err)
	}
	if p, err = strictjson.Decode(bytes.NewReader(data), p); err != nil {
		return p, fmt.Errorf("%s is not a suite's plan: %w", path, err)
	}
	return p, nil
}

// Settings formats the plan's hyperparameters as name=value, sorted by name.
func (p Plan) Settings() string { return settings(p.Set) }

func settings(set map[string]string) string {
	var parts []string
	for name, text := range set {
		parts = append(parts, name+"="+text)
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}
