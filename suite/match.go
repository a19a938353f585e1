package suite

import (
	"fmt"
	"slices"

	"engram/drqn"
)

// NoticedDifference is the share by which the numbers of trainable parameters of compared agents may differ before a
// notice says so.
const NoticedDifference = 0.1

// matched returns the config of another agent than the first, with the size of the first on the config's task.
func (p Plan) matched(c drqn.Config) (drqn.Config, error) {
	first, err := p.config(c.Task, p.Agents[0], c.Seed)
	if err != nil {
		return c, err
	}
	parameters, err := first.Trainable()
	if err != nil {
		return c, err
	}
	return c.Matched(parameters)
}

// Sized is an agent with its number of trainable parameters.
type Sized struct {
	Name       string
	Parameters int
}

// SizeNotice returns a line that says by how much the largest of some compared agents exceeds the smallest in trainable
// parameters; empty if it is by NoticedDifference of the smaller or less.
func SizeNotice(agents []Sized) string {
	if len(agents) == 0 {
		return ""
	}
	bySize := func(a, b Sized) int { return a.Parameters - b.Parameters }
	small, large := slices.MinFunc(agents, bySize), slices.MaxFunc(agents, bySize)
	if float64(large.Parameters) <= (1+NoticedDifference)*float64(small.Parameters) {
		return ""
	}
	return fmt.Sprintf("%s has %d trainable parameters and %s has %d: a difference of more than %.0f %% may come from "+
		"size and not from the cell; --match-parameters (match_parameters in a plan) makes sizes equal", large.Name,
		large.Parameters, small.Name, small.Parameters, 100*NoticedDifference)
}

// SizeNotice returns the SizeNotice of the plan's agents, on the first task on which there is one.
func (p Plan) SizeNotice() (string, error) {
	for _, task := range p.Tasks {
		var agents []Sized
		for _, a := range p.Agents {
			c, err := p.config(task, a, 0)
			if err != nil {
				return "", err
			}
			n, err := c.Trainable()
			if err != nil {
				return "", err
			}
			agents = append(agents, Sized{a.Name, n})
		}
		if notice := SizeNotice(agents); notice != "" {
			return task + ": " + notice, nil
		}
	}
	return "", nil
}
