package sweep

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"engram/bridge"
	"engram/drqn"
	"engram/lab"
	"engram/sweep/search"
	"engram/tasks"
)

// The measures of a goal of kind train.
const (
	measureLast      = "last"
	measureBest      = "best"
	measureUpdatesTo = "updates_to"
)

// defaultThreshold is the share of the ceiling at which a task counts as learned.
const defaultThreshold = 0.95

// training is the objective of a goal of kind train: each trial trains an agent per seed.
type training struct {
	goal  Goal
	space search.Space
	base  drqn.Config
	open  Backend // nil where nothing is to train
	score string  // what a trial is scored by: a share of the ceiling, or a return where there is none
}

func newTraining(g Goal, space search.Space, backend Backend) (*training, error) {
	if err := g.unused(map[string]bool{"function": g.Function != "", "steps": g.Steps != 0,
		"milliseconds": g.Milliseconds != 0}); err != nil {
		return nil, err
	}
	if g.Measure == "" {
		g.Measure = measureLast
	}
	if g.Seeds == 0 {
		g.Seeds = 1
	}
	if g.Preset == "" {
		g.Preset = "default"
	}
	if err := g.checkMeasure(); err != nil {
		return nil, err
	}
	t := &training{goal: g, space: space, open: backend}
	var err error
	if t.base, err = drqn.Preset(g.Preset); err != nil {
		return nil, err
	}
	for name, text := range g.Set {
		if space.Index(name) >= 0 {
			return nil, fmt.Errorf("%s is set by the goal and is a parameter of the space: leave one out", name)
		}
		if err := t.base.Set(name, text); err != nil {
			return nil, fmt.Errorf("goal: %w", err)
		}
	}
	if g.Measure != measureLast && t.base.EvalEvery == 0 && space.Index("eval_every") < 0 {
		return nil, fmt.Errorf("measure %s needs evaluations on the way: set eval_every above 0", g.Measure)
	}
	t.score = "share of ceiling"
	// An error is of a config that its trial completes.
	if has, err := t.base.HasCeiling(); err == nil && !has {
		t.score = "return"
		if g.Measure == measureUpdatesTo {
			return nil, fmt.Errorf("measure %s needs a ceiling, which %s has not: set floor and ceiling, or use last "+
				"or best", g.Measure, t.base.Task)
		}
	}
	return t, nil
}

func (g Goal) checkMeasure() error {
	switch {
	case !slices.Contains([]string{measureLast, measureBest, measureUpdatesTo}, g.Measure):
		return fmt.Errorf("measure %q is unknown: use last, best or updates_to", g.Measure)
	case g.Measure != measureUpdatesTo && g.Threshold != 0:
		return fmt.Errorf("measure %s has no threshold: leave it out, or use updates_to", g.Measure)
	case g.Threshold < 0 || g.Threshold > 1:
		return fmt.Errorf("invalid threshold %g: use a share of the ceiling, 0 to 1 (0 means %g)", g.Threshold,
			defaultThreshold)
	case g.Seeds < 1 || g.Seeds > mostTogether:
		return fmt.Errorf("invalid seeds %d: use 1 to %d", g.Seeds, mostTogether)
	}
	return nil
}

func (t *training) threshold() float64 {
	if t.goal.Threshold == 0 {
		return defaultThreshold
	}
	return t.goal.Threshold
}

// measures implements objective.
func (t *training) measures() Measures {
	m := Measures{Value: t.score, Score: t.score, Step: "updates", MaximiseScore: true,
		MaximiseValue: true, OneScale: true, Trains: true}
	if t.goal.Measure == measureUpdatesTo {
		m.Value, m.MaximiseValue, m.OneScale = fmt.Sprintf("updates to %.0f %%", 100*t.threshold()), false, false
	}
	return m
}

// config implements objective. A parameter that has no effect with the values of the others is an error.
func (t *training) config(p search.Point, seed int) (drqn.Config, error) {
	c, err := drqn.Assemble(t.base, t.asked(p))
	if setting := new(drqn.SettingError); errors.As(err, &setting) {
		err = fmt.Errorf("space: %w", err)
		if setting.Unused {
			err = fmt.Errorf("%w, or give it a condition (\"when\")", err)
		}
	}
	if err != nil {
		return c, err
	}
	if c.Seed+uint64(seed) < c.Seed {
		return c, fmt.Errorf("seed %d is too large for %d further seeds: use a smaller one", c.Seed, seed)
	}
	c.Seed += uint64(seed)
	return c, nil
}

