// Package classroom makes the lesson's page: a folder of static files, or one file, that works from a disk, from any
// web server, and without a network. What the page computes is package lesson, compiled to WebAssembly.
package classroom

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"engram/internal/durable"
	"engram/plots"
)

//go:embed page
var sources embed.FS

// Page holds the files of the page by name.
type Page map[string][]byte

// The files of the page, in the order in which it reads them.
const (
	indexFile  = "index.html"
	styleFile  = "style.css"
	plotsFile  = "plots.js"  // ECharts
	engineFile = "engine.js" // Go's program, and the script of the worker that runs it
	pageFile   = "page.js"
)

// Build compiles the lesson with the Go command and returns the page. source is the folder of engram's sources. It
// needs no network where their modules have been downloaded.
func Build(ctx context.Context, source string) (Page, error) {
	wasm, err := compile(ctx, source)
	if err != nil {
		return nil, err
	}
	root, err := output(ctx, source, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	support, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, fmt.Errorf("classroom: %w: use Go 1.24 or later", err)
	}
	worker, err := sources.ReadFile("page/worker.js")
	if err != nil {
		return nil, err
	}
	engine, err := engineScript(wasm, append(append(support, '\n'), worker...))
	if err != nil {
		return nil, err
	}
	page := Page{plotsFile: []byte(plots.Library()), engineFile: engine}
	for _, name := range []string{indexFile, styleFile, pageFile} {
		if page[name], err = sources.ReadFile("page/" + name); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// compile returns the program of package classroom/wasm.
func compile(ctx context.Context, source string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "engram-classroom-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "engram.wasm")
	_, err = output(ctx, source, "build", "-trimpath", "-ldflags=-s -w", "-o", path, "engram/classroom/wasm")
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// output runs the Go command for js/wasm in a folder and returns its output. Experiments of other processors have no
// place there.
func output(ctx context.Context, dir string, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOEXPERIMENT=")
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("classroom: go %s: %w: %s: make the page with Go, in a clone of engram", arguments[0],
			err, strings.TrimSpace(said.String()))
	}
	return out, nil
}

// engineScript returns the script that holds the program, gzipped and in base64, and the worker's script: a page that
// is opened from a disk may read scripts and nothing else.
func engineScript(wasm, worker []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(wasm); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	script, err := json.Marshal(map[string]string{"script": string(worker),
		"wasm": base64.StdEncoding.EncodeToString(packed.Bytes())})
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "window.engramEngine = %s;\n", script), nil
}

// Save writes the files of the page into a folder, which it makes.
func (p Page) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, data := range p {
		if err := durable.ReplaceBytes(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}

// Single returns the page as one HTML file.
func (p Page) Single() []byte {
	html := string(p[indexFile])
	style := `<link rel="stylesheet" href="` + styleFile + `">`
	html = strings.Replace(html, style, "<style>\n"+string(p[styleFile])+"</style>", 1)
	for _, name := range []string{plotsFile, engineFile, pageFile} {
		html = strings.Replace(html, `<script src="`+name+`"></script>`, "<script>"+string(p[name])+"</script>", 1)
	}
	return []byte(html)
}
