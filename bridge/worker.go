package bridge

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

//go:embed worker.py
var script string

// worker is a process of Python with N environments of one kind. One goroutine at a time uses it.
type worker struct {
	request
	python  string
	n       int
	first   int // number of its first environment, in errors
	process *exec.Cmd
	in      io.WriteCloser
	out     *os.File
	lines   *bufio.Reader
	said    tail
	about   Description
	limit   time.Duration
	frame   []byte
	answers *answers
}

// hello is the first line to a worker.
type hello struct {
	Protocol     int             `json:"protocol"`
	Name         string          `json:"name"`
	Options      json.RawMessage `json:"options"`
	Environments int             `json:"environments"`
	About        bool            `json:"about"` // with what takes time to find out
	List         string          `json:"list,omitempty"`
	Describe     []asking        `json:"describe,omitempty"` // environments to be described, and nothing else
}

// asking names an environment in a hello.
type asking struct {
	Name    string          `json:"name"`
	Options json.RawMessage `json:"options"`
}

// startWorker starts a worker with n environments; about asks it whether they are reproducible, too.
func startWorker(r request, n int, about bool) (*worker, error) {
	w, err := launch(hello{Protocol: protocol, Name: r.name, Options: json.RawMessage(r.options), Environments: n,
		About: about})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	w.request, w.n = r, n
	if w.about, err = w.readDescription(); err != nil {
		w.kill()
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	w.answers = newAnswers(n, len(w.about.Observations))
	return w, nil
}

// readDescription reads a line that describes an environment, or says why it cannot be made.
func (w *worker) readDescription() (Description, error) {
	line, err := w.readLine()
	if err != nil {
		return Description{}, err
	}
	d, err := decodeDescription(line)
	if raised := new(workerError); errors.As(err, &raised) {
		err = errors.New(w.remedy(raised.Trace))
	}
	return d, err
}

// decodeDescription decodes and checks a line of a worker. The error of an environment that cannot be made is a
// *workerError.
func decodeDescription(line []byte) (Description, error) {
	var said struct {
		Description
		workerError
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return Description{}, err
	}
	if said.Trace != "" {
		return Description{}, &said.workerError
	}
	return said.Description, said.Description.check()
}

// launch starts Python and writes the first line.
func launch(h hello) (*worker, error) {
	limit, err := timeout()
	if err != nil {
		return nil, err
	}
	first, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	w := &worker{python: Python(), limit: limit}
	w.process = exec.Command(w.python, "-c", script)
	w.process.Stderr = &w.said
	// One environment's step gains nothing from threads, which take the cores that train.
	w.process.Env = append([]string{"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"}, os.Environ()...)
	w.process.WaitDelay = time.Second
	var theirs *os.File
	if w.out, theirs, err = os.Pipe(); err != nil {
		return nil, err
	}
	w.process.Stdout = theirs
	if w.in, err = w.process.StdinPipe(); err == nil {
		err = w.process.Start()
	}
	theirs.Close()
	if err != nil {
		w.out.Close()
		// not wrapped: that Python's file does not exist must not look like a missing suite or study
		return nil, fmt.Errorf("Python cannot be started: %v: name one by --python", err)
	}
	pipe, err := newPrompt(w.out)
	if err != nil {
		return nil, w.lost(err)
	}
	w.lines = bufio.NewReaderSize(pipe, 1<<16)
	if _, err := w.in.Write(append(first, '\n')); err != nil {
		return nil, w.lost(err)
	}
	return w, nil
}

// longestLine bounds the first answer of a worker, in bytes.
const longestLine = 64 << 20

// readLine reads a line of the worker within the time that Python may take to start.
func (w *worker) readLine() ([]byte, error) {
	if err := w.out.SetReadDeadline(time.Now().Add(startWithin)); err != nil {
		return nil, err
	}
	var line []byte
	for {
		part, err := w.lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, w.lost(err)
		case len(line) > longestLine:
			return nil, errors.New("its first answer is too long")
		}
	}
}

// exchange sends the frame and reads the answer. After an error the worker is gone.
func (w *worker) exchange() error {
	if err := w.send(); err != nil {
		return err
	}
	return w.receive()
}

// ask sends the frame and reads a text. After an error the worker is gone.
func (w *worker) ask() (text []byte, err error) {
	if err := w.send(); err != nil {
		return nil, err
	}
	err = w.await(func(r io.Reader) error {
		text, err = w.answers.readText(r)
		return err
	})
	return text, err
}

// send sends the frame.
func (w *worker) send() error {
	if _, err := w.in.Write(w.frame); err != nil {
		return fmt.Errorf("%s: %w", w.name, w.lost(err))
	}
	return nil
}

// receive reads the answer to a frame that resets or steps.
func (w *worker) receive() error { return w.await(w.answers.read) }

// await reads the answer to a frame, within the time limit.
func (w *worker) await(read func(io.Reader) error) error {
	err := w.out.SetReadDeadline(time.Now().Add(w.limit))
	if err == nil {
		err = read(w.lines)
	}
	var raised *workerError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &raised):
		raised.Environment += w.first
		w.kill()
	default:
		err = w.lost(err)
	}
	return fmt.Errorf("%s: %w", w.name, err)
}

// lost ends a worker that no longer answers as it should, and returns why.
func (w *worker) lost(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.kill()
		return fmt.Errorf("no answer within the time limit: it may hang; 'engram resume' continues the run, with more "+
			"time by --env-timeout%s", w.said.last())
	}
	broken := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "pipe")
	if !broken {
		w.kill()
		return fmt.Errorf("the answer is damaged: %w", err)
	}
	w.in.Close()
	ended := w.process.Wait()
	w.out.Close()
	if ended == nil {
		return fmt.Errorf("the process of Python (%s) ended: %w%s", w.python, errEnded, w.said.last())
	}
	how := ended.Error()
	if strings.Contains(how, "killed") {
		how += " (out of memory?)"
	}
	return fmt.Errorf("the process of Python (%s) ended: %s%s", w.python, how, w.said.last())
}

// kill ends the process at once.
func (w *worker) kill() {
	w.in.Close()
	w.process.Process.Kill()
	w.process.Wait()
	w.out.Close()
}

// remedy adds to a traceback what to do where a package or an argument is missing.
func (w *worker) remedy(trace string) string {
	first, rest, _ := strings.Cut(trace, "\n")
	if strings.HasPrefix(first, "ModuleNotFoundError") {
		first += fmt.Sprintf(" (%s): install it there, or choose another Python by --python", w.python)
	}
	if strings.HasPrefix(first, "TypeError") && strings.Contains(first, " missing ") &&
		strings.Contains(first, " required ") {
		first += ": give it by the task's options, such as --task-options '{\"size\":5}'"
	}
	return first + "\n" + rest
}

// tail keeps the end of what a worker says on stderr.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const longestTail = 64 << 10

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = append(t.text[:0], t.text[max(0, len(t.text)-longestTail):]...)
	return len(p), nil
}

// last returns the last line said, to be added to an error, or nothing.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	if line := lines[len(lines)-1]; line != "" {
		return "; its last line on stderr: " + line
	}
	return ""
}