// checkKind refuses a parameter of fractions for a hyperparameter of whole numbers: hardly a trial would draw one.
func (t *training) checkKind(p search.Param) error {
	use, fractions := map[search.Kind]search.Kind{search.KindFloat: search.KindInt,
		search.KindLog: search.KindLogInt}[p.Kind]
	whole := slices.ContainsFunc(drqn.Fields(), func(f drqn.Field) bool {
		return f.Name == p.Name && (f.Kind == "int" || f.Kind == "uint")
	})
	if !fractions || !whole {
		return nil
	}
	return fmt.Errorf("parameter %s has the kind %s, and %[1]s is a whole number: use %[3]s", p.Name, p.Kind, use)
}

// checkEffects refuses a hyperparameter of the goal that has no effect at any of the points, which are valid.
func (t *training) checkEffects(points []search.Point) error {
	for _, name := range slices.Sorted(maps.Keys(t.goal.Set)) {
		if err := t.checkEffect(name, points); err != nil {
			return fmt.Errorf("goal: %w", err)
		}
	}
	return nil
}

func (t *training) checkEffect(name string, points []search.Point) (err error) {
	for _, p := range points {
		asked := t.asked(p)
		asked[name] = t.goal.Set[name]
		_, err = drqn.Assemble(t.base, asked)
		if setting := new(drqn.SettingError); !errors.As(err, &setting) || !setting.Unused {
			return err
		}
	}
	return err
}

// asked returns the hyperparameters of a point.
func (t *training) asked(p search.Point) map[string]string {
	asked := map[string]string{}
	for i, param := range t.space {
		if t.space.Active(i, p) {
			asked[param.Name] = param.Text(p[i])
		}
	}
	return asked
}

// environment returns the name and options of a point's environment.
func (t *training) environment(p search.Point) bridge.Named {
	asked := t.asked(p)
	return bridge.Named{Name: cmp.Or(asked["task"], t.base.Task),
		Options: json.RawMessage(cmp.Or(asked["task_options"], string(t.base.TaskOptions)))}
}

// environments returns the environments of Python of some points.
func (t *training) environments(points []search.Point) (all []bridge.Named) {
	for _, p := range points {
		if e := t.environment(p); tasks.Foreign(e.Name) {
			all = append(all, e)
		}
	}
	return all
}

// described returns the points whose environment is known without Python, perhaps from the runs below a directory.
func (t *training) described(points []search.Point, runs string) (known []search.Point) {
	unknown := map[string]bool{} // so that the runs are read once for each
	for _, p := range points {
		e := t.environment(p)
		key := e.Name + string(e.Options)
		if unknown[key] {
			continue
		}
		if unknown[key] = !lab.RememberEnvironment(e.Name, e.Options, runs); !unknown[key] {
			known = append(known, p)
		}
	}
	return known
}

// check implements objective.
func (t *training) check(p search.Point) error {
	_, err := t.config(p, 0)
	return err
}

// steps implements objective. It needs no environment.
func (t *training) steps(p search.Point) int64 {
	c := t.base
	if updates, has := t.asked(p)["updates"]; has && c.Set("updates", updates) != nil {
		return 0
	}
	return int64(c.Updates)
}

// key implements objective: it names the hyperparameters that all members of a population must share.
func (t *training) key(p search.Point) string {
	c, err := t.config(p, 0)
	if err != nil {
		return err.Error()
	}
	if c.StopsEarly() {
		return t.space.Text(p) // a population ends when its last member may, so a trial that may end early trains alone
	}
	var parts []string
	for _, f := range drqn.Fields() {
		if !drqn.PerMember(f.Name) {
			parts = append(parts, c.Text(f.Name))
		}
	}
	return strings.Join(parts, "\n")
}

func (t *training) dir(a *attempt, seed int) string { return filepath.Join(a.runs, seedDir(seed)) }

// seedDir returns the name of the run of a seed within the directory of its trial.
func seedDir(seed int) string { return fmt.Sprintf("seed-%d", seed) }

var errNoEvaluation = errors.New("the run has no evaluation")
