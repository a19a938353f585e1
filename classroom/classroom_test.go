package classroom

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// small returns the page with scripts of a line in the place of ECharts and of Go's program.
func small(t *testing.T) Page {
	t.Helper()
	engine, err := engineScript([]byte("program"), []byte("postMessage('</script>')"))
	if err != nil {
		t.Fatal(err)
	}
	page := Page{plotsFile: []byte("plots();"), engineFile: engine}
	for _, name := range []string{indexFile, styleFile, pageFile} {
		if page[name], err = sources.ReadFile("page/" + name); err != nil {
			t.Fatal(err)
		}
	}
	return page
}

// TestSingle checks that the one file holds all, asks for nothing, and that no script ends another.
func TestSingle(t *testing.T) {
	t.Parallel()
	html := string(small(t).Single())
	if found := regexp.MustCompile(`(src|href)="[^#d][^"]*"`).FindAllString(html, -1); found != nil {
		t.Errorf("the file refers to %q", found)
	}
	if opened, closed := strings.Count(html, "<script"), strings.Count(html, "</script>"); opened != 3 || closed != 3 {
		t.Errorf("%d scripts begin and %d end", opened, closed)
	}
	for _, part := range []string{"plots();", "window.engramEngine = ", "color-scheme", `data-ask="sweep"`} {
		if !strings.Contains(html, part) {
			t.Errorf("%q is missing", part)
		}
	}
}

// TestSave writes the folder, and again over itself.
func TestSave(t *testing.T) {
	t.Parallel()
	page, dir := small(t), filepath.Join(t.TempDir(), "a", "page")
	for range 2 {
		if err := page.Save(dir); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(page) {
		t.Errorf("%d files of %d: %v", len(entries), len(page), err)
	}
}

// TestServe asks a server for the page, and for what it does not have.
func TestServe(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	address, ended := make(chan string, 1), make(chan error, 1)
	page := small(t)
	go func() { ended <- page.Serve(ctx, 0, func(url string) { address <- url }) }()
	url := <-address
	for path, want := range map[string]int{"": 200, "style.css": 200, "engine.js": 200, "go.mod": 404} {
		answer, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Error(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("/%s: %s", path, answer.Status)
		}
	}
	stalled, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(url, "http:"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	if _, err := io.WriteString(stalled, "GET / HTTP/1.1\r\nHost: local"); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestOnlyThisMachine checks that the page can only be read, and by no page elsewhere.
func TestOnlyThisMachine(t *testing.T) {
	t.Parallel()
	page := small(t)
	for _, c := range []struct {
		method, host string
		want         int
	}{
		{"GET", "localhost:8778", 200}, {"HEAD", "127.0.0.1", 200}, {"GET", "evil.example:8778", 403}, {"GET", "", 403},
		{"POST", "localhost", 405}, {"OPTIONS", "localhost", 405},
	} {
		request, answer := httptest.NewRequest(c.method, "/", nil), httptest.NewRecorder()
		request.Host = c.host
		if page.ServeHTTP(answer, request); answer.Code != c.want {
			t.Errorf("%s from %q gets %d, want %d", c.method, c.host, answer.Code, c.want)
		}
	}
}

// TestBuildElsewhere checks what a folder without engram's sources is answered.
func TestBuildElsewhere(t *testing.T) {
	t.Parallel()
	if _, err := Build(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "in a clone of engram") {
		t.Errorf("%v", err)
	}
}
