package bridge

import (
	"slices"
	"sync"
)

// pool holds the workers that live: those that no environment uses, too, because Python takes seconds to start.
var pool struct {
	sync.Mutex
	workers []*worker
}

// mostIdle bounds the workers of which no lockstep is used, and mostLocksteps the locksteps of a worker.
const mostIdle, mostLocksteps = 4, 2

// take returns n environments that nobody uses, beside others that step at the same time or not: of a worker that has
// them, or can make them, or is started. It refuses an environment that is not the one described.
func take(r request, n int, beside bool, d Description) (*lockstep, error) {
	l, made := pooled(r, n, n == 1 && !beside)
	if made {
		return l, nil
	}
	if l != nil {
		if err := l.begin(); err != nil {
			return nil, err
		}
		return l, nil
	}
	l, err := startWorker(r, n, false)
	if err != nil {
		return nil, err
	}
	if err := d.same(l.about); err != nil {
		l.kill()
		return nil, err
	}
	join(l.worker)
	return l, nil
}

// pooled takes a lockstep of n environments of a worker that lives, or else a new one, not made yet: of an idle worker,
// or of a busy one where the new one may wait for it, as an evaluation's may. It is nil where there is none.
func pooled(r request, n int, mayWait bool) (l *lockstep, made bool) {
	pool.Lock()
	defer pool.Unlock()
	pool.workers = slices.DeleteFunc(pool.workers, func(w *worker) bool { return w.gone.Load() })
	var last *worker
	for _, w := range pool.workers {
		if w.request != r || w.python != Python() {
			continue
		}
		for _, l := range w.locksteps {
			if !l.taken && l.n == n {
				l.taken = true
				return l, true
			}
		}
		if len(w.locksteps) < mostLocksteps && (mayWait || w.idle()) {
			last = w
		}
	}
	if last == nil {
		return nil, false
	}
	return last.newLockstep(n), false
}

// join adds a worker to the pool.
func join(w *worker) {
	pool.Lock()
	defer pool.Unlock()
	pool.workers = append(pool.workers, w)
}

// giveBack lets others use the environments, and ends the worker that has been idle for longest where there are too
// many.
func giveBack(l *lockstep) {
	pool.Lock()
	defer pool.Unlock()
	l.taken = false
	idle := 0
	for _, w := range pool.workers {
		if w.idle() {
			idle++
		}
	}
	if idle > mostIdle {
		i := slices.IndexFunc(pool.workers, (*worker).idle)
		pool.workers[i].kill()
		pool.workers = slices.Delete(pool.workers, i, i+1)
	}
}

// idle reports whether nobody uses a worker.
func (w *worker) idle() bool {
	return !slices.ContainsFunc(w.locksteps, func(l *lockstep) bool { return l.taken })
}

// CloseIdle ends all workers that no environment uses.
func CloseIdle() {
	pool.Lock()
	defer pool.Unlock()
	pool.workers = slices.DeleteFunc(pool.workers, func(w *worker) bool {
		if w.idle() {
			w.kill()
			return true
		}
		return false
	})
}
