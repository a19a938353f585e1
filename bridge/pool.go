package bridge

import (
	"slices"
	"sync"
)

// idle holds workers that no environment uses: the next evaluation takes one, because Python takes seconds to start.
var idle struct {
	sync.Mutex
	workers []*worker
}

// mostIdle bounds the idle workers.
const mostIdle = 4

// take returns an idle worker with n environments, or starts one, and refuses an environment that is not the one
// described.
func take(r request, n int, d Description) (*worker, error) {
	idle.Lock()
	i := slices.IndexFunc(idle.workers, func(w *worker) bool {
		return w.request == r && w.n == n && w.python == Python()
	})
	if i >= 0 {
		w := idle.workers[i]
		idle.workers = slices.Delete(idle.workers, i, i+1)
		idle.Unlock()
		return w, nil
	}
	idle.Unlock()
	w, err := startWorker(r, n, false)
	if err != nil {
		return nil, err
	}
	if err := d.same(w.about); err != nil {
		w.kill()
		return nil, err
	}
	return w, nil
}

// giveBack makes a worker idle, and ends the one that has been so for longest where there are too many.
func giveBack(w *worker) {
	idle.Lock()
	defer idle.Unlock()
	idle.workers = append(idle.workers, w)
	if len(idle.workers) > mostIdle {
		idle.workers[0].kill()
		idle.workers = slices.Delete(idle.workers, 0, 1)
	}
}

// CloseIdle ends all workers that no environment uses.
func CloseIdle() {
	idle.Lock()
	defer idle.Unlock()
	for _, w := range idle.workers {
		w.kill()
	}
	idle.workers = nil
}
