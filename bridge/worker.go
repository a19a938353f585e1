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
	"sync/atomic"
	"time"
)

//go:embed worker.py
var script string

// worker is a process of Python with environments of one kind. Those of its first lockstep are as many as it was
// started with; a second one may be made, so that a run trains and evaluates in one process: a start may take seconds.
type worker struct {
	request
	python  string
	process *exec.Cmd
	in      io.WriteCloser
	out     *os.File
	lines   *bufio.Reader
	printed tail
	about   Description
	limit   time.Duration
	gone    atomic.Bool // it has ended, or will

	locksteps []*lockstep // one or two; the pool's lock guards them

	turn    sync.Mutex // guards what follows: one frame after the other
	awaited *lockstep  // whose answer was not read yet; nil: none
	current int        // number of the lockstep that takes the next frame
	failed  error      // why the process is gone, if a frame or its answer showed it
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
func startWorker(r request, n int, about bool) (*lockstep, error) {
	w, err := launch(hello{Protocol: protocol, Name: r.name, Options: json.RawMessage(r.options), Environments: n,
		About: about})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	w.request = r
	if w.about, err = w.readDescription(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return w.newLockstep(n), nil
}

// readDescription reads a line that describes an environment, or says why it cannot be made. After an error the worker
// is gone.
func (w *worker) readDescription() (Description, error) {
	line, err := w.readLine()
	if err != nil {
		return Description{}, err
	}
	d, err := decodeDescription(line)
	if err == nil {
		return d, nil
	}
	w.kill()
	if raised := new(workerError); errors.As(err, &raised) {
		err = errors.New(w.remedy(raised.Trace))
	}
	return d, w.withPrinted(err)
}

// decodeDescription decodes and checks a line of a worker. The error of an environment that cannot be made is a
// *workerError.
func decodeDescription(line []byte) (Description, error) {
	var said struct {
		Description
		workerError
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return Description{}, fmt.Errorf("it answered %q: name a Python by --python", shown(string(line)))
	}
	if said.Trace != "" {
		return Description{}, &said.workerError
	}
	return said.Description, said.Description.check()
}

// launch starts Python and writes the first line.
func launch(h hello) (*worker, error) {
	limit, err := timeout()
	if err == nil {
		_, err = workers()
	}
	if err != nil {
		return nil, err
	}
	first, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	w := &worker{python: Python(), limit: limit}
	w.process = exec.Command(w.python, "-c", script)
	w.process.Stderr = &w.printed
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

// startLimit returns how long Python may take to start. A step's limit that is longer counts for the start, too.
func (w *worker) startLimit() time.Duration { return max(startWithin, w.limit) }

// readLine reads a line of the worker within the time that its start may take.
func (w *worker) readLine() ([]byte, error) { return w.readWithin(w.startLimit()) }

// readWithin reads a line of the worker within a time. After an error the worker is gone.
func (w *worker) readWithin(within time.Duration) ([]byte, error) {
	if err := w.out.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, w.lost(err)
	}
	var line []byte
	for {
		part, err := w.lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.kill()
			return nil, w.withPrinted(fmt.Errorf("its start (import, making, a few steps) took more than %v: it may "+
				"hang; '--env-timeout %v' gives it more time", within, 2*within))
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, w.lost(err)
		case len(line) > longestLine:
			w.kill()
			return nil, errors.New("its first answer is too long")
		}
	}
}

// lost ends a worker that no longer answers as it should, and returns why.
func (w *worker) lost(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.kill()
		return w.withPrinted(fmt.Errorf("no answer within %v: it may hang; '--env-timeout %v' gives a step more time",
			w.limit, 2*w.limit))
	}
	broken := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "pipe")
	if !broken {
		w.kill()
		return w.withPrinted(fmt.Errorf("the answer is damaged: %w", err))
	}
	w.gone.Store(true)
	w.in.Close()
	ended := w.process.Wait()
	w.out.Close()
	if ended == nil {
		return w.withPrinted(fmt.Errorf("the process of Python (%s) ended: %w", w.python, errEnded))
	}
	how := ended.Error()
	if strings.Contains(how, "killed") {
		how += " (out of memory?)"
	}
	return w.withPrinted(fmt.Errorf("the process of Python (%s) ended: %s", w.python, how))
}

// kill ends the process at once.
func (w *worker) kill() {
	w.gone.Store(true)
	w.in.Close()
	w.process.Process.Kill()
	w.process.Wait()
	w.out.Close()
}

// remedy adds to a traceback what to do where a module is missing.
func (w *worker) remedy(trace string) string {
	first, rest, _ := strings.Cut(trace, "\n")
	if strings.HasPrefix(first, "ModuleNotFoundError") {
		first += fmt.Sprintf(" (%s): a module of your own is found in the folder in which engram is called, and in "+
			"those of the variable PYTHONPATH; install a package there, or choose another Python by --python", w.python)
	}
	return first + "\n" + rest
}
