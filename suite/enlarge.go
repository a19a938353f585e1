package suite

import (
	"fmt"
	"slices"
	"strings"

	"engram/internal/lock"
)

// enlarge adds the seeds, tasks and agents of the wanted plan to a suite's directory, which it locks meanwhile.
func enlarge(dir string, there, wanted Plan) error {
	if larger, err := there.grown(dir, wanted); err != nil || larger.size() == there.size() {
		return err
	}
	held, err := lock.Acquire("suite", dir, func(string) {})
	if err != nil {
		return err
	}
	defer held.Release()
	if there, err = ReadPlan(dir); err != nil { // another process may have enlarged it meanwhile
		return err
	}
	larger, err := there.grown(dir, wanted)
	if err != nil {
		return err
	}
	return larger.write(dir)
}

// grown returns what enlarged does, with what is wrong of the directory or of an agent that is added.
func (p Plan) grown(dir string, wanted Plan) (Plan, error) {
	larger, err := p.enlarged(wanted)
	if err != nil {
		return p, fmt.Errorf("%s holds another suite: %w", dir, err)
	}
	return larger, larger.checkOwn(larger.Agents[len(p.Agents):])
}

// size returns the numbers of seeds, tasks and agents of a plan.
func (p Plan) size() [3]int { return [3]int{p.Seeds, len(p.Tasks), len(p.Agents)} }

// enlarged returns the plan with the further seeds, tasks and agents of the wanted one, after those that are there, so
// that runs keep their places. The wanted plan must have all that is there, and the same hyperparameters.
func (p Plan) enlarged(wanted Plan) (Plan, error) {
	for _, d := range []struct{ what, theirs, wanted string }{
		{"preset", p.Preset, wanted.Preset},
		{"hyperparameters", p.Settings(), wanted.Settings()},
	} {
		if d.theirs != d.wanted {
			return p, fmt.Errorf("its %s are %q, not %q: use another directory", d.what, d.theirs, d.wanted)
		}
	}
	if wanted.MatchParameters != p.MatchParameters {
		return p, fmt.Errorf("its match_parameters is %t, not %t: use another directory", p.MatchParameters,
			wanted.MatchParameters)
	}
	if wanted.Seeds < p.Seeds {
		return p, fmt.Errorf("its seeds are %d, not %d, and a suite can only be made larger: use --seeds %d or more, "+
			"or another directory", p.Seeds, wanted.Seeds, p.Seeds)
	}
	if left := missing(p.Tasks, wanted.Tasks); len(left) > 0 {
		return p, fmt.Errorf("its tasks are %q, and a suite can only be made larger: name %s, too, or use another "+
			"directory", strings.Join(p.Tasks, ","), strings.Join(left, ","))
	}
	agents, err := moreAgents(p.Agents, wanted.Agents)
	if err != nil {
		return p, err
	}
	p.Seeds, p.Agents = wanted.Seeds, agents
	p.Tasks = append(slices.Clone(p.Tasks), missing(wanted.Tasks, p.Tasks)...)
	return p, nil
}

// missing returns the names that the other list lacks.
func missing(names, other []string) (left []string) {
	for _, name := range names {
		if !slices.Contains(other, name) {
			left = append(left, name)
		}
	}
	return left
}

// moreAgents returns the agents that are there and then those wanted ones that are new.
func moreAgents(there, wanted []Agent) ([]Agent, error) {
	agents := slices.Clone(there)
	for _, a := range there {
		if !slices.ContainsFunc(wanted, func(b Agent) bool { return b.Name == a.Name }) {
			return nil, fmt.Errorf("its agents are %s, and a suite can only be made larger: name %s, too, or use "+
				"another directory", names(there), a.Name)
		}
	}
	for _, b := range wanted {
		i := slices.IndexFunc(there, func(a Agent) bool { return a.Name == b.Name })
		switch {
		case i < 0:
			agents = append(agents, b)
		case made(there[i]) != made(b):
			return nil, fmt.Errorf("its agent %s is made of %q, not %q: give the new one a name of its own, or use "+
				"another directory", b.Name, made(there[i]), made(b))
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

// made formats an agent's preset and hyperparameters. Its texts for readers are not compared.
func made(a Agent) string { return strings.TrimSpace(a.Preset + " " + settings(a.Set)) }
