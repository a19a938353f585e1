package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/internal/localhost"
)

// TestServe opens the page at its own address.
func TestServe(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	ctx, stop := context.WithCancel(context.Background())
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- watcher(t, r.Dir).Serve(ctx, 0, func(url string) { address <- url }) }()
	at := <-address
	if u, err := url.Parse(at); err != nil || u.Hostname() != "127.0.0.1" {
		t.Errorf("the page is at %s", at)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	get := func(path string) (string, http.Header) {
		answer, err := client.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", path, answer.Status, err)
		}
		return string(body), answer.Header
	}
	page, header := get("")
	part, _ := get("runs")
	if !strings.Contains(page, "<title>") || strings.Contains(part, "<title>") {
		t.Error("the page is to be whole, its changing part is not")
	}
	for _, text := range []string{page, part} {
		for _, want := range []string{r.Dir, "GoNogo", "finished", "12 of 12 updates", "Reward per trial", "TD loss"} {
			if !strings.Contains(text, want) {
				t.Errorf("it lacks %q", want)
			}
		}
		if n := strings.Count(text, "<svg"); n != 3 {
			t.Errorf("%d pictures, want 3", n)
		}
		for _, bad := range []string{"src=\"http", "href=\"http", "<link", "@import", "url("} {
			if strings.Contains(text, bad) {
				t.Errorf("it loads something: %q", bad)
			}
		}
	}
	if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// TestOnlyThisMachine checks that a page elsewhere whose name resolves to 127.0.0.1 is turned away.
func TestOnlyThisMachine(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	handler := watcher(t, r.Dir).Handler()
	for host, want := range map[string]int{
		"127.0.0.1:8777": 200, "localhost:8777": 200, "localhost": 200, "LOCALHOST:1": 200, "[::1]:8777": 200,
		"[::1]":        200,
		"evil.example": 403, "evil.example:8777": 403, "127.0.0.1.evil.example": 403,
		"localhost.evil.example:8777": 403,
		"0.0.0.0:8777":                403, "192.168.1.2:8777": 403, "[::]:8777": 403, "localhost:1:2": 403, "": 403,
	} {
		request := httptest.NewRequest("GET", "/runs", nil)
		request.Host = host
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("%q gets %d, want %d", host, answer.Code, want)
		}
	}
	for _, path := range []string{"/other", "/runs/../../etc/passwd", "/%2e%2e/run.json"} {
		request := httptest.NewRequest("GET", path, nil)
		request.Host = "localhost"
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code == 200 {
			t.Errorf("%s gets an answer", path)
		}
	}
}

// TestManyReaders asks for the page from several sides while the run is written: pictures follow what is written.
func TestManyReaders(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	// Each reader takes a look of its own.
	handler := newHandler(watcher(t, r.Dir).Look, limits{Limits: localhost.Limits{Write: time.Minute}})
	get := func() string {
		request := httptest.NewRequest("GET", "/runs", nil)
		request.Host = "localhost"
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer.Body.String()
	}
	before := get()
	path := filepath.Join(r.Dir, "metrics.jsonl")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 5 {
				if text := get(); strings.Count(text, "<svg") != 3 {
					t.Errorf("%d pictures", strings.Count(text, "<svg"))
				}
			}
		})
	}
	for i := range 5 {
		if _, err := fmt.Fprintf(file, `{"update":%d,"loss":%d}`+"\n", 13+i, i); err != nil {
			t.Fatal(err)
		}
	}
	readers.Wait()
	picture := regexp.MustCompile(`(?s)TD loss</h3>(<svg.*?</svg>)`)
	if a, b := picture.FindString(before), picture.FindString(get()); a == "" || a == b {
		t.Error("the picture did not follow")
	}
}

// TestNamesCannotRun checks that names and errors from outside are text on the page.
func TestNamesCannotRun(t *testing.T) {
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`
	v := View{Dir: evil, Task: evil, Cell: evil, Backend: evil, State: evil, Trouble: []string{evil}, Updates: 2}
	s, err := draw([]View{v})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(s.runs), string(s.page)} {
		for _, part := range []string{"<script>alert", "<img"} {
			if strings.Contains(text, part) {
				t.Errorf("%q came through", part)
			}
		}
		if !strings.Contains(text, "&lt;script&gt;alert(1)") {
			t.Error("the names do not show")
		}
	}
}
