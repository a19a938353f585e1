// Package drqn trains recurrent Q-networks from replayed windows (deep recurrent Q-learning; Hausknecht &
// Stone 2015, and R2D2, Kapturowski et al. 2019), with cells of package mpn as their memory.
//
// # Axes
//
// K population, B batch, T transitions of a window (T+1 observations), O observation, I cell input, H hidden
// units, A actions, P parameters of one member. A population trains K agents in one compiled program, each as
// if it were alone; one agent is a population of one.
//
// # One step of learning
//
// Both networks, online q and target q', read the same window of T+1 observations from its start state:
//
//	x_t = W_rand o_t + b_rand                                    Project
//	h_t = cell(x_t)                                              mpn.Cell.Unroll
//	q_t = Wq h_t + bq                                            Head; with a readout, of max(0, Wr h_t + br)
//	y_t = r_t + gamma c_t q'_{t+1}(argmax_a q_{t+1}(a))          DoubleValues, Targets (van Hasselt et al. 2016)
//	loss = sum_t mask_t huber(q_t(a_t) - y_t) / sum_t mask_t     MaskedMean, Huber
//
// c_t is 0 only where the episode terminated: if a time limit cut it, the target bootstraps from the value of
// the real next observation. No gradient flows through y. The gradient is clipped by its global norm, Adam takes a
// step, lambda is projected to [0, lambda_max], and every target_every updates q' becomes q.
//
// # What decides whether it learns
//
// A window must start from a true state (its episode's beginning, or the state stored while acting), and the
// rewarded step must be in it often enough. Preset "default" gives both by windows of one whole trial; preset
// "classic" gives neither and is kept to show that failure.
package drqn
