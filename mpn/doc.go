// Package mpn holds the recurrent cells of engram's agents, each in two forms: a GoMLX graph that unrolls
// a batch of sequences and has gradients (for learning), and a plain-Go single step without allocation
// (for acting).
//
// # Axes
//
// K population (agents trained in one program), B batch (sequences), T time (steps of a sequence), I cell
// input, H hidden units. Everywhere the order is [K, B, T, ...]; a population of one has K = 1.
//
// # The multi-plasticity cell
//
// A multi-plasticity network (MPN; Aitken & Mihalas, eLife 83035) remembers in a matrix M beside its slow
// weights W. At every step it reads first and then writes:
//
//	h_t = tanh(b + (W o (1 + M_{t-1})) x_t)          read   (eq. 2)
//	M_t = lambda M_{t-1} + eta h_t x_t^T             write  (eq. 3)
//
// o is the elementwise product. W [H, I] and b [H] are slow weights, eta (any sign) and lambda (0 to
// lambda_max) are scalars, trained or fixed. M [H, I] is the state: zero at an episode's start. Variant has other
// writes, reads and shapes of eta and lambda, and a bound of M; Layers puts one cell on top of another.
//
// # Padding
//
// valid [K, B, T] is 1 at a real step and 0 at a padded one. At a padded step the state stays as it was:
// no value and no gradient crosses it. h there means nothing; the loss must not read it.
//
// # Graph errors
//
// Graph-building functions panic with an error, as GoMLX's do; an executor (graph.Exec) recovers it and
// returns it.
package mpn
