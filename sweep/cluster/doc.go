// Package cluster writes the files that start workers of a study by a cluster's scheduler (called engine here): a job
// array for Slurm, a submit file for HTCondor, an Indexed Job for Kubernetes. None of them hands out trials: each task
// runs 'engram sweep worker', which claims open trials in the study's directory, on a file system that all machines
// share.
package cluster
