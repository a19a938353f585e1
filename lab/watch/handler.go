package watch

import (
	"net/http"
	"strconv"
	"time"

	"engram/internal/localhost"
)

// handler answers requests with the page of a look at the runs, which all readers share.
type handler struct {
	shown *shown
	write time.Duration
}

func newHandler(look func() []View, most limits) http.Handler {
	return &handler{newShown(look, most.fresh), most.Write}
}

func (h *handler) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	protect(rw.Header())
	switch {
	case !localhost.Admits(rw, r, "engram watch"): // it was refused
	case r.URL.Path == "/" || r.URL.Path == "/runs":
		h.answer(rw, r)
	default:
		http.NotFound(rw, r)
	}
}

// answer sends the page, or the part of it that changes. The time limit for the reader begins once the page is ready,
// because the first look at many runs may take long.
func (h *handler) answer(rw http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(rw)
	// A read deadline that passes would end the request; an error means that no deadline was set.
	control.SetReadDeadline(time.Time{})
	s, err := h.shown.now(r.Context())
	control.SetWriteDeadline(time.Now().Add(h.write))
	if err != nil {
		http.Error(rw, err.Error(), http.StatusServiceUnavailable)
		return
	}
	body := s.runs
	if r.URL.Path == "/" {
		rw.Header().Set("Content-Security-Policy", policy+"; script-src 'nonce-"+s.nonce+"'")
		body = s.page
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	rw.Write(body) // an error means that the reader has left
}

// policy is the content security policy of all answers: nothing is loaded, framed or sent elsewhere, and only the
// page's own script runs.
const policy = "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// protect sets the headers by which a browser keeps an answer from other sites' pages.
func protect(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Frame-Options", "DENY")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
}
