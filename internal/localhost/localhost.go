// Package localhost serves pages to the browsers of this machine. No reader can keep a page from the others, and no
// other site can read one.
package localhost

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Limits bound what one reader may use of a server, so that none can keep it from the others.
type Limits struct {
	Header      time.Duration // for sending a request's header
	Read        time.Duration // for sending a request
	Write       time.Duration // for taking an answer
	Idle        time.Duration // between two requests
	Grace       time.Duration // for taking the last answer, when the server ends
	HeaderBytes int
	Connections int // open at the same time
}

// Usual returns the limits of a page of less than a megabyte.
func Usual() Limits {
	return Limits{Header: 5 * time.Second, Read: 10 * time.Second, Write: 30 * time.Second, Idle: 30 * time.Second,
		Grace: time.Second, HeaderBytes: 16 << 10, Connections: 512}
}

// Serve serves at 127.0.0.1 and the given port until the context is cancelled, and returns its error. Port 0 takes a
// free one. Serve calls tell with the address as soon as it can be opened.
func Serve(ctx context.Context, handler http.Handler, most Limits, port int, tell func(url string)) error {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("the page cannot be served: %w: use another --port", err)
	}
	server := NewServer(ctx, handler, most)
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	tell("http://" + listener.Addr().String() + "/")
	select {
	case err := <-stopped:
		return fmt.Errorf("the page: %w", err)
	case <-ctx.Done():
		end(server, most.Grace)
		return ctx.Err()
	}
}

// NewServer returns a server with the limits. Its requests end with the context, except those being answered.
func NewServer(ctx context.Context, handler http.Handler, most Limits) *http.Server {
	return &http.Server{
		Handler:                      handler,
		BaseContext:                  func(net.Listener) context.Context { return ctx },
		ConnState:                    newCrowd(most.Connections).note,
		ReadHeaderTimeout:            most.Header,
		ReadTimeout:                  most.Read,
		WriteTimeout:                 most.Write,
		IdleTimeout:                  most.Idle,
		MaxHeaderBytes:               most.HeaderBytes,
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

// Admits reports whether a request reads a page and asks this machine by its own name; else it refuses it in the name
// of who serves. A page elsewhere whose name resolves to this machine is turned away.
func Admits(rw http.ResponseWriter, r *http.Request, who string) bool {
	switch {
	case !ours(r.Host):
		refuse(rw, http.StatusForbidden, who+" answers at 127.0.0.1 only")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		rw.Header().Set("Allow", "GET, HEAD")
		refuse(rw, http.StatusMethodNotAllowed, who+" can only be read")
	case r.ContentLength != 0:
		refuse(rw, http.StatusRequestEntityTooLarge, who+" takes no body")
	default:
		return true
	}
	return false
}

// refuse answers with an error and closes the connection without waiting for a body.
func refuse(rw http.ResponseWriter, status int, why string) {
	rw.Header().Set("Connection", "close")
	// Otherwise the server would read the body, to reuse the connection.
	http.NewResponseController(rw).SetReadDeadline(time.Now())
	http.Error(rw, why, status)
}

// ours reports whether a request's Host is this machine's own name. Any port is right: through ssh it may be another.
func ours(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.EqualFold(host, "localhost") || host == "127.0.0.1" || host == "::1" || host == "[::1]"
}
