package watch

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"time"
)

//go:embed assets/page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// sheet holds the page of one look at the runs. It never changes, so that all readers can share its bytes.
type sheet struct {
	nonce      string // of the page's script; the runs that are shown cannot know it
	page, runs []byte
}

// shown makes sheets and keeps the newest for a while. Readers take it one after the other and hold no lock while they
// read it.
type shown struct {
	look  func() []View // not safe for concurrent use, and neither are the views
	fresh time.Duration

	turn  chan struct{} // holds one value: the goroutine that takes it may use the fields below
	sheet *sheet
	at    time.Time // when the sheet was ready
}

func newShown(look func() []View, fresh time.Duration) *shown {
	s := &shown{look: look, fresh: fresh, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// now returns a fresh sheet. Readers that wait while one is made share it.
func (s *shown) now(ctx context.Context) (*sheet, error) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("watch: the page was not ready: %w", ctx.Err())
	}
	defer func() { s.turn <- struct{}{} }()
	if s.sheet != nil && time.Since(s.at) < s.fresh {
		return s.sheet, nil
	}
	made, err := draw(s.look())
	if err != nil {
		return nil, err
	}
	s.sheet, s.at = made, time.Now()
	return made, nil
}

// draw returns the sheet of some views.
func draw(views []View) (*sheet, error) {
	s := &sheet{nonce: rand.Text()}
	var err error
	if s.runs, err = render("runs", board{views}); err != nil {
		return nil, err
	}
	s.page, err = render("page", map[string]any{"Board": board{views}, "Nonce": s.nonce})
	return s, err
}

// render returns the whole text of a template, or an error.
func render(name string, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := pageTemplate.ExecuteTemplate(&out, name, data); err != nil {
		return nil, fmt.Errorf("watch: the page: %w", err)
	}
	return out.Bytes(), nil
}
