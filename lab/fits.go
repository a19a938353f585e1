package lab

import "engram/internal/memory"

// aboveMeasured is the ratio of drqn's estimate of a train step's memory to the memory measured on a CPU.
const aboveMeasured = 1.5

// freeMemory is memory.Free; tests replace it.
var freeMemory = memory.Free

// fits refuses invalid configs, and a population that is too large for the GPU's or the machine's memory, before
// anything is allocated for it. If the free memory is unknown, the population is accepted.
func fits(jobs []Job, backend string) error {
	for _, j := range jobs {
		if err := j.Config.Validate(); err != nil {
			return err
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	host, err := jobs[0].Config.HostBytes(len(jobs))
	if err != nil {
		return err
	}
	device, err := jobs[0].Config.DeviceBytes(len(jobs))
	if err != nil {
		return err
	}
	if backend != memory.GPUBackend {
		host += device / aboveMeasured
	} else if free, err := memory.FreeOnGPU(); err == nil {
		if err := memory.Check("GPU memory", len(jobs), device, free); err != nil {
			return err
		}
	}
	free, err := freeMemory()
	if err != nil {
		return nil
	}
	return memory.Check("memory", len(jobs), host, free)
}
