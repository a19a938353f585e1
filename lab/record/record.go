// Package record writes what an agent sees, does and holds in memory, step by step, into one file that NumPy reads
// (docs/recording.md), and reads such files.
package record

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"engram/drqn"
	"engram/internal/durable"
	"engram/lab"
	"engram/tasks"
)

// format is the version of the layout. It stays when arrays are added, and rises when one is renamed or removed.
const format = 1

// About describes a recording: the array "about", as JSON.
type About struct {
	Format      int             `json:"format"`
	Task        string          `json:"task"`
	TaskOptions json.RawMessage `json:"task_options,omitempty"`
	Cell        string          `json:"cell"`
	Episode     string          `json:"episode"`
	Run         string          `json:"run"`
	Update      int64           `json:"update"` // of the weights
	Seed        uint64          `json:"seed"`   // of the trials
	StepMillis  int             `json:"dt"`
	State       string          `json:"state"` // what is recorded of it: see State
	Unit        string          `json:"unit"`  // what is counted: trial, or episode in an environment without trials
	Trials      int             `json:"trials"`
	Steps       int             `json:"steps"`
}

// Options are what to record.
type Options struct {
	Trials int
	Seed   uint64
	State  State
	Run    string // where the agent is from; kept in About
	Update int64
}

// Size returns an upper bound of a recording's size in bytes: all trials as long as the longest, or as one step where
// no longest is known.
func Size(p *drqn.Policy, o Options) float64 {
	spec := p.Spec()
	longest := float64(max(1, spec.MaxTrialSteps))
	floats := float64(len(spec.Observations) + len(spec.Actions) + p.Hidden())
	perState := 0.0
	switch size := float64(product(p.StateShape())); {
	case size == 0 || o.State.Kind == None:
	case o.State.Kind == All:
		perState = 4*size + 8
	case o.State.Kind == EveryKth:
		perState = (4*size + 8) / float64(o.State.N)
		perState = max(perState, (4*size+8)/longest)
	case o.State.Kind == Components:
		perState = 4*float64(o.State.N) + 8
	}
	const step, trial = 4 + 4 + 4 + 2 + 4, 256 // action, reward, truth, period, evidence; offsets, marks and conditions
	return float64(o.Trials) * (longest*(4*floats+step+perState) + trial)
}

// Check returns an error that names the remedy unless a recording can be written to path: the file, and the number of
// trials, and its size by Size, are possible. What is free on the disk, once, is the bound; a recording takes twice as
// much for a moment, but is mostly smaller than that size.
func Check(p *drqn.Policy, path string, o Options) error {
	if err := durable.Writable(path); err != nil {
		return err
	}
	if o.Trials < 1 {
		return fmt.Errorf("invalid trials %d: use 1 or more", o.Trials)
	}
	free, err := durable.Free(filepath.Dir(path))
	if size := Size(p, o); err == nil && size > free {
		return fmt.Errorf("%s: %d %ss could take %.3g GB, and %.3g GB are free there: use fewer, keep less of the "+
			"state, or name one on another disk", path, o.Trials, p.Goal().Unit(), size/1e9, free/1e9)
	}
	return nil
}

// Write lets an agent act greedily for a number of whole trials and writes each of their steps to path. The file
// appears whole or not at all. The memory that it takes does not grow with the steps: they wait in files without a
// name beside path, which take as much of the disk as the recording.
func Write(ctx context.Context, p *drqn.Policy, path string, o Options) (About, error) {
	if err := Check(p, path, o); err != nil {
		return About{}, err
	}
	w, err := newWriter(ctx, p, filepath.Dir(path), o)
	if err != nil {
		return About{}, err
	}
	defer w.close()
	err = p.Act(ctx, o.Trials, o.Seed, drqn.Hooks{Begin: w.begin, Describe: w.describe, Each: w.add})
	if err = cmp.Or(durable.Unwritable(path, w.failed), err); err != nil {
		return About{}, err
	}
	return w.about, durable.Replace(path, w.writeTo)
}

// Policy returns the agent of a run's checkpoint: "last", "best" or an update, and the update. Options, unless nil, are
// laid over the task options of training.
func Policy(r *lab.Run, checkpoint string, options json.RawMessage) (*drqn.Policy, int64, error) {
	if options == nil {
		return ofCheckpoint(r, checkpoint)
	}
	other, err := r.WithOptions(options)
	if err != nil {
		return nil, 0, err
	}
	policy, update, err := ofCheckpoint(other, checkpoint)
	r.Notices = other.Notices
	return policy, update, err
}

func ofCheckpoint(r *lab.Run, checkpoint string) (*drqn.Policy, int64, error) {
	if checkpoint == "last" {
		return r.Policy()
	}
	update, err := r.Best()
	if checkpoint != "best" {
		update, err = checkpointOf(r, checkpoint)
	}
	if err != nil {
		return nil, 0, err
	}
	policy, err := r.PolicyOf(update)
	return policy, update, err
}

// checkpointOf returns the update that a text names, of which the run must have a checkpoint.
func checkpointOf(r *lab.Run, text string) (int64, error) {
	updates, err := r.Checkpoints()
	if err != nil {
		return 0, err
	}
	update, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !slices.Contains(updates, update) {
		kept := strings.Trim(strings.ReplaceAll(fmt.Sprint(updates), " ", ", "), "[]")
		return 0, fmt.Errorf("unknown checkpoint %q of run %s: use last, best or an update: it has %s", text, r.Dir,
			cmp.Or(kept, "none yet"))
	}
	return update, nil
}

func product(shape []int) int {
	if len(shape) == 0 {
		return 0
	}
	n := 1
	for _, size := range shape {
		n *= size
	}
	return n
}

// periodOf returns the number of the first listed period that holds a step, or -1. In ReadySetGo periods overlap.
func periodOf(periods []tasks.Period, step int) int {
	for i, p := range periods {
		if p.Start <= step && step < p.End {
			return i
		}
	}
	return -1
}
