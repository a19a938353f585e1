package watch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"engram/internal/localhost"
	"engram/lab"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// long returns a view whose page has more bytes than a connection takes without a reader.
func long(bytes int) []View {
	return []View{{Dir: "runs/a", State: lab.Finished, Trouble: []string{strings.Repeat("x", bytes)}}}
}

// opened serves views until the test ends or stops it, and returns the address and how often they were looked at.
func opened(t *testing.T, views []View, most limits) (address string, looks *atomic.Int64, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	looks = new(atomic.Int64)
	look := func() []View { looks.Add(1); return views }
	told, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- serve(ctx, look, most, 0, func(url string) { told <- url }) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("it does not end with readers that have stalled")
		}
	})
	t.Cleanup(stop)
	select {
	case url := <-told:
		return strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/"), looks, stop
	case err := <-ended:
		t.Fatal(err)
	}
	return "", nil, nil
}

// connection opens a connection that sends a text and reads nothing unless asked.
func connection(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.(*net.TCPConn).SetReadBuffer(4096)
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// answered fails unless a reader gets the page whole.
func answered(t *testing.T, address string, least int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	answer, err := client.Get("http://" + address + "/runs")
	if err != nil {
		t.Errorf("another reader: %v", err)
		return
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK || len(body) < least {
		t.Errorf("another reader got %s, %d bytes, %v", answer.Status, len(body), err)
	}
}

// closed fails unless the server closes the connection.
func closed(t *testing.T, conn net.Conn) {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
		t.Error("the connection stays open")
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

const request = "GET /runs HTTP/1.1\r\nHost: localhost\r\n\r\n"

// TestStalledReaders checks that readers that do not read delay neither other readers nor the end.
func TestStalledReaders(t *testing.T) {
	for name, c := range map[string]struct{ connections, requests, bytes int }{
		"one asks much":        {1, 400, 30 << 10},
		"one takes a big page": {1, 1, 16 << 20},
		"many":                 {20, 20, 300 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, _, stop := opened(t, long(c.bytes), usualLimits())
			for range c.connections {
				conn := connection(t, address, strings.Repeat(request, c.requests))
				conn.SetReadDeadline(time.Now().Add(patience))
				if _, err := conn.Read(make([]byte, 1)); err != nil { // it is being answered
					t.Fatal(err)
				}
			}
			for range 3 {
				answered(t, address, c.bytes)
			}
			stop()
		})
	}
}

// TestLimits checks that a client that does not read, write or ask in time is disconnected.
func TestLimits(t *testing.T) {
	soon := 50 * time.Millisecond
	for name, c := range map[string]struct {
		set  func(*limits)
		sent string
	}{
		"nothing is sent":       {func(l *limits) { l.Header = soon }, ""},
		"half a header is sent": {func(l *limits) { l.Header = soon }, "GET /runs HTTP/1.1\r\nHost: local"},
		"half a body is sent": {func(*limits) {},
			"GET /runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf"},
		"half a chunk is sent": {func(*limits) {},
			"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf"},
		"nothing more is asked": {func(l *limits) { l.Idle = soon }, request},
		"the header is long": {func(l *limits) { l.HeaderBytes = 1 },
			"GET /runs HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 6000) + "\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			most := usualLimits()
			most.Header, most.Read, most.Write, most.Idle = time.Hour, time.Hour, time.Hour, time.Hour
			c.set(&most)
			address, _, _ := opened(t, long(1), most)
			closed(t, connection(t, address, c.sent))
		})
	}
}

// TestAnswerNotTaken checks that an answer that nobody reads ends after a while.
func TestAnswerNotTaken(t *testing.T) {
	most := usualLimits()
	most.Write = 50 * time.Millisecond
	answers, ended := newHandler(func() []View { return long(16 << 20) }, most), make(chan struct{})
	server := httptest.NewUnstartedServer(nil)
	server.Config = localhost.NewServer(t.Context(), http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		answers.ServeHTTP(rw, r)
		close(ended)
	}), most.Limits)
	server.Start()
	defer server.Close()
	connection(t, server.Listener.Addr().String(), request)
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("it is still being sent")
	}
}

