package watch

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// crowd is the open connections of a server, which are kept to a number. When one too many comes, the one that has done
// nothing for the longest time is closed: it is idle, or has stalled. To make the new one wait would let those who do
// nothing keep out those who read.
type crowd struct {
	most int

	mu   sync.Mutex
	seen map[net.Conn]time.Time // when the connection last changed its state
}

func newCrowd(most int) *crowd { return &crowd{most: most, seen: map[net.Conn]time.Time{}} }

// note is the server's ConnState.
func (c *crowd) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.seen[conn]
	switch {
	case state == http.StateClosed || state == http.StateHijacked:
		delete(c.seen, conn)
	case known || state == http.StateNew: // one that was closed here may still say that it is active
		c.seen[conn] = time.Now()
	}
	if len(c.seen) > c.most {
		c.closeQuietest(conn)
	}
}

// closeQuietest closes the connection that changed least recently, other than the newest.
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
