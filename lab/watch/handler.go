package watch

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// handler answers requests with the page of a look at the runs, which all readers share.
type handler struct {
	shown *shown
	write time.Duration
}

func newHandler(look func() []View, most limits) http.Handler {
	return &handler{newShown(look, most.fresh), most.write}
}

func (h *handler) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	protect(rw.Header())
	switch {
	case !ours(r.Host):
		refuse(rw, http.StatusForbidden, "engram watch answers at 127.0.0.1 only")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		rw.Header().Set("Allow", "GET, HEAD")
		refuse(rw, http.StatusMethodNotAllowed, "engram watch can only be read")
	case r.ContentLength != 0:
		refuse(rw, http.StatusRequestEntityTooLarge, "engram watch takes no body")
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
