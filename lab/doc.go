// Package lab is the run directory: what a training run writes, and what every viewer, notebook and command
// reads.
//
//	RUN/
//	  config.json          every hyperparameter (drqn.Config); written last: with it the directory is a run
//	  run.json             format, versions, backend, machine, state, result, and the population it belongs to
//	  metrics.jsonl        a line per report of training (drqn.Metrics), append-only, without a clock
//	  evals.jsonl          a line per greedy evaluation (drqn.Evaluation)
//	  timing.jsonl         seconds of training at each report
//	  checkpoints/STEP/    where training stood after the update STEP; the newest three and the best are kept
//	  diverged/UPDATE/     what is known of an update that gave a number that is none
//	  run.lock             the one process that writes, while it does (package lock)
//	  report.html          made by Report
//
// A reader of the JSONL files never sees half a line, for none crosses a page of the kernel's: where the next one
// might, a line ends in spaces, which JSON allows. Only a process that was killed may leave half a line, which the next
// one cuts off. Files that are replaced are written beside, flushed to the disk and renamed, so that a reader sees the
// old or the new one. Readers take no lock and never stand in a writer's way. They open regular files only, of no more
// bytes than the config can need, so that a FIFO, a device or an endless file in the place of one is an error at once.
// Permissions are 0666 and 0777 less the umask.
//
// A process that is killed while it replaces a file leaves one whose name begins with .new-, which it held locked: the
// next that opens the run to write, or writes its report, removes it.
//
// # Checkpoints
//
// A checkpoint is everything that training goes on from: Train on the same directories continues at the newest one,
// and what comes of it is, to the last bit, what would have come of it without the interruption, on the same
// backend and machine. The journals, the three JSONL files, are cut to where they were at the checkpoint, so that no
// line is missing or doubled.
//
//	checkpoints/STEP/
//	  weights.json     [{"name","shape","data"}]: every parameter by name, row-major
//	  optimiser.json   the same of target.NAME (target network), first.NAME and second.NAME (Adam's moments)
//	  acting.json      drqn.State: generators, environments in mid-trial, carried states, sums of the coming report
//	  replay.bin       the replay ring with its stored states and priorities (replay.ReadRing)
//	  manifest.json    Manifest: format, update, seconds, lengths of the journals, SHA-256 of each file and of itself
//
// Checkpoint reads one and refuses, by name, a file that was cut, altered or removed. Train and Policy then say so
// and take the one before.
//
// # Formats
//
// run.json and manifest.json have the number of their format; one that is newer is refused by that number.
// Format 1, before there was a number, had weights.json and a manifest of it only: it is evaluated and shown, and
// cannot be gone on with. Format 2 is today's.
package lab
