package bridge

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// lockstep is N environments of a worker that step together. One goroutine at a time uses it, beside the one of the
// worker's other lockstep.
type lockstep struct {
	*worker
	number  int // in the worker
	n       int
	first   int // number of its first environment, in errors
	frame   []byte
	answers *answers
	taken   bool // the pool's lock guards it
}

// newLockstep returns the next lockstep of a worker, with n environments. The first one is made at the worker's start,
// another one by its method begin.
func (w *worker) newLockstep(n int) *lockstep {
	l := &lockstep{worker: w, number: len(w.locksteps), n: n, answers: newAnswers(n, len(w.about.Observations)),
		taken: true}
	w.locksteps = append(w.locksteps, l)
	return l
}

// begin makes the environments in the worker.
func (l *lockstep) begin() error {
	l.turn.Lock()
	defer l.turn.Unlock()
	_, err := l.text(makeFrame(l.n), l.startLimit())
	l.current = l.number
	return err
}

// countFrom sets the number that the first environment has in errors.
func (l *lockstep) countFrom(first int) {
	l.turn.Lock()
	defer l.turn.Unlock()
	l.first = first
}

// exchange sends the frame and reads the answer. After an error the worker is gone.
func (l *lockstep) exchange() error {
	if err := l.send(); err != nil {
		return err
	}
	return l.receive()
}

// ask sends the frame and reads a text. After an error the worker is gone.
func (l *lockstep) ask() (text []byte, err error) {
	l.turn.Lock()
	defer l.turn.Unlock()
	return l.text(l.addressed(), l.limit)
}

// text writes bytes to the process and reads the text that answers them, within a time.
func (l *lockstep) text(frames []byte, within time.Duration) (text []byte, err error) {
	if err := l.write(frames); err != nil {
		return nil, err
	}
	err = l.await(within, func(r io.Reader) error {
		text, err = l.answers.readText(r)
		return err
	})
	return text, err
}

// send sends the frame.
func (l *lockstep) send() error {
	l.turn.Lock()
	defer l.turn.Unlock()
	err := l.write(l.addressed())
	if err == nil {
		l.awaited = l
	}
	return err
}

// receive reads the answer to a frame that resets or steps, unless it was read when another lockstep's turn came.
func (l *lockstep) receive() error {
	l.turn.Lock()
	defer l.turn.Unlock()
	return l.settle()
}

// addressed returns the frame, after one that says which lockstep takes it where another one took the one before.
func (l *lockstep) addressed() []byte {
	if l.current == l.number {
		return l.frame
	}
	l.current = l.number
	return append(useFrame(l.number), l.frame...)
}

// write writes bytes to the process, when it has answered all that were written before.
func (w *worker) write(frames []byte) error {
	if err := w.settle(); err != nil {
		return err
	}
	if _, err := w.in.Write(frames); err != nil {
		w.failed = fmt.Errorf("%s: %w", w.name, w.lost(err))
	}
	return w.failed
}

// settle reads the answer to the frame that was sent last, for the lockstep that awaits it, if there is one.
func (w *worker) settle() error {
	l := w.awaited
	if w.awaited = nil; l != nil && w.failed == nil {
		return l.await(w.limit, l.answers.read)
	}
	return w.failed
}

// await reads the answer to a frame, within a time.
func (l *lockstep) await(within time.Duration, read func(io.Reader) error) error {
	err := l.out.SetReadDeadline(time.Now().Add(within))
	if err == nil {
		err = read(l.lines)
	}
	var raised *workerError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &raised):
		raised.Environment += l.first
		l.kill()
		err = l.withPrinted(err)
	default:
		err = l.lost(err)
	}
	l.failed = fmt.Errorf("%s: %w", l.name, err)
	return l.failed
}
