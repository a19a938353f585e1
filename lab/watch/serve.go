package watch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve shows the runs on a page that updates itself, at 127.0.0.1 and the given port, until the context is cancelled.
// Port 0 takes a free one. Serve calls tell with the page's address as soon as it can be opened.
func (w *Watcher) Serve(ctx context.Context, port int, tell func(url string)) error {
	return serve(ctx, w.Look, usualLimits, port, tell)
}

// Handler returns a handler that answers GET / with the page and GET /runs with the part of it that changes. It answers
// only requests to localhost, so that no other site can read the page through a name that resolves to this machine.
func (w *Watcher) Handler() http.Handler { return newHandler(w.Look, usualLimits) }

// limits bound what one reader may use of the server, so that none can keep it from the others.
type limits struct {
	header      time.Duration // for sending a request's header
	read        time.Duration // for sending a request
	write       time.Duration // for taking an answer, once it is ready
	idle        time.Duration // between two requests
	grace       time.Duration // for taking the last answer, when the server ends
	fresh       time.Duration // during which all readers are shown the same look at the runs
	headerBytes int
	connections int // open at the same time
}

var usualLimits = limits{
	header: 5 * time.Second, read: 10 * time.Second, write: 30 * time.Second, idle: 30 * time.Second,
	grace: time.Second, fresh: time.Second, headerBytes: 16 << 10, connections: 512,
}

func serve(ctx context.Context, look func() []View, most limits, port int, tell func(url string)) error {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("watch: the page cannot be served: %w: use another --port", err)
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

// newServer returns a server with the limits. Its requests end with the context, except those being answered.
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

// end stops a server. Readers have the grace period to take the answers that are being sent to them.
func end(server *http.Server, grace time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		server.Close() // the program ends in any case, so its error does not matter
	}
}
