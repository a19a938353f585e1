package cluster_test

import (
	"fmt"
	"strings"
	"time"

	"engram/sweep/cluster"
)

// A job array of 16 workers for Slurm: each runs 'engram sweep worker' on the study's directory.
func ExampleJob_Slurm() {
	job := cluster.Job{Study: "/shared/gonogo", Engram: "/shared/bin/engram", Name: cluster.NameOf("/shared/gonogo"),
		Tasks: 16, Pack: 1, CPUs: 1, MemoryMB: 2000, Time: 4 * time.Hour}
	script, err := job.Slurm()
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(script)) {
		if strings.Contains(line, "array") || strings.Contains(line, "time=") || strings.HasPrefix(line, "/shared") {
			fmt.Print(line)
		}
	}
	// Output:
	// #SBATCH --array=0-15
	// #SBATCH --time=0-04:00:00
	// /shared/bin/engram sweep worker /shared/gonogo --pack 1 &
}

// A time may be written as Go, Slurm or people write it.
func ExampleParseTime() {
	for _, text := range []string{"2d", "1h30m", "240", "1-12:00:00", "soon"} {
		fmt.Println(cluster.ParseTime(text))
	}
	// Output:
	// 48h0m0s <nil>
	// 1h30m0s <nil>
	// 4h0m0s <nil>
	// 36h0m0s <nil>
	// 0s invalid time "soon": use 2d, 1h30m, a number of minutes, HH:MM:SS or D-HH:MM:SS, from 1 minute to 365 days
}
