package bench

import (
	"context"
	"runtime"
	"slices"
	"time"
)

// warmed returns the number of calls with those before them that warm up.
func warmed(calls int) int { return calls + max(1, calls/10) }

// timed returns a measure of the median time of do in a unit, which also stores the allocations of one do. Each of the
// calls repeats do some times, so that reading the clock does not count.
func timed(calls, times int, unit time.Duration, allocs *float64, do func() error) measure {
	return func(context.Context) (float64, error) {
		for range warmed(calls) - calls {
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
