package bench

import (
	"context"
	"runtime"
	"slices"
	"time"
)

// timed is the median time of a call, in units of a duration, and the allocations of one. A call does its work `times`
// times, so that the clock is not what is measured.
func timed(calls, times int, unit time.Duration, allocs *float64, do func() error) measure {
	return func(context.Context) (float64, error) {
		for range max(1, calls/10) {
			if err := do(); err != nil {
				return 0, err
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		took := make([]float64, calls)
		for i := range took {
			began := time.Now()
			for range times {
				if err := do(); err != nil {
					return 0, err
				}
			}
			took[i] = float64(time.Since(began)) / float64(times) / float64(unit)
		}
		runtime.ReadMemStats(&after)
		if allocs != nil {
			// whole ones: the clock's list is not the call's
			*allocs = float64((after.Mallocs - before.Mallocs) / uint64(calls*times))
		}
		slices.Sort(took)
		return took[calls/2], nil
	}
}
