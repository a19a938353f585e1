package suite

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute"

	"engram/internal/lock"
	"engram/lab"
)

// mostTogether bounds the seeds that Train trains in one program.
const mostTogether = 16

// Train trains the missing runs of a suite in this process, without a command: the seeds of an agent on a task together
// in one program, one agent after the other. Tasks that this program has registered are known. A run that is unfinished
// is resumed. A cancelled context ends Train with checkpoints and the context's error; another call resumes.
//
// watch is called before some seeds of an agent on a task are trained and returns what observes them; it may be nil.
func Train(ctx context.Context, dir string, b compute.Backend, backend string,
	watch func(Group) (lab.Watcher, error)) error {
	groups, err := Missing(dir)
	if err != nil {
		return err
	}
	held, err := lock.Acquire("suite", dir, func(string) {})
	if err != nil {
		return err
	}
	defer held.Release()
	for _, g := range groups {
		if err := g.train(ctx, b, backend, watch); err != nil {
			return err
		}
	}
	return nil
}

// Group holds the unfinished runs of an agent on a task that are trained together: those of several seeds.
type Group struct {
	Task, Agent string
	Jobs        []lab.Job
}

// Missing returns the groups of a suite's unfinished runs, task by task and agent by agent.
func Missing(dir string) ([]Group, error) {
	p, err := ReadPlan(dir)
	if err != nil {
		return nil, err
	}
	assignments, err := p.Assignments()
	if err != nil {
		return nil, err
	}
	packed, err := openArchive(dir)
	if err != nil {
		return nil, err
	}
	var groups []Group
	for _, task := range p.Tasks {
		for _, agent := range p.Agents {
			jobs, err := packed.missing(assignments, task, agent.Name)
			if err != nil {
				return nil, err
			}
			for together := range slices.Chunk(jobs, mostTogether) {
				groups = append(groups, Group{task, agent.Name, together})
			}
		}
	}
	return groups, nil
}

// missing returns the jobs of an agent on a task whose runs have not finished.
func (a archive) missing(assignments []Assignment, task, agent string) (jobs []lab.Job, err error) {
	for _, one := range assignments {
		if one.Task != task || one.Agent != agent {
			continue
		}
		path := filepath.Join(a.dir, one.String())
		k, finished, err := a.finished(one)
		if err != nil {
			return nil, err
		}
		if !finished {
			jobs = append(jobs, lab.Job{Dir: path, Config: one.Config})
		} else if err := one.sameConfig(path, k.run); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// sameConfig returns an error if a finished run has another config than the assignment: the preset has changed since.
func (a Assignment) sameConfig(path string, r *lab.Run) error {
	if different := a.Config.Differences(r.Config); different != "" {
		return fmt.Errorf("%s was trained with another config: its %s; use another directory", path, different)
	}
	return nil
}

// train trains a group.
func (g Group) train(ctx context.Context, b compute.Backend, backend string,
	watch func(Group) (lab.Watcher, error)) error {
	var w lab.Watcher
	if watch != nil {
		var err error
		if w, err = watch(g); err != nil {
			return err
		}
	}
	if _, err := lab.Train(ctx, g.Jobs, b, backend, w); err != nil {
		return fmt.Errorf("%s on %s: %w", g.Agent, g.Task, err)
	}
	return nil
}
