// Package lab trains agents in run directories, and reads such directories for viewers, notebooks and commands.
//
//	RUN/
//	  config.json          every hyperparameter (drqn.Config); written last: with it the directory is a run
//	  run.json             format, versions, backend, machine, state, result, and the population it belongs to
//	  metrics.jsonl        a line per report of training (drqn.Metrics), append-only, without times
//	  evals.jsonl          a line per greedy evaluation (drqn.Evaluation)
//	  timing.jsonl         seconds of training at each report
//	  checkpoints/STEP/    the state of training after update STEP; the newest three and the best are kept
//	  diverged/UPDATE/     diagnosis of the update that produced NaN or Inf
//	  run.lock             names the process that writes the run (package lock)
//	  report.html          written by package lab/report
//
// A reader of the JSONL files never sees half a line, because no line crosses a page of the kernel's: where the next
// line might, the current one ends in spaces, which JSON allows. Only a killed process may leave half a line, which the
// next process cuts off. Other files are written under a temporary name, flushed to the disk and renamed, so that a
// reader sees the old or the new one. Readers take no lock and never block a writer. They open regular files only, of
// no more bytes than the config can need, so that a FIFO, a device or an endless file in the place of one is an error
// at once. Permissions are 0666 and 0777 less the umask.
//
// A process that is killed while it replaces a file leaves a temporary file whose name begins with .new-. The next
// process that opens the run for writing, or writes its report, removes it.
//
// # Checkpoints
//
// A checkpoint is the whole state of training: Train on the same directories resumes from the newest one, and the
// result is, to the last bit, that of training without the interruption, on the same backend and machine. The journals,
// the three JSONL files, are cut to their lengths at the checkpoint, so that no line is missing or doubled.
//
//	checkpoints/STEP/
//	  weights.json     [{"name","shape","data"}]: every parameter by name, row-major
//	  optimiser.json   the same for target.NAME (target network), first.NAME and second.NAME (Adam's moments)
//	  acting.json      drqn.State: generators, environments in mid-trial, carried states, sums of the coming report
//	  replay.bin       the replay ring with its stored states and priorities (replay.ReadRing)
//	  manifest.json    Manifest: format, update, seconds, lengths of the journals, SHA-256 of each file and of itself
//
// Checkpoint reads one and refuses, by name, a file that was cut, altered or removed. Train and Policy then report that
// and use the one before.
//
// # Formats
//
// run.json and manifest.json have the number of their format; a newer format is refused by that number. Format 1, which
// had no number yet, kept weights.json and its manifest only: such a run can be evaluated and shown, but not resumed.
// Format 2 is the current one.
package lab
