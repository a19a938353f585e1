// Package lab is the run directory: what a training run writes, and what every viewer, notebook and command
// reads.
//
//	RUN/
//	  config.json          every hyperparameter (drqn.Config)
//	  run.json             versions, backend, machine, state and result
//	  metrics.jsonl        a line per report of training (drqn.Metrics), append-only, without a clock
//	  evals.jsonl          a line per greedy evaluation (drqn.Evaluation)
//	  timing.jsonl         seconds of training at each report
//	  checkpoints/STEP/    weights.json and manifest.json with its checksum, of the update STEP
//	  run.lock             the one process that writes, while it does
//	  report.html          made by Report
//
// Files that are replaced are written beside and renamed, so that a reader sees the old or the new one.
package lab
