package lab

import (
	"bytes"
	"encoding/json"
	"fmt"

	"engram/internal/strictjson"
	"engram/tasks"
)

// WithOptions returns the run with its agent in another setting of its task, for Evaluate, Policy and what they are
// built on; the directory stays as it is. options is a JSON object that is laid over the run's own task options: what
// it does not name stays as the agent was trained. Options that change the number of observations or actions do not
// fit the agent's weights and are refused.
func (r *Run) WithOptions(options json.RawMessage) (*Run, error) {
	before, err := tasks.New(r.Config.Task, r.Config.TaskOptions)
	if err != nil {
		return nil, err
	}
	if _, err := tasks.New(r.Config.Task, options); err != nil { // in the words of who wrote them
		return nil, err
	}
	merged, err := laidOver(r.Config.TaskOptions, options)
	if err != nil {
		return nil, err
	}
	after, err := tasks.New(r.Config.Task, merged)
	if err != nil {
		return nil, err
	}
	old, now := before.Spec(), after.Spec()
	if len(old.Observations) != len(now.Observations) || len(old.Actions) != len(now.Actions) {
		return nil, fmt.Errorf("invalid task options %s: they give %d observations and %d actions, and the agent of "+
			"%s has %d and %d: use options that keep these numbers", options, len(now.Observations), len(now.Actions),
			r.Dir, len(old.Observations), len(old.Actions))
	}
	other := *r
	c := &other.Config
	c.TaskOptions, c.StopAt, c.StopAtReturn = merged, 0, 0 // an agent that only acts solves nothing
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("task options %s: %w", options, err)
	}
	return &other, nil
}

// laidOver returns a JSON object with the members of another over it. Where both have an object of the same name, such
// as timing, the members of that one are laid over, too; deeper objects, such as a duration, are replaced.
func laidOver(base, over json.RawMessage) (json.RawMessage, error) {
	return laid(base, over, 2)
}

func laid(base, over json.RawMessage, levels int) (json.RawMessage, error) {
	if len(bytes.TrimSpace(over)) == 0 {
		return base, nil
	}
	members, err := object(over)
	if err != nil {
		return nil, err
	}
	all, err := object(base)
	if err != nil || levels == 0 {
		return over, nil // one of the two is no object of its own: it is replaced
	}
	for name, value := range members {
		if below, err := laid(all[name], value, levels-1); err == nil {
			value = below
		}
		all[name] = value
	}
	return json.Marshal(all)
}

// object returns the members of a JSON object; those of empty text are none.
func object(data json.RawMessage) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(data)) == 0 {
		return values, nil
	}
	members, err := strictjson.Members(data)
	for _, m := range members {
		values[m.Name] = m.Value
	}
	return values, err
}