// TestSlowLook checks that clients wait for a look that lasts longer than a reader may take, including those that came
// later.
func TestSlowLook(t *testing.T) {
	most := usualLimits()
	most.Read, most.Write, most.fresh = 50*time.Millisecond, 50*time.Millisecond, time.Hour
	var looks atomic.Int64
	look := func() []View { looks.Add(1); time.Sleep(4 * most.Read); return long(1) }
	server := httptest.NewUnstartedServer(nil)
	server.Config = localhost.NewServer(t.Context(), newHandler(look, most), most.Limits)
	server.Start()
	defer server.Close()
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() { answered(t, server.Listener.Addr().String(), 1) })
	}
	readers.Wait()
	if n := looks.Load(); n != 1 {
		t.Errorf("%d looks were taken, want 1", n)
	}
}

// TestHungLook checks that a look that never ends blocks neither those who wait for it nor the server.
func TestHungLook(t *testing.T) {
	hung := make(chan struct{})
	defer close(hung)
	s := newShown(func() []View { <-hung; return nil }, time.Second)
	first := make(chan struct{})
	go func() { close(first); s.now(context.Background()) }()
	<-first
	for len(s.turn) > 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, leave := context.WithCancel(context.Background())
	leave()
	if _, err := s.now(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("who leaves gets %v", err)
	}
}

// TestSharedLook checks that many readers at once all get an answer, of one look.
func TestSharedLook(t *testing.T) {
	most := usualLimits()
	most.fresh = time.Hour
	address, looks, _ := opened(t, long(30<<10), most)
	var readers sync.WaitGroup
	for range 200 {
		readers.Go(func() { answered(t, address, 30<<10) })
	}
	readers.Wait()
	if n := looks.Load(); n != 1 {
		t.Errorf("200 readers took %d looks, want 1", n)
	}
}

// TestFreshLook checks that a look that is no longer fresh is taken again.
func TestFreshLook(t *testing.T) {
	looks := 0
	s := newShown(func() []View { looks++; return nil }, time.Hour)
	for range 3 {
		if _, err := s.now(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.at = s.at.Add(-2 * time.Hour)
	if _, err := s.now(t.Context()); err != nil || looks != 2 {
		t.Errorf("%d looks, want 2; %v", looks, err)
	}
}

// TestCrowd checks that more connections than may be open at once take nothing from a reader that comes later.
func TestCrowd(t *testing.T) {
	most := usualLimits()
	most.Header, most.Idle, most.Connections = time.Hour, time.Hour, 8
	address, _, _ := opened(t, long(1), most)
	var idle []net.Conn
	for i := range 3 * most.Connections {
		conn := connection(t, address, []string{request, "", "GET /ru"}[i%3])
		idle = append(idle, conn)
		if i%3 == 0 {
			if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil ||
				answer.StatusCode != http.StatusOK {
				t.Fatalf("reader %d: %v", i, err)
			}
		}
	}
	for range 3 {
		answered(t, address, 1)
	}
	for _, conn := range idle[:most.Connections] {
		closed(t, conn)
	}
}

// TestRefused checks that the page can only be read, and says so to browsers in every answer.
func TestRefused(t *testing.T) {
	handler := newHandler(func() []View { return long(1) }, usualLimits())
	ask := func(method, path, body string) *http.Response {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Host = "localhost:8777"
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		return answer.Result()
	}
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/", "", 200}, {"HEAD", "/", "", 200}, {"GET", "/runs", "", 200}, {"HEAD", "/runs", "", 200},
		{"POST", "/runs", "", 405}, {"PUT", "/", "x", 405}, {"DELETE", "/", "", 405}, {"OPTIONS", "/runs", "", 405},
		{"TRACE", "/", "", 405}, {"PATCH", "/other", "", 405}, {"BREW", "/runs", "", 405}, {"get", "/runs", "", 405},
		{"GET", "/runs", "x", 413}, {"GET", "/other", "", 404}, {"GET", "//", "", 404}, {"GET", "/runs/", "", 404},
	} {
		answer := ask(c.method, c.path, c.body)
		name := fmt.Sprintf("%s %s %q", c.method, c.path, c.body)
		if answer.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, answer.StatusCode, c.want)
		}
		if c.want == 405 && answer.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: it does not say what is allowed", name)
		}
		for field, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy":              "no-referrer", "Content-Security-Policy": "frame-ancestors 'none'",
		} {
			if got := answer.Header.Get(field); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q, want %q", name, field, got, want)
			}
		}
	}
}
