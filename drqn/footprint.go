package drqn

import (
	"fmt"

	"engram/mpn"
	"engram/replay"
)

// DeviceBytes is about how much memory a train step of so many members takes on its device: the four vectors of a
// member before and after the update, its batch, and what the forward pass leaves for the gradient. It counts the
// chunked form; on XLA's CPU plugin it was half above what a step was measured to take (docs/performance.md). The
// replay rings are the host's: see HostBytes.
func (c Config) DeviceBytes(members int) (float64, error) {
	net, err := c.network()
	if err != nil {
		return 0, err
	}
	length, err := c.steps()
	if err != nil {
		return 0, err
	}
	length++
	steps, chunks := float64(length), float64(mpn.Chunks(length))
	hidden, batch := float64(c.Hidden*c.Layers), float64(c.Batch)
	vectors := 8 * float64(net.size)
	read := batch * steps * float64(net.Observation+6)
	activity := steps * (6*hidden + float64(c.Readout))
	pairs := 2 * steps * steps / chunks * hidden
	states := 2 * (chunks + 1) * float64(net.StateSize())
	return 4 * float64(members) * (vectors + read + batch*(activity+pairs+states)), nil
}

// HostBytes is about how much memory so many members take on the host, beside a train step: each its replay ring with
// the copy that goes into a checkpoint, the recurrent states of its environments, its weights in all their copies and
// its batch. The config must be valid.
func (c Config) HostBytes(members int) (float64, error) {
	net, err := c.network()
	if err != nil {
		return 0, err
	}
	steps, err := c.steps()
	if err != nil {
		return 0, err
	}
	o := c.ringOptions(net)
	ring := 2 * o.MostBytes(c.WindowEnd == replay.EndPrioritized)
	states := 2 * 4 * float64(c.Environments) * float64(net.StateSize())
	vectors := 8 * 4 * float64(net.size)
	batch := 2 * replay.BatchBytes(c.Batch, steps, o.ObservationSize, o.StateSize)
	return float64(members) * (ring + states + vectors + batch), nil
}

// steps is the number of transitions T of a row of a batch.
func (c Config) steps() (int, error) {
	env, err := c.newEnvironment()
	if err != nil {
		return 0, err
	}
	return c.replayWindow(env).Steps(c.StateEvery), nil
}

// checkSizes refuses a replay ring or a batch that no machine is asked for, and sizes that would overflow.
func (c Config) checkSizes() error {
	net, err := c.network()
	if err != nil {
		return err
	}
	o := c.ringOptions(net)
	if err := o.Check(); err != nil {
		return fmt.Errorf("capacity %d with state_every %d: %w", c.Capacity, c.StateEvery, err)
	}
	steps, err := c.steps()
	if err != nil {
		return err
	}
	if bytes := replay.BatchBytes(c.Batch, steps, o.ObservationSize, o.StateSize); bytes > mostBatch {
		return fmt.Errorf("batch %d is too large: its windows of %d steps would take %.1f GB, of at most %.1f: choose a smaller one, or a shorter window",
			c.Batch, steps, bytes/1e9, mostBatch/1e9)
	}
	return nil
}

// mostBatch bounds the memory of a batch, as replay does.
const mostBatch = 1 << 34
