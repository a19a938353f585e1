package classroom

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Serve serves the page at 127.0.0.1 and the given port until the context is cancelled, and returns its error. Port 0
// takes a free one. Serve calls tell with the page's address as soon as it can be opened.
func (p Page) Serve(ctx context.Context, port int, tell func(url string)) error {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("classroom: the page cannot be served: %w: use another --port", err)
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	tell("http://" + listener.Addr().String() + "/")
	select {
	case err := <-stopped:
		return fmt.Errorf("classroom: the page: %w", err)
	case <-ctx.Done():
		server.Close() // the page is whole in the browsers that opened it
		return ctx.Err()
	}
}

// ServeHTTP implements http.Handler.
func (p Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = indexFile
	}
	data, found := p[name]
	if !found {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}
