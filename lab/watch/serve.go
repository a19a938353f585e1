package watch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve shows the runs on a page that updates itself, at this machine's own address 127.0.0.1 and a port, of which 0 is
// a free one, until the context is cancelled. It tells the page's address as soon as it can be opened.
func (w *Watcher) Serve(ctx context.Context, port int, tell func(url string)) error {
	return serve(ctx, w.Look, usualLimits, port, tell)
}

// Handler answers GET / with the page and GET /runs with its part that changes. It answers only who asks this machine
// by its own name, so that no page from elsewhere can read it through a name that leads here.
func (w *Watcher) Handler() http.Handler { return newHandler(w.Look, usualLimits) }

// limits are what one reader may take of the server, so that none can keep it from the others.
type limits struct {
	header      time.Duration // to send a request's header
	read        time.Duration // to send a request
	write       time.Duration // to take an answer, once there is one
	idle        time.Duration // between two requests
	grace       time.Duration // to take the last answer, when the server ends
	fresh       time.Duration // for which one look at the runs is shown to all
	headerBytes int
	connections int // open at once
}

var usualLimits = limits{
	header: 5 * time.Second, read: 10 * time.Second, write: 30 * time.Second, idle: 30 * time.Second,
	grace: time.Second, fresh: time.Second, headerBytes: 16 << 10, connections: 512,
}

func serve(ctx context.Context, look func() []View, most limits, port int, tell func(url string)) error {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("watch: the page cannot be served: %w: choose another --port", err)
	}
	server := newServer(ctx, newHandler(look, most), most)
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	tell("http://" + listener.Addr().String() + "/")
	select {
	case err := <-stopped:
		return fmt.Errorf("watch: the page: %w", err)
	case <-ctx.Done():
		end(server, most.grace)
		return ctx.Err()
	}
}

// newServer returns a server that keeps the limits. Its requests end with the context, except those being answered.
func newServer(ctx context.Context, handler http.Handler, most limits) *http.Server {
	return &http.Server{
		Handler:                      handler,
		BaseContext:                  func(net.Listener) context.Context { return ctx },
		ConnState:                    newCrowd(most.connections).note,
		ReadHeaderTimeout:            most.header,
		ReadTimeout:                  most.read,
		WriteTimeout:                 most.write,
		IdleTimeout:                  most.idle,
		MaxHeaderBytes:               most.headerBytes,
		DisableGeneralOptionsHandler: true,
	}
}

// end lets readers take the answers that they are being sent, for as long as the grace lasts, and leaves the others.
func end(server *http.Server, grace time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		server.Close() // it is over in any case: what closing says helps nobody
	}
}
