package localhost

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// crowd limits the number of a server's open connections. When there is one too many, it closes the connection that has
// done nothing for the longest time, which is idle or has stalled. If the new one waited instead, readers that do
// nothing would keep out all others.
type crowd struct {
	most int

	mu   sync.Mutex
	seen map[net.Conn]time.Time // when the connection last changed its state
}

func newCrowd(most int) *crowd { return &crowd{most: most, seen: map[net.Conn]time.Time{}} }

// note records a connection's new state, as the server's ConnState hook, and closes a connection if there are too many.
func (c *crowd) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.seen[conn]
	switch {
	case state == http.StateClosed || state == http.StateHijacked:
		delete(c.seen, conn)
	case known || state == http.StateNew: // a connection that was closed here may still report that it is active
		c.seen[conn] = time.Now()
	}
	if len(c.seen) > c.most {
		c.closeQuietest(conn)
	}
}

// closeQuietest closes the connection whose state changed least recently, except the newest one.
func (c *crowd) closeQuietest(newest net.Conn) {
	var quietest net.Conn
	for conn, at := range c.seen {
		if conn != newest && (quietest == nil || at.Before(c.seen[quietest])) {
			quietest = conn
		}
	}
	if quietest != nil {
		delete(c.seen, quietest)
		quietest.Close() // the server notices
	}
}
