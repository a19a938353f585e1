package suite

import (
	"fmt"
	"slices"
	"strings"

	"engram/internal/lock"
)

// enlarge adds what a plan has more than the one of a suite's directory. Nobody may be at work in it meanwhile.
func enlarge(dir string, there, wanted Plan) error {
	larger, err := there.enlarged(wanted)
	if err != nil {
		return fmt.Errorf("%s holds another suite: %w", dir, err)
	}
	if there.size() == larger.size() {
		return nil
	}
	held, err := lock.Acquire("suite", dir, func(string) {})
	if err != nil {
		return err
	}
	defer held.Release()
	return larger.write(dir)
}

// size is how many seeds, tasks and agents a plan has.
func (p Plan) size() [3]int { return [3]int{p.Seeds, len(p.Tasks), len(p.Agents)} }

// enlarged returns the plan with the seeds, tasks and agents that the wanted one has more, after those that are there:
// what was trained stays as it is. The wanted plan must have all that is there, and the same hyperparameters.
func (p Plan) enlarged(wanted Plan) (Plan, error) {
	for _, d := range []struct{ what, theirs, wanted string }{
		{"preset", p.Preset, wanted.Preset},
		{"hyperparameters", settings(p.Set), settings(wanted.Set)},
	} {
		if d.theirs != d.wanted {
			return p, fmt.Errorf("its %s are %q, not %q; choose another directory", d.what, d.theirs, d.wanted)
		}
	}
	if wanted.Seeds < p.Seeds {
		return p, fmt.Errorf("its seeds are %d, not %d, and a suite can only be made larger: use --seeds %d or more, or another directory", p.Seeds, wanted.Seeds, p.Seeds)
	}
	if left := missing(p.Tasks, wanted.Tasks); len(left) > 0 {
		return p, fmt.Errorf("its tasks are %q, and a suite can only be made larger: name %s, too, or choose another directory", strings.Join(p.Tasks, ","), strings.Join(left, ","))
	}
	agents, err := moreAgents(p.Agents, wanted.Agents)
	if err != nil {
		return p, err
	}
	p.Seeds, p.Agents = wanted.Seeds, agents
	p.Tasks = append(slices.Clone(p.Tasks), missing(wanted.Tasks, p.Tasks)...)
	return p, nil
}

// missing are those names that the other list lacks.
func missing(names, other []string) (left []string) {
	for _, name := range names {
		if !slices.Contains(other, name) {
			left = append(left, name)
		}
	}
	return left
}

// moreAgents are the agents that are there, and the wanted ones that are new.
func moreAgents(there, wanted []Agent) ([]Agent, error) {
	agents := slices.Clone(there)
	for _, a := range there {
		if !slices.ContainsFunc(wanted, func(b Agent) bool { return b.Name == a.Name }) {
			return nil, fmt.Errorf("its agents are %s, and a suite can only be made larger: name %s, too, or choose another directory", names(there), a.Name)
		}
	}
	for _, b := range wanted {
		i := slices.IndexFunc(there, func(a Agent) bool { return a.Name == b.Name })
		switch {
		case i < 0:
			agents = append(agents, b)
		case made(there[i]) != made(b):
			return nil, fmt.Errorf("of its agents %s is made of %q, not %q: give the new one a name of its own, or choose another directory", b.Name, made(there[i]), made(b))
		}
	}
	return agents, nil
}

func names(agents []Agent) string {
	var list []string
	for _, a := range agents {
		list = append(list, a.Name)
	}
	return strings.Join(list, ",")
}

// made is what an agent is made of; what is said about it is not compared.
func made(a Agent) string { return strings.TrimSpace(a.Preset + " " + settings(a.Set)) }
