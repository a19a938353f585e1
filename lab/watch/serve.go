package watch

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"sync"
	"time"
)

//go:embed assets/page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// Serve shows the runs on a page that updates itself, at this machine's own address 127.0.0.1 and a port, of which 0 is
// a free one, until the context is cancelled. It tells the page's address as soon as it can be opened.
func (w *Watcher) Serve(ctx context.Context, port int, tell func(url string)) error {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("watch: the page cannot be served: %w: choose another --port", err)
	}
	server := &http.Server{Handler: w.Handler(), ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	tell("http://" + listener.Addr().String() + "/")
	select {
	case err := <-stopped:
		return fmt.Errorf("watch: the page: %w", err)
	case <-ctx.Done():
		return errors.Join(server.Close(), ctx.Err())
	}
}

// Handler answers GET / with the page and GET /runs with its part that changes. It answers only who asks this machine
// by its own name, so that no page from elsewhere can read it through a name that leads here.
func (w *Watcher) Handler() http.Handler {
	var one sync.Mutex // a Watcher, and the views that it hands out, are for one at a time
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, _ *http.Request) {
		one.Lock()
		defer one.Unlock()
		nonce := rand.Text()
		rw.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; script-src 'nonce-"+nonce+"'")
		respond(rw, "page", map[string]any{"Views": w.Look(), "Nonce": nonce})
	})
	mux.HandleFunc("GET /runs", func(rw http.ResponseWriter, _ *http.Request) {
		one.Lock()
		defer one.Unlock()
		respond(rw, "runs", w.Look())
	})
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "localhost" && host != "127.0.0.1" {
			http.Error(rw, "engram watch answers at 127.0.0.1 only", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(rw, r)
	})
}

// respond writes a template whole, or an error.
func respond(rw http.ResponseWriter, name string, data any) {
	var out bytes.Buffer
	if err := pageTemplate.ExecuteTemplate(&out, name, data); err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.Header().Set("Cache-Control", "no-store")
	out.WriteTo(rw) // a reader who left needs no error
}
