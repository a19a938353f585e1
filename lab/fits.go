package lab

import (
	"engram/drqn"
	"engram/internal/memory"
)

// aboveMeasured is the ratio of drqn's estimate of a train step's memory to the memory measured on a CPU.
const aboveMeasured = 1.5

// freeMemory is memory.Free; tests replace it.
var freeMemory = memory.Free

// fits refuses invalid configs, and a population that is too large for the GPU's or the machine's memory, before
// anything is allocated for it. If the free memory is unknown, the population is accepted.
func fits(jobs []Job, backend string) error {
	var of drqn.Footprint // all members of a population take the same
	for _, j := range jobs {
		var err error
		if of, err = j.Config.Footprint(len(jobs)); err != nil {
			return err
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	if backend != memory.GPUBackend {
		of.Host += of.Device / aboveMeasured
	} else if free, err := memory.FreeOnGPU(); err == nil {
		if err := memory.Check("GPU memory", len(jobs), of.Device, free); err != nil {
			return err
		}
	}
	free, err := freeMemory()
	if err != nil {
		return nil
	}
	return memory.Check("memory", len(jobs), of.Host, free)
}
