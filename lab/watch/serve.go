package watch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"engram/internal/localhost"
)

// Serve shows the runs on a page that updates itself, at 127.0.0.1 and the given port, until the context is cancelled.
// Port 0 takes a free one. Serve calls tell with the page's address as soon as it can be opened.
func (w *Watcher) Serve(ctx context.Context, port int, tell func(url string)) error {
	return serve(ctx, w.Look, usualLimits(), port, tell)
}

// Handler returns a handler that answers GET / with the page and GET /runs with the part of it that changes. It answers
// only requests to localhost, so that no other site can read the page through a name that resolves to this machine.
func (w *Watcher) Handler() http.Handler { return newHandler(w.Look, usualLimits()) }

// limits bound what one reader may use of the server. An answer may take Write once it is ready.
type limits struct {
	localhost.Limits
	fresh time.Duration // during which all readers are shown the same look at the runs
}

func usualLimits() limits { return limits{localhost.Usual(), time.Second} }

func serve(ctx context.Context, look func() []View, most limits, port int, tell func(url string)) error {
	err := localhost.Serve(ctx, newHandler(look, most), most.Limits, port, tell)
	if errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("watch: %w", err)
}
