package suite

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"engram/internal/durable"
	"engram/internal/strictjson"
)

// References holds what policies that a suite did not train earn on tasks: an environment's ground truth, random
// actions, a person, a published agent. The first of them counts as 1 and the last as 0 where a share is formed.
type References struct {
	Source   string                        `json:"source,omitempty"` // of the numbers, for readers
	Policies []string                      `json:"policies"`         // in the order of a table's columns
	Earns    map[string]map[string]float64 `json:"earns"`            // mean reward of a trial, or return, by task and policy
}

// longestReferences bounds a file of references in bytes.
const longestReferences = 16 << 20

// ReadReferences reads a JSON file of References. A policy that is not in its list is an error, and so is a list that
// is empty or names a policy twice. A task may lack policies.
func ReadReferences(path string) (References, error) {
	data, err := durable.Read(path, longestReferences)
	if err != nil {
		return References{}, fmt.Errorf("references %s: %w", path, err)
	}
	r, err := strictjson.Decode(bytes.NewReader(data), References{})
	if err == nil {
		err = r.check()
	}
	if err != nil {
		return r, fmt.Errorf("references %s: %w", path, err)
	}
	return r, nil
}

func (r References) check() error {
	if len(r.Policies) == 0 {
		return errors.New(`invalid policies: name at least one, such as "policies": ["truth", "random"]`)
	}
	for i, policy := range r.Policies {
		if slices.Contains(r.Policies[:i], policy) {
			return fmt.Errorf("policy %q stands twice: name it once", policy)
		}
	}
	for _, task := range slices.Sorted(maps.Keys(r.Earns)) {
		for policy := range r.Earns[task] {
			if !slices.Contains(r.Policies, policy) {
				return fmt.Errorf("policy %q of task %s is unknown: use one of %s", policy, task,
					strings.Join(r.Policies, ", "))
			}
		}
	}
	return nil
}

// Against returns the rows with what the policies earn on their tasks. References of none of the tasks are an error.
func (r References) Against(rows []Row) ([]Row, error) {
	against := slices.Clone(rows)
	known := false
	for i, row := range against {
		against[i].References = r.Earns[row.Task]
		known = known || len(r.Earns[row.Task]) > 0
	}
	if !known && len(rows) > 0 {
		return nil, fmt.Errorf("the references have none of the suite's tasks: %q has to be a name in \"earns\"",
			rows[0].Task)
	}
	return against, nil
}

// Share returns (reward - last) / (first - last) of a row's median reward, with what the first and the last of the
// policies earn on its task. It is false where one of the three is unknown, or the first earns no more than the last.
func (r References) Share(row Row) (float64, bool) {
	first, hasFirst := row.References[r.Policies[0]]
	last, hasLast := row.References[r.Policies[len(r.Policies)-1]]
	if !hasFirst || !hasLast || first <= last || row.Reward == nil {
		return 0, false
	}
	return (*row.Reward - last) / (first - last), true
}
