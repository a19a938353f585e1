package drqn

import "engram/mpn"

// DeviceBytes is about how much memory a train step of so many members takes on its device: the four vectors of a member
// before and after the update, its batch, and what the forward pass leaves for the gradient. It counts the chunked form;
// on XLA's CPU plugin it was half above what a step was measured to take (docs/performance.md). The replay rings are
// the host's.
func (c Config) DeviceBytes(members int) (float64, error) {
	env, err := c.newEnvironment()
	if err != nil {
		return 0, err
	}
	net, err := NewNetwork(c, env.Spec())
	if err != nil {
		return 0, err
	}
	length := c.window(env.Spec()) + c.BurnIn + max(0, c.StateEvery-1) + 1
	steps, chunks := float64(length), float64(mpn.Chunks(length))
	hidden, batch := float64(c.Hidden*c.Layers), float64(c.Batch)
	vectors := 8 * float64(net.size)
	read := batch * steps * float64(net.Observation+6)
	activity := steps * (6*hidden + float64(c.Readout))
	pairs := 2 * steps * steps / chunks * hidden
	states := 2 * (chunks + 1) * float64(net.State())
	return 4 * float64(members) * (vectors + read + batch*(activity+pairs+states)), nil
}
