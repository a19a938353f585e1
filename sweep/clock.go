package sweep

import (
	"sync"
	"time"
)

// clock measures the time that is an attempt's own: of each stretch its share, which is 1 alone, less in a pack, and 0
// while the attempt waits for others. It is safe for concurrent use.
type clock struct {
	mutex sync.Mutex
	spent float64 // seconds, until since
	since time.Time
	share float64 // from since on
}

// setShare begins a stretch of which a share counts.
func (c *clock) setShare(share float64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	now := time.Now()
	c.spent += now.Sub(c.since).Seconds() * c.share
	c.since, c.share = now, share
}

// seconds returns the time that counted so far.
func (c *clock) seconds() float64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.spent + time.Since(c.since).Seconds()*c.share
}
