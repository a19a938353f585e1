// Package mpn provides the recurrent cells of engram's agents. Each has two forms: a GoMLX graph that unrolls a batch
// of sequences and has gradients (for learning), and a single step in plain Go without allocation (for acting).
//
// # Axes
//
// K population (agents trained in one program), B batch (sequences), T time (steps of a sequence), I cell
// input, H hidden units. Everywhere the order is [K, B, T, ...]; a population of one has K = 1.
//
// # The multi-plasticity cell
//
// A multi-plasticity network (MPN; Aitken & Mihalas, eLife 83035) stores its memory in a matrix M beside its slow
// weights W. Each step first reads M and then writes it:
//
//	h_t = tanh(b + (W o (1 + M_{t-1})) x_t)          read   (eq. 2)
//	M_t = lambda M_{t-1} + eta h_t x_t^T             write  (eq. 3)
//
// o is the elementwise product. W [H, I] and b [H] are slow weights, eta (any sign) and lambda (0 to
// lambda_max) are scalars, trained or fixed. M [H, I] is the state and is zero at an episode's start. Variant
// offers other writes, reads, shapes of eta and lambda, and a bound of M; Layers stacks two cells.
//
// # Padding
//
// valid [K, B, T] is 1 at a real step and 0 at a padded one. At a padded step the state does not
// change, and no value or gradient crosses it. h at a padded step has no meaning; the loss must not read it.
//
// # Graph errors
//
// Graph-building functions panic with an error, as GoMLX's do; an executor (graph.Exec) recovers it and
// returns it.
package mpn
