package notebook

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"engram/plots"
)

// capture collects what cells would display.
func capture(t *testing.T) *strings.Builder {
	t.Helper()
	var shown strings.Builder
	before := display
	display = func(html string) error { shown.WriteString(html); return nil }
	t.Cleanup(func() { display = before })
	return &shown
}

func line(title string) plots.Chart {
	return plots.Lines{Title: title, Series: []plots.Series{{Name: "a", X: []float64{1, 2}, Y: []float64{3, 4}}}}
}

func TestShowHasBothForms(t *testing.T) {
	shown := capture(t)
	Show(line("first"), line("second"))
	picture := regexp.MustCompile(`<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"`)
	pictures := picture.FindAllStringSubmatch(shown.String(), -1)
	if len(pictures) != 2 {
		t.Fatalf("%d static pictures of 2 charts", len(pictures))
	}
	for _, p := range pictures {
		svg, err := base64.StdEncoding.DecodeString(p[1])
		if err != nil || !strings.HasPrefix(string(svg), "<svg") || !strings.Contains(string(svg), "xmlns=") {
			t.Errorf("not a picture that stands alone: %v %.60s", err, svg)
		}
	}
	if n := strings.Count(shown.String(), `"series":[{`); n != 2 {
		t.Errorf("%d interactive forms of 2 charts", n)
	}
	if strings.Contains(shown.String(), "http") {
		t.Error("a chart needs something from elsewhere")
	}
}

// The library is 1 MB: it must be in a notebook once, not in each chart.
func TestOnlyBeginBringsTheLibrary(t *testing.T) {
	shown := capture(t)
	Show(line("chart"))
	if shown.Len() > 50_000 {
		t.Errorf("a chart weighs %d bytes", shown.Len())
	}
	shown.Reset()
	Begin()
	if !strings.Contains(shown.String(), plots.Library()) {
		t.Error("Begin does not bring the library")
	}
	if n := strings.Count(shown.String(), "</script"); n != 1 {
		t.Errorf("%d ends of scripts: the library ends its own", n)
	}
}

func TestNamesCannotRun(t *testing.T) {
	shown := capture(t)
	Show(line(`</script><script>alert(1)</script><img src=x onerror=alert(2)>"'`))
	for _, part := range []string{"<script>alert", "<img src=x"} {
		if strings.Contains(shown.String(), part) {
			t.Errorf("%q came through", part)
		}
	}
}

func TestShowFailsTheCell(t *testing.T) {
	shown := capture(t)
	defer func() {
		if recover() == nil {
			t.Error("an empty chart is no panic")
		}
		if shown.Len() > 0 {
			t.Error("something was shown")
		}
	}()
	Show(line("fine"), plots.Lines{Title: "empty"})
}

// A program outside a notebook may call both.
func TestOutsideANotebook(t *testing.T) {
	Begin()
	Show(line("chart"))
}
