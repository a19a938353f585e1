// Package sweep searches hyperparameters: in a notebook cell, in worker processes, or on a cluster, with the same
// study.
//
// A study is a directory:
//
//	study.json               what is searched, how, and for how long
//	attempts/000042-1.jsonl  the first attempt at trial 42: a claim, reports on the way, an end; append-only
//	runs/000042/seed-0/      the run directory of its agent (package lab)
//
// There is no server and no lock that can be left behind. A worker claims a trial by linking a new attempt file into
// place, which only one worker can do, and holds the kernel's lock on it while it lives. An attempt without an end is
// lost once its lock is free (same machine) or it was not written to for a while (other machines); the next attempt
// resumes from the run's last checkpoint. Results are keyed by (trial, attempt): the first ended attempt at a trial
// counts, so that a trial that was carried out twice counts once.
//
// Vocabulary: a trial is a numbered try at a point of the space, from 0 (in package tasks, a trial is an episode's
// unit); an attempt is one try at carrying a trial out, from 1; a worker is a process or a goroutine that carries
// attempts out; a score is reported on the way, after a step; the value of a trial is its result, and the study
// seeks the best; a trial is settled when it needs no further attempt; a pack is a number of trials that train as one
// population.
//
// Subpackages: search proposes and prunes, cluster starts workers on a cluster, report draws a study, watch shows it on
// a terminal.
package sweep
