#!/bin/bash
#SBATCH --job-name={{.Name}}{{if .Finish}}-finish{{end}}
{{- if not .Finish}}
#SBATCH --array=0-{{less1 .Tasks}}
{{- end}}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={{.CPUs}}
#SBATCH --mem={{.MemoryMB}}M
#SBATCH --time={{slurmTime .Time}}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@60
#SBATCH --output={{slurmPath .Study}}/logs/{{if .Finish}}%j{{else}}%A-%a{{end}}.log
{{- if .GPUs}}
#SBATCH --gres=gpu:{{.GPUs}}
{{- end}}
{{- if .Partition}}
#SBATCH --partition={{.Partition}}
{{- end}}
{{- if .Account}}
#SBATCH --account={{.Account}}
{{- end}}

export GOMAXPROCS={{.CPUs}} NPROC={{.CPUs}} # NPROC: the threads of XLA

# A minute before its time is over, or before a higher job takes its place, the task is sent SIGUSR1: the worker writes
# a checkpoint, and the task is queued again.
again() {
    kill -USR1 "$worker" 2>/dev/null
    wait "$worker"
    scontrol requeue "$SLURM_JOB_ID"
    exit 0
}
trap again USR1
trap 'kill -TERM "$worker" 2>/dev/null; wait "$worker"; exit 0' TERM

{{.Command}} &
worker=$!
wait "$worker"
