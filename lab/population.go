package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"engram/bridge"
	"engram/drqn"
	"engram/internal/plain"
	"engram/tasks"
)

// population holds the runs that this process trains together; it implements drqn.CompileObserver for their trainer.
type population struct {
	runs    []*opened
	watcher Watcher
	backend string
	trainer *drqn.Trainer
	saving  chan error // result of the checkpoint that is being written; nil: none is
	last    int64      // update of the newest checkpoint written or read; -1: none

	newEpisodes bool // where the environments do not take their saved states
}

// openPopulation creates or opens the runs of the jobs, and locks them.
func openPopulation(jobs []Job, backend string, w Watcher) (*population, error) {
	p := &population{watcher: w, backend: backend, last: -1}
	for i, j := range jobs {
		about := newAbout(backend)
		about.Population = populationOf(jobs, i)
		about.Environment = bridge.Known(j.Config.Task, j.Config.TaskOptions)
		r, err := j.open(about, p.notice)
		if err != nil {
			p.release()
			return nil, err
		}
		p.runs, p.newEpisodes = append(p.runs, r), p.newEpisodes || j.NewEpisodes
		if r.About.Backend != backend {
			p.notice(fmt.Sprintf("run %s was begun on backend %s and resumes on %s: its numbers will agree to "+
				"rounding only", j.Dir, r.About.Backend, backend))
		}
		if !slices.Equal(r.About.Population, about.Population) {
			p.notice(fmt.Sprintf("run %s was begun in another population: its numbers will agree to rounding only",
				j.Dir))
		}
		r.About.Backend, r.About.Population = backend, about.Population
	}
	return p, nil
}

// populationOf returns the paths from job i's directory to those of all jobs, or nil for a single job.
func populationOf(jobs []Job, i int) []string {
	if len(jobs) == 1 {
		return nil
	}
	var paths []string
	for _, j := range jobs {
		path, err := filepath.Rel(jobs[i].Dir, j.Dir)
		if err != nil { // one is absolute, the other not
			path = j.Dir
		}
		paths = append(paths, path)
	}
	return paths
}

// release closes the runs' journals and unlocks the runs.
func (p *population) release() {
	for _, r := range p.runs {
		if r.journal != nil {
			r.journal.close()
		}
		r.lock.Release()
	}
}

func (p *population) all() []*Run {
	var runs []*Run
	for _, r := range p.runs {
		runs = append(runs, r.Run)
	}
	return runs
}

func (p *population) notice(line string) {
	if p.watcher != nil {
		p.watcher.Notice(line)
	}
}

// restore brings the trainer to the newest checkpoint that all runs have, or leaves it at the beginning if there is
// none, and opens the journals at the same place.
func (p *population) restore(b compute.Backend) error {
	updates, err := p.common()
	if err != nil {
		return err
	}
	manifests := make([]Manifest, len(p.runs)) // of a new run
	for i := len(updates) - 1; i >= 0; i-- {
		found, err := p.read(updates[i])
		if err == nil {
			p.last, manifests = updates[i], found
			break
		}
		if errors.Is(err, errNewer) || errors.Is(err, errEarlier) {
			return err
		}
		if errors.Is(err, tasks.ErrNotRestored) { // the checkpoint is whole, and so are those before it
			p.last = updates[i]
			return err
		}
		before := "training begins again"
		if i > 0 {
			before = fmt.Sprintf("the checkpoint of update %d is used", updates[i-1])
		}
		p.notice(fmt.Sprintf("%v: %s", err, before))
	}
	if p.last < 0 && len(updates) > 0 { // the trainer may be half restored
		if p.trainer, err = newTrainer(b, p.jobs()); err != nil {
			return err
		}
	}
	if p.last < 0 {
		if err := p.start(); err != nil {
			return err
		}
	}
	return p.begin(manifests)
}

func (p *population) jobs() []Job {
	var jobs []Job
	for _, r := range p.runs {
		jobs = append(jobs, Job{Dir: r.Dir, Config: r.Config})
	}
	return jobs
}

// common returns, in order, the updates at which every run has a checkpoint.
func (p *population) common() ([]int64, error) {
	var common []int64
	for i, r := range p.runs {
		updates, err := r.Checkpoints()
		if err != nil {
			return nil, err
		}
		if i == 0 {
			common = updates
		}
		common = slices.DeleteFunc(common, func(u int64) bool { return !slices.Contains(updates, u) })
	}
	return common, nil
}

// read brings the trainer to the runs' checkpoints of an update, and returns their manifests.
func (p *population) read(update int64) ([]Manifest, error) {
	var manifests []Manifest
	var states []drqn.State
	for _, r := range p.runs {
		c, err := r.Checkpoint(update)
		if err == nil {
			err = errors.Join(c.withRing(p.trainer.RingOptions()), journalsReach(r.Dir, c.Journals))
		}
		if err != nil {
			return nil, err
		}
		manifests, states = append(manifests, c.Manifest), append(states, c.State)
	}
	err := p.trainer.Restore(states)
	if errors.Is(err, tasks.ErrNotRestored) && p.newEpisodes {
		err = p.restoreAnew(states, err)
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", checkpointPath(p.runs[0].Dir, update), err)
	}
	return manifests, nil
}

// restoreAnew brings the trainer to states whose environments, for the given reason, do not take theirs: they begin new
// episodes.
func (p *population) restoreAnew(states []drqn.State, reason error) error {
	p.notice(fmt.Sprintf("%v: new episodes begin", reason))
	for i, r := range p.runs {
		states[i].Environments.NewEpisodes = true
		if update := states[i].Update; !slices.Contains(r.About.NewEpisodes, update) {
			r.About.NewEpisodes = append(r.About.NewEpisodes, update)
		}
	}
	return p.trainer.Restore(states)
}

