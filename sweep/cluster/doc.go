// Package cluster writes what starts workers of a study on a cluster's own engine: a job array for Slurm, a submit file
// for HTCondor, an Indexed Job for Kubernetes. None of them hands out trials: each task runs 'engram sweep worker',
// which takes what is left from the study's directory, on a file system that all machines share.
package cluster
