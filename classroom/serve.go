package classroom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"engram/internal/localhost"
)

// Serve serves the page at 127.0.0.1 and the given port until the context is cancelled, and returns its error. Port 0
// takes a free one. Serve calls tell with the page's address as soon as it can be opened.
func (p Page) Serve(ctx context.Context, port int, tell func(url string)) error {
	most := localhost.Usual()
	most.Write = 5 * time.Minute // the program has megabytes, and an ssh tunnel may be slow
	err := localhost.Serve(ctx, p, most, port, tell)
	if errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("classroom: %w", err)
}

// ServeHTTP implements http.Handler. It answers only requests to localhost.
func (p Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !localhost.Admits(w, r, "engram classroom") {
		return
	}
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