// begin opens the journals at the lengths in the manifests, and marks the runs as running.
func (p *population) begin(manifests []Manifest) error {
	for i, r := range p.runs {
		m := manifests[i]
		var err error
		if r.journal, err = openJournals(r.Dir, m.Journals, time.Duration(m.Seconds*float64(time.Second))); err != nil {
			return err
		}
		if m.Share != nil {
			r.share, r.shareAt = m.Share, m.Update
		}
		if r.About.State == Finished {
			continue
		}
		r.About.State, r.About.Error, r.About.Remedy = Running, "", ""
		r.About.Updates, r.About.Seconds = m.Update, m.Seconds
		r.About.Compiling = false // by a process that was killed
		if err := writeJSON(filepath.Join(r.Dir, runFile), r.About); err != nil {
			return err
		}
	}
	return nil
}

// Metrics implements drqn.Observer.
func (p *population) Metrics(m drqn.Metrics) error {
	r := p.runs[m.Member]
	if err := r.lock.Check(); err != nil {
		return err
	}
	if err := r.journal.metrics(m); err != nil {
		return err
	}
	if p.watcher == nil {
		return nil
	}
	return p.watcher.Metrics(m)
}

// Evaluation implements drqn.Observer.
func (p *population) Evaluation(member int, e drqn.Evaluation) error {
	r := p.runs[member]
	if err := r.lock.Check(); err != nil {
		return err
	}
	if err := r.journal.evaluation(e); err != nil {
		return err
	}
	r.share, r.shareAt = e.Share(), e.Update
	if p.watcher == nil {
		return nil
	}
	return p.watcher.Evaluation(member, e)
}

// Compiling implements drqn.CompileObserver: it marks the runs, and tells the watcher. The pure-Go backend compiles
// nothing.
func (p *population) Compiling(now bool) error {
	if p.backend == "go" {
		return nil
	}
	for _, r := range p.runs {
		if err := r.lock.Check(); err != nil {
			return err
		}
		r.About.Compiling = now
		if err := writeJSON(filepath.Join(r.Dir, runFile), r.About); err != nil {
			return err
		}
	}
	if w, wants := p.watcher.(drqn.CompileObserver); wants {
		return w.Compiling(now)
	}
	return nil
}

// checkpoint copies the state of training and writes the copy while training continues. It first waits for the previous
// checkpoint.
func (p *population) checkpoint() error {
	if err := p.saved(); err != nil {
		return err
	}
	var writes []func() error
	for k, r := range p.runs {
		if err := p.trainer.Snapshot(k, &r.state); err != nil {
			return err
		}
		m := Manifest{Seconds: r.journal.trained().Seconds(), Journals: r.journal.sizes()}
		if r.shareAt == p.trainer.Update() {
			m.Share = r.share
		}
		r.About.Updates, r.About.Seconds = p.trainer.Update(), m.Seconds
		writes = append(writes, func() error {
			if err := r.journal.sync(); err != nil {
				return err
			}
			return save(r.Dir, r.About.Keep, m, p.trainer.Network().Params(), &r.state, r.lock.Check)
		})
	}
	saving := make(chan error, 1)
	go func() {
		for _, write := range writes {
			if err := write(); err != nil {
				saving <- err
				return
			}
		}
		saving <- nil
	}()
	p.saving = saving
	return nil
}

// saved waits for the checkpoint that is being written.
func (p *population) saved() error {
	if p.saving == nil {
		return nil
	}
	err := <-p.saving
	if p.saving = nil; err == nil {
		p.last = p.runs[0].state.Update
	}
	return err
}

// gone returns the first run whose directory is no longer in its place, or "".
func (p *population) gone() string {
	for _, r := range p.runs {
		if _, err := os.Lstat(filepath.Join(r.Dir, configFile)); errors.Is(err, fs.ErrNotExist) {
			return r.Dir
		}
	}
	return ""
}

// explain adds to an error which runs it stopped, what is kept of them, and what to do.
func (p *population) explain(err error) error {
	dirs := p.dirs()
	if gone := p.gone(); gone != "" {
		return fmt.Errorf("training of%s stopped: %s was removed or renamed while it trained: if the directory still "+
			"exists, it has the checkpoints; 'engram resume' with its new name resumes it", dirs, gone)
	}
	kept := "no checkpoint was written yet"
	if p.last >= 0 {
		kept = fmt.Sprintf("the checkpoint of update %d is whole", p.last)
	}
	return fmt.Errorf("training of%s stopped: %w; %s; %s", dirs, err, kept, p.remedy(err))
}

// remedy tells what to do about an error of training.
func (p *population) remedy(err error) string {
	dirs := p.dirs()
	var d *drqn.Divergence
	switch {
	case errors.Is(err, tasks.ErrEndless): // no checkpoint can end it
		return fmt.Sprintf("a run that exists cannot be given a time limit: 'engram train --config %s --time-limit "+
			"1000 --run NEW' trains another", plain.Path(filepath.Join(p.runs[0].Dir, configFile)))
	case errors.Is(err, tasks.ErrNotRestored):
		return fmt.Sprintf("'engram resume%s' continues it where the environment is as it was, and 'engram resume "+
			"--new-episodes%[1]s' in new episodes of the environment as it is", dirs)
	case errors.As(err, &d):
		return "the diagnosis is in " + divergencePath(p.runs[d.Member].Dir, d.Update)
	}
	return fmt.Sprintf("'engram resume%s' continues it", dirs)
}

// dirs formats the runs' directories as arguments of a command, each after a space.
func (p *population) dirs() (all string) {
	for _, r := range p.runs {
		all += " " + plain.Path(r.Dir)
	}
	return all
}
