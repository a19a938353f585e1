// Package search proposes what a sweep tries next, and which trials it stops early. It knows no files and no clock.
//
// A [Space] is a list of parameters; a [Point] gives each a value, and is NaN where a parameter is inactive because
// another one's choice switches it off. A [Sampler] proposes the point of a trial from the trial's number, its seed and
// the [Observation]s of other trials, and from nothing else: the same three give the same point, whoever asks and when.
//
// Vocabulary: a loss is what is minimised (a score to maximise is negated before it comes here); u is a parameter's
// place in its range, 0 to 1, in the scale (linear or logarithmic) in which it is searched.
package search
