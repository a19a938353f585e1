package lock

import (
	"fmt"
	"time"
)

// InUse is the error of a lock that another process holds. Nothing is broken: a later Acquire may succeed.
type InUse struct {
	What, Dir string
	Holder    Holder
	Why       string // why the holder counts as alive
}

// Error implements error.
func (e InUse) Error() string {
	return fmt.Sprintf("%s %s is in use by process %d on %s since %s (%s): stop that one, or use another directory",
		e.What, e.Dir, e.Holder.PID, e.Holder.Host, e.Holder.Since.Format(time.DateTime), e.Why)
}
