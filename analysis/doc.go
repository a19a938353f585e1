// Package analysis computes the statistics of reinforcement-learning results over seeds: one number of many runs on
// many tasks, and how much that number would move had other seeds been drawn.
//
// Scores are a matrix [runs][tasks]: scores[run][task] is the result of one training run, usually its share of the
// task's ceiling (1 is the best possible). Each run of a task has a seed of its own; runs of different tasks that
// stand in one row are not paired. Every task has as many runs as every other.
//
//	statistic                 what it says                                         robust to
//	IQM                       mean of the middle half of all scores                outlying runs and tasks
//	Median                    median over tasks of their means over runs           outlying tasks
//	Mean                      mean of all scores                                   nothing
//	OptimalityGap             mean amount by which scores fall short of gamma      scores above gamma
//	ProbabilityOfImprovement  chance that a run of x beats one of y, over tasks    the scores' scale
//	PerformanceProfile        share of runs above each threshold                   (it is the whole distribution)
//
// Each has an interval: [StratifiedBootstrap] for those of one matrix, [ImprovementInterval] and [ProfileBand] for
// the last two. Intervals are 95 % percentile intervals of resamples that draw runs, with replacement, within each
// task. They tell how the result would vary with the seeds, on these same tasks; they say nothing of other tasks.
// The source of randomness is a parameter: the same seed gives the same numbers.
//
// The definitions are those of R. Agarwal, M. Schwarzer, P. S. Castro, A. Courville and M. G. Bellemare, "Deep
// reinforcement learning at the edge of the statistical precipice", NeurIPS 2021 (section 4), as its package
// rliable 1.2.0 computes them. The tests hold them equal to it; testdata/rliable_reference.py makes their numbers.
//
// Beside these, [MemoryScore] is the score that bsuite 0.3.6 gives to its experiment memory_len, held equal to that
// package's; testdata/bsuite_reference.py makes its numbers. Where bsuite gets NaN, it is an error here.
//
// # Departures from rliable
//
//   - Repetitions have no default (rliable: 50000, and 2000 for profiles).
//   - Only percentile intervals over runs: no "basic", "bc" or "bca", no resampling of tasks.
//   - Empty, ragged and not finite input is an error; rliable returns NaN or fails in NumPy.
//
// # Caveat
//
// A percentile interval of few runs is too narrow. With n runs of one task its width lacks a factor of
// sqrt((n-1)/n) and takes normal quantiles for Student's t. Of normal scores, intervals of the mean called 95 %
// contained the truth this often (3000 data sets each): 74 % with 3 runs, 82 % with 5, 89 % with 10, 93 % with 20.
// More tasks help because their errors average out.
package analysis
