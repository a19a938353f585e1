// Package replay is what an agent remembers of its past: a ring of transitions, and padded windows drawn from
// it to learn on.
//
// # Vocabulary
//
// A transition is one step of acting: the observation that was answered, the action, the reward, whether the
// episode terminated (nothing follows) or was truncated (cut by a time limit; something would have followed),
// and the observation after. An episode is a run of transitions from a reset to a termination or truncation.
// A lane is one of the N environments that act in lockstep: transition number c belongs to lane c mod N, and
// the one before it in its lane is c - N.
//
// A window is L consecutive transitions of one episode. It ends at a transition that is drawn, and is padded
// with zeros in front where the episode, or what the ring still holds of it, begins later:
//
//	episode     0   1   2   3   4   5   6   7 | 8   9 ...
//	window                                  ^ drawn end: the 8th step; L = 10
//	row      .   .   0   1   2   3   4   5   6   7   8'      2 padded + 8 valid, and the observation after
//	Valid    0   0   1   1   1   1   1   1   1   1   1       [T+1] observations to be read
//	LossMask 0   0   1   1   1   1   1   1   1   1           [T] transitions with loss
//
// Burn-in steps stand between the padding and the L steps with loss: the network reads them to warm its state
// up, and they carry no loss (R2D2, Kapturowski et al. 2019, section 3). A stored state is the recurrent state
// with which the agent met an observation; with StartStored a window is widened down to the nearest one, the
// steps between counting as burn-in.
//
// # Priorities
//
// With EndPrioritized a transition c is drawn as the end of a window with probability P(c) = p^alpha / sum of
// all held (Schaul et al. 2016), where p is the priority of the window that ends at c, as the caller last
// computed it with Priority and set it with Windows.Update. Batch.Weights correct for what is drawn too often:
// (N P)^-beta over the largest of the batch. With alpha 0 all are equally
// likely, as with EndUniform; with beta 0 nothing is corrected.
//
// Departures from the papers: a floor under p in place of an epsilon added to it; every row is drawn from all
// transitions, not from one of B strata; a priority is a transition's, of the window that ends there, where
// R2D2 has one for each of its stored sequences.
//
// # Guarantees
//
// No window crosses an episode, and none reads what the ring has overwritten. With EndUniform each held
// transition is the end equally often, with EndEpisode each held episode, with EndPrioritized each held
// transition in proportion to its priority to the power of alpha. A start state is the stored one, or
// zero where StartZero asks for that or the episode begins there; it is never made up. An empty ring is an
// error. A window that starts from zero is drawn only where all of it is held: none begins in mid-episode because the
// episode's beginning was overwritten, and none at all does where whole windows are asked for. Pushing, sampling and
// updating do not allocate, except a push after which more episode ends are held than ever before: then memory for 256
// of them is taken.
package replay
