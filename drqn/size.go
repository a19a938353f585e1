package drqn

import (
	"fmt"
	"slices"
)

// noticedDifference is the share by which the numbers of trainable parameters of compared agents may differ before a
// notice says so.
const noticedDifference = 0.1

// Sized is an agent that is compared with others: its name, its task and its number of trainable parameters, 0 if that
// is unknown.
type Sized struct {
	Name, Task string
	Parameters int
}

// SizeNotice returns a line that says by how much the largest of some compared agents exceeds the smallest of the same
// task in trainable parameters; of several tasks, for the first that comes; empty if no difference is above 10 % of the
// smaller.
func SizeNotice(agents []Sized) string {
	smallest, largest := map[string]Sized{}, map[string]Sized{}
	var tasks []string
	for _, a := range agents {
		if a.Parameters == 0 {
			continue
		}
		if _, known := smallest[a.Task]; !known {
			tasks, smallest[a.Task], largest[a.Task] = append(tasks, a.Task), a, a
		}
		if a.Parameters < smallest[a.Task].Parameters {
			smallest[a.Task] = a
		}
		if a.Parameters > largest[a.Task].Parameters {
			largest[a.Task] = a
		}
	}
	i := slices.IndexFunc(tasks, func(task string) bool {
		return float64(largest[task].Parameters) > (1+noticedDifference)*float64(smallest[task].Parameters)
	})
	if i < 0 {
		return ""
	}
	small, large := smallest[tasks[i]], largest[tasks[i]]
	return fmt.Sprintf("%s has %d trainable parameters and %s has %d: a difference of more than %.0f %% may come from "+
		"size and not from the cell; --match-parameters (match_parameters in a plan, Config.Matched in a cell) makes "+
		"sizes equal", large.Name, large.Parameters, small.Name, small.Parameters, 100*noticedDifference)
}
