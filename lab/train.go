package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gomlx/compute"

	"engram/drqn"
)

// FinalTrials is the number of trials of the evaluation at a run's end.
const FinalTrials = 2000

// finalSeed is that of the evaluation at a run's end: its stream is no other's.
func finalSeed(seed uint64) uint64 { return rand.NewPCG(seed, 1<<32).Uint64() }

// Train makes a run directory, trains the config's agent in it, and evaluates it over FinalTrials fresh trials. A
// cancelled context ends it early with a checkpoint, and with the context's error. The watcher, which may be nil,
// is told of what is written.
func Train(ctx context.Context, dir string, c drqn.Config, b compute.Backend, backend string, w drqn.Observer) (*Run, error) {
	trainer, err := drqn.NewTrainer(b, c)
	if err != nil {
		return nil, err
	}
	r := &Run{Dir: dir, Config: c, About: newAbout(backend)}
	if err := create(dir, c, r.About); err != nil {
		return nil, err
	}
	unlock, err := Lock("run", dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return r, r.train(ctx, trainer, w)
}

func (r *Run) train(ctx context.Context, trainer *drqn.Trainer, w drqn.Observer) error {
	log, err := openJournal(r.Dir, w)
	if err != nil {
		return err
	}
	trained := trainer.Train(ctx, log)
	r.About.Seconds, r.About.Updates = log.seconds(), trainer.Update()
	err = errors.Join(trained, log.close(), saveCheckpoint(r.Dir, trainer.Update(), trainer.Network().Params(), trainer.Weights(0)))
	if err == nil {
		err = r.conclude(ctx)
	}
	r.About.State = Finished
	if errors.Is(err, context.Canceled) {
		r.About.State = Interrupted
	} else if err != nil {
		r.About.State, r.About.Error = Failed, err.Error()
	}
	return errors.Join(err, writeJSON(filepath.Join(r.Dir, runFile), r.About))
}

// conclude evaluates the trained agent.
func (r *Run) conclude(ctx context.Context) error {
	e, err := r.Evaluate(ctx, FinalTrials, finalSeed(r.Config.Seed))
	r.About.Result = &e
	return err
}

// Evaluate acts greedily with the run's newest checkpoint on fresh trials.
func (r *Run) Evaluate(ctx context.Context, trials int, seed uint64) (drqn.Evaluation, error) {
	policy, update, err := r.Policy()
	if err != nil {
		return drqn.Evaluation{}, err
	}
	e, err := policy.Evaluate(ctx, trials, seed)
	e.Update = update
	return e, err
}

func newAbout(backend string) About {
	about := About{Backend: backend, Go: runtime.Version(), Created: time.Now().UTC().Truncate(time.Second), State: Running,
		Engram: "unknown", Machine: fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())}
	if info, ok := debug.ReadBuildInfo(); ok {
		about.Engram = info.Main.Version
		for _, module := range info.Deps {
			if module.Path == "github.com/gomlx/gomlx" {
				about.GoMLX = module.Version
			}
		}
	}
	return about
}

// journal appends what a trainer says to the run's files, line by line.
type journal struct {
	metrics, evaluations, timing *os.File
	watcher                      drqn.Observer
	began                        time.Time
}

func openJournal(dir string, w drqn.Observer) (*journal, error) {
	j := &journal{watcher: w, began: time.Now()}
	for name, file := range map[string]**os.File{metricsFile: &j.metrics, evaluationsFile: &j.evaluations, timingFile: &j.timing} {
		var err error
		if *file, err = os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
			return nil, fmt.Errorf("run %s: %w", dir, err)
		}
	}
	return j, nil
}

func (j *journal) seconds() float64 { return time.Since(j.began).Seconds() }

// Metrics implements drqn.Observer.
func (j *journal) Metrics(m drqn.Metrics) error {
	err := errors.Join(appendLine(j.metrics, m), appendLine(j.timing, Timing{m.Update, j.seconds()}))
	if err == nil && j.watcher != nil {
		err = j.watcher.Metrics(m)
	}
	return err
}

// Evaluation implements drqn.Observer.
func (j *journal) Evaluation(member int, e drqn.Evaluation) error {
	err := appendLine(j.evaluations, e)
	if err == nil && j.watcher != nil {
		err = j.watcher.Evaluation(member, e)
	}
	return err
}

// appendLine writes a value as one line by one write, so that a reader never sees half of one but the last.
func appendLine(file *os.File, value any) error {
	data, err := json.Marshal(value)
	if err == nil {
		_, err = file.Write(append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name(), err)
	}
	return nil
}

func (j *journal) close() error {
	return errors.Join(j.metrics.Close(), j.evaluations.Close(), j.timing.Close())
}
