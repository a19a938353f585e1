package sweep

import (
	"fmt"
	"os"
	"runtime/debug"
)

// residentMB returns the memory that this process holds, in MB; 0 where the system does not say.
func residentMB() float64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident float64
	if _, err := fmt.Sscan(string(data), &size, &resident); err != nil {
		return 0
	}
	return resident * float64(os.Getpagesize()) / 1e6
}

// leftovers is the memory, in MB, that earlier trials left in a process: compiled programs, and what an allocator
// keeps.
type leftovers struct {
	idle int     // how often the process was seen without a trial
	base float64 // what it held after its first trial, whose one-time costs (the backend's) count for every trial
	left float64 // what it held beyond that when it was last idle
}

// worthReleasing is the growth, in MB, from which memory is given back to the system before the next trial begins. A
// smaller one is not worth a garbage collection.
const worthReleasing = 16

// discount notes what earlier trials left in the process, so that it is not counted as these attempts' memory. n is the
// number of attempts that are held with them. Where more are held, others train beside them, and the last note is used.
func (w *worker) discount(attempts []*attempt, n int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if m := &w.memory; len(w.held) <= n {
		if residentMB()-m.base > worthReleasing {
			debug.FreeOSMemory()
		}
		if m.idle++; m.idle <= 2 { // before the first trial and after it
			m.base = residentMB()
		}
		m.left = max(0, residentMB()-m.base)
	}
	for _, a := range attempts {
		a.left = w.memory.left
	}
}
