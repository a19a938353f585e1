// Package bounds holds tests to a bound of memory and time, for files and texts that come from outside.
package bounds

import (
	"runtime"
	"testing"
	"time"
)

// longest is the time after which a call is taken for one that does not end, also on a machine that is busy.
const longest = 2 * time.Minute

// Within calls do and fails the test where it allocated more bytes than most, counting also what it gave back. It panics
// where do does not end. Nothing else may run in the process.
func Within(t testing.TB, most uint64, do func()) {
	t.Helper()
	defer time.AfterFunc(longest, func() { panic("it does not end") }).Stop()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("it allocated %d bytes, of at most %d", took, most)
	}
}
