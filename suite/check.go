package suite

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"engram/drqn"
)

// mostSeeds bounds the seeds of a plan: more are a slip.
const mostSeeds = 4096

// checkNames refuses a plan whose runs have no places.
func (p Plan) checkNames() error {
	if len(p.Tasks) == 0 || len(p.Agents) == 0 {
		return errors.New("a suite needs at least one task and one agent")
	}
	if p.Seeds < 1 || p.Seeds > mostSeeds {
		return fmt.Errorf("invalid seeds %d: use 1 to %d", p.Seeds, mostSeeds)
	}
	if err := checkAgents(p.Agents); err != nil {
		return err
	}
	return checkTasks(p.Tasks)
}

func checkTasks(tasks []string) error {
	folders := map[string]string{}
	for i, task := range tasks {
		if slices.Contains(tasks[:i], task) {
			return fmt.Errorf("task %s is named twice: name it once", task)
		}
		folder := taskFolder(task)
		if other, taken := folders[folder]; taken {
			return fmt.Errorf("tasks %s and %s would share the folder %s: use two suites", other, task, folder)
		}
		folders[folder] = task
	}
	return nil
}

// directoryName matches the names that an agent may have.
var directoryName = regexp.MustCompile(`^[A-Za-z0-9][-+_.A-Za-z0-9]*$`)

// longestName is the length of the longest name that file systems take.
const longestName = 255

func checkAgents(agents []Agent) error {
	seen := map[string]bool{}
	for _, a := range agents {
		if len(a.Name) > longestName {
			return fmt.Errorf("agent %.20q... has a name of %d bytes, and it names a directory: use at most %d", a.Name,
				len(a.Name), longestName)
		}
		if !directoryName.MatchString(a.Name) {
			return fmt.Errorf("agent %q cannot name a directory: use letters, digits and - _ . +", a.Name)
		}
		if seen[a.Name] {
			return fmt.Errorf("two agents are called %q: give each a name of its own", a.Name)
		}
		seen[a.Name] = true
	}
	return nil
}

// checkEffects refuses a hyperparameter that an agent sets without effect, and one of the plan that has an effect for
// no agent. Plans of earlier versions may have such ones, so a suite that exists is not asked.
func (p Plan) checkEffects() error {
	if err := p.checkOwn(p.Agents); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(p.Set)) {
		if err := p.checkShared(name); err != nil {
			return err
		}
	}
	return nil
}

// checkOwn returns an error if one of the agents sets a hyperparameter that has no effect.
func (p Plan) checkOwn(agents []Agent) error {
	for _, a := range agents {
		if _, sets := a.Set["hidden"]; sets && p.matches(a) {
			return fmt.Errorf("agent %s: hidden has no effect with match_parameters = true: leave it out", a.Name)
		}
		if _, err := p.assemble(p.Tasks[0], a, a.Set); err != nil {
			return fmt.Errorf("agent %s: %w", a.Name, err)
		}
	}
	return nil
}

// checkShared returns an error if a hyperparameter of the plan has an effect for none of its agents.
func (p Plan) checkShared(name string) error {
	why := fmt.Errorf("%s is set by the plan and by every agent: leave one out", name)
	for _, a := range p.Agents {
		if _, own := a.Set[name]; own {
			continue
		}
		_, err := p.assemble(p.Tasks[0], a, drqn.Settings{name: p.Set[name]})
		if setting := new(drqn.SettingError); !errors.As(err, &setting) || !setting.Unused {
			return err
		}
		why = err
	}
	return why
}
