package nb

import (
	"fmt"
	"strings"

	"engram/drqn"
	"engram/sweep"
)

// Config returns the hyperparameters of an agent on a task: those of preset default, or of the one named by a setting
// preset=NAME, with further settings over them, each as name=value. 'engram train --help' lists the names.
//
//	c := nb.Config("GoNogo", "hidden=32", "seed=7")
func Config(task string, settings ...string) drqn.Config { return Must(config(task, settings)) }

func config(task string, settings []string) (drqn.Config, error) {
	preset, set, err := split(settings)
	if err != nil {
		return drqn.Config{}, err
	}
	c, err := drqn.Preset(preset)
	if err != nil {
		return c, err
	}
	c.Task = task
	return drqn.Assemble(c, set)
}

// Goal returns the goal of a study that trains agents on a task, with settings as in Config.
func Goal(task string, settings ...string) sweep.Goal {
	preset, set, err := split(append(settings, "task="+task))
	Check(err)
	return sweep.Goal{Kind: "train", Preset: preset, Set: set}
}

// Set returns settings, each as name=value, by their names, as a suite's plan takes them.
func Set(settings ...string) map[string]string {
	_, set, err := split(settings)
	Check(err)
	return set
}

// split returns the preset and the other settings by their names.
func split(settings []string) (preset string, set map[string]string, err error) {
	preset, set = "default", map[string]string{}
	for _, s := range settings {
		name, value, found := strings.Cut(s, "=")
		if !found {
			return "", nil, fmt.Errorf("invalid setting %q: use name=value", s)
		}
		if name = strings.ReplaceAll(strings.TrimSpace(name), "-", "_"); name == "preset" {
			preset = value
			continue
		}
		set[name] = value
	}
	return preset, set, nil
}
