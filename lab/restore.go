package lab

import (
	"errors"
	"fmt"

	"engram/drqn"
	"engram/replay"
)

// Checkpoint is a checkpoint that was read and whose checksums hold.
type Checkpoint struct {
	Manifest
	Dir   string
	State drqn.State // without the replay ring, except in Train
}

// errNewer is the reason to refuse a file of a newer format.
var errNewer = fmt.Errorf("this engram reads formats up to %d: use a newer engram", formatState)

// errEarlier is the reason to refuse to train from a checkpoint of format 1.
var errEarlier = errors.New("it has weights only, from which training cannot resume: train into a new run directory")

// Checkpoints lists the updates of the run's checkpoints, in order; the last is the newest.
func (r *Run) Checkpoints() ([]int64, error) { return checkpointsOf(r.Dir) }

// Checkpoint reads the run's checkpoint of an update: weights, target network, moments and the state of acting, without
// the replay ring. A file that was cut, altered or removed is an error that names it; so is a checkpoint of format 1,
// which has weights only. It allocates no more than the run's config can need.
func (r *Run) Checkpoint(update int64) (*Checkpoint, error) {
	c := &Checkpoint{Dir: checkpointPath(r.Dir, update)}
	numbers, err := r.Config.StateNumbers()
	if err != nil {
		return nil, err
	}
	if c.Manifest, err = readManifest(c.Dir, update); err != nil {
		return nil, err
	}
	if c.Format < formatState {
		return nil, fmt.Errorf("checkpoint %s has format %d: %w", c.Dir, c.Format, errEarlier)
	}
	limit := jsonLimit(numbers)
	var weights, optimiser []tensor
	for name, into := range map[string]any{weightsFile: &weights, optimiserFile: &optimiser, actingFile: &c.State} {
		if err := c.decode(c.Dir, name, limit, into); err != nil {
			return nil, err
		}
	}
	if c.State.Update != update {
		return nil, fmt.Errorf("checkpoint %s is of update %d", c.Dir, c.State.Update)
	}
	c.State.Weights, c.State.Target = vectorOf("", weights), vectorOf(targetPrefix, optimiser)
	c.State.First, c.State.Second = vectorOf(firstPrefix, optimiser), vectorOf(secondPrefix, optimiser)
	return c, nil
}

// jsonLimit returns the largest size in bytes of a JSON file of the given number of numbers.
func jsonLimit(numbers int) int64 { return 1<<20 + 32*int64(numbers) }

// withRing reads the checkpoint's replay ring, which must have the given options.
func (c *Checkpoint) withRing(o replay.Options) error {
	file, err := c.open(c.Dir, replayFile, o.SnapshotLimit())
	if err != nil {
		return err
	}
	defer file.Close()
	if c.State.Ring, err = replay.ReadRing(o, file); err != nil {
		return fmt.Errorf("%s: %w", file.Name(), err)
	}
	return nil
}

// Policy returns the agent of the run's newest undamaged checkpoint and its update. Damaged ones are named in the run's
// Notices.
func (r *Run) Policy() (policy *drqn.Policy, update int64, err error) {
	updates, err := r.Checkpoints()
	if err != nil {
		return nil, 0, err
	}
	if len(updates) == 0 {
		return nil, 0, fmt.Errorf("run %s has no checkpoint yet: let it train on", r.Dir)
	}
	var refused []error
	for i := len(updates) - 1; i >= 0; i-- {
		policy, err := r.PolicyOf(updates[i])
		if err == nil {
			for _, err := range refused {
				r.Notices = append(r.Notices, fmt.Sprintf("%v: the checkpoint of update %d is used", err, updates[i]))
			}
			return policy, updates[i], nil
		}
		if refused = append(refused, err); errors.Is(err, errNewer) {
			break
		}
	}
	return nil, 0, errors.Join(refused...)
}

// Best returns the update of the best checkpoint that is kept, the one whose weights earned most in their evaluation.
func (r *Run) Best() (update int64, err error) {
	updates, err := r.Checkpoints()
	if err != nil {
		return 0, err
	}
	if best, found := bestOf(r.Dir, updates); found {
		return best, nil
	}
	return 0, fmt.Errorf("run %s has no checkpoint that was evaluated: use eval_every and checkpoint_every "+
		"that meet", r.Dir)
}

// PolicyOf returns the agent of the checkpoint of an update, of any format.
func (r *Run) PolicyOf(update int64) (*drqn.Policy, error) {
	dir := checkpointPath(r.Dir, update)
	numbers, err := r.Config.StateNumbers()
	if err != nil {
		return nil, err
	}
	m, err := readManifest(dir, update)
	if err != nil {
		return nil, err
	}
	var weights []tensor
	if err := m.decode(dir, weightsFile, jsonLimit(numbers), &weights); err != nil {
		return nil, err
	}
	policy, err := drqn.NewPolicy(r.Config, vectorOf("", weights))
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", dir, err)
	}
	return policy, nil
}
