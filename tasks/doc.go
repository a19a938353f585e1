// Package tasks holds the environments that agents learn: cognitive tasks of NeuroGym (neurogym 2.3.1),
// TemporalOrder, MemoryLength of bsuite (0.3.6), Integration of eLife 83035 and TwoArmedBandit, on one trial engine,
// with reference policies. A task is one small file.
//
// # Timeline
//
// Time runs in steps of dt milliseconds. A trial of T steps is laid out when it begins: observations [T, O],
// ground truth [T] and named periods, laid end to end. At step t
//
//	the agent has seen observation t   ->   acts   ->   reward t, judged by the period of step t
//	                                               ->   observation t+1, or the next trial's first
//
// so the reward of a Step belongs to the observation before it, and the observation that a Step returns is
// the next one. Trials follow each other; an environment terminates only where its task says so
// (TemporalOrder, MemoryLength, Integration, TwoArmedBandit), and is truncated only by a time limit (Wrap).
//
// # Departures from NeuroGym, on purpose
//
//   - NeuroGym's reset takes a silent random step, so its first trial lacks its first step. Here Reset
//     returns the first observation.
//   - Info.Correct is judged here. NeuroGym's performance flag reports 0 for a correct no-go trial of GoNogo,
//     because it is reset between being set and being read.
//   - NeuroGym's oracle follows the ground truth, which in ReadySetGo marks a step one too late; policy
//     "oracle" here is the optimum and policy "gt" follows the ground truth.
//   - Random numbers come from PCG (math/rand/v2), so a seed gives other trials than NeuroGym's, of the same
//     distributions.
//
// # Departures from bsuite, on purpose
//
//   - After the last action of an episode MemoryLength, as every task here, returns the next trial's first
//     observation; bsuite returns one of zeros. Nothing follows it, so no action and no target depends on it.
//   - Observations are [O]; bsuite's are [1, O].
//   - Random numbers come from PCG, as above.
//
// Everything else is equal step by step; testdata holds the recorded traces that show it.
package tasks
