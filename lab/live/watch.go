package live

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"engram/drqn"
	"engram/lab"
	"engram/plots"
	"engram/plots/notebook"
)

// Watch shows training in a cell: a progress bar, and the reward of each member of a population over the updates.
// It implements lab.Watcher. Close it when training has ended.
type Watch struct {
	bar       *notebook.Bar
	charts    *notebook.Live
	title     string
	goal      drqn.Goal
	greedy    []plots.Series // of each member
	exploring []plots.Series
	any       bool   // whether there is a number to draw
	heard     bool   // whether training has reported anything since the watch was made
	said      string // about the last evaluation
	done      int    // updates, as far as they were reported
	beside    string // the bar
}

// NewWatch shows the training of a config's agent, or of a population whose members have the names given.
func NewWatch(title string, c drqn.Config, names ...string) (*Watch, error) {
	return newWatch(title, c, 0, names...)
}

// WatchRun shows the training of a run, and begins with the curves that its directory has from earlier sittings.
func WatchRun(title string, job lab.Job) (*Watch, error) {
	if _, err := os.Stat(job.Dir); errors.Is(err, fs.ErrNotExist) {
		return NewWatch(title, job.Config)
	}
	run, err := lab.Open(job.Dir)
	if err != nil {
		return nil, err
	}
	metrics, err := run.Metrics()
	if err != nil {
		return nil, err
	}
	evaluations, err := run.Evaluations()
	if err != nil {
		return nil, err
	}
	w, err := newWatch(title, job.Config, int(run.About.Updates))
	if err != nil {
		return nil, err
	}
	for _, e := range evaluations {
		w.Evaluation(0, e)
	}
	for _, m := range metrics {
		w.Metrics(m)
	}
	w.heard = false
	return w, nil
}

func newWatch(title string, c drqn.Config, done int, names ...string) (*Watch, error) {
	goal, err := c.Goal()
	if err != nil {
		return nil, err
	}
	w := &Watch{title: title, goal: goal, done: done}
	if len(names) == 0 {
		w.greedy = []plots.Series{{Name: "greedy, fresh trials"}}
		w.exploring = []plots.Series{{Name: "while exploring"}}
	}
	for _, name := range names {
		w.greedy = append(w.greedy, plots.Series{Name: name})
	}
	w.bar, w.charts = notebook.NewBar(c.Updates, done, "updates"), notebook.NewLive()
	return w, nil
}

// Metrics implements drqn.Observer.
func (w *Watch) Metrics(m drqn.Metrics) error {
	w.heard, w.done = true, int(m.Update)
	if m.Member == 0 {
		w.show(fmt.Sprintf("loss %.4f%s", m.Loss, w.said))
	}
	if m.Member >= len(w.exploring) { // curves of a population are enough without them
		return nil
	}
	reward := m.RewardPerTrial
	if m.Trials == 0 {
		reward = math.NaN()
	}
	w.add(&w.exploring[m.Member], m.Update, reward)
	return nil
}

// Evaluation implements drqn.Observer.
func (w *Watch) Evaluation(member int, e drqn.Evaluation) error {
	w.heard = true
	if member >= len(w.greedy) {
		return fmt.Errorf("member %d of a population of %d is watched", member, len(w.greedy))
	}
	if member == 0 {
		w.said = fmt.Sprintf(", greedy %.3f %s", e.RewardPerTrial, e.Each())
	}
	w.add(&w.greedy[member], e.Update, e.RewardPerTrial)
	return nil
}

// Compiling implements drqn.CompileObserver: the bar says so.
func (w *Watch) Compiling(now bool) error {
	w.sayCompiling(now, "")
	return nil
}

func (w *Watch) sayCompiling(now bool, name string) {
	said := ""
	if now {
		said = name + "compiling the train step"
	}
	w.heard = true
	w.show(said)
	w.bar.Flush() // nothing may come for a while
}

// show shows the updates done, and a text beside them.
func (w *Watch) show(text string) {
	w.beside = text
	w.bar.Set(w.done, text)
}

// Member returns a watcher for an agent that trains alone. Its curve is that of member i.
func (w *Watch) Member(i int) lab.Watcher { return alone{w, i} }

// alone passes the reports of an agent that trains alone on to a Watch, as those of a member.
type alone struct {
	watch  *Watch
	member int
}

// Metrics implements drqn.Observer.
func (a alone) Metrics(m drqn.Metrics) error {
	a.watch.heard, a.watch.done = true, int(m.Update)
	a.watch.show(fmt.Sprintf("%s, loss %.4f", a.watch.greedy[a.member].Name, m.Loss))
	return nil
}

// Evaluation implements drqn.Observer.
func (a alone) Evaluation(_ int, e drqn.Evaluation) error { return a.watch.Evaluation(a.member, e) }

// Compiling implements drqn.CompileObserver.
func (a alone) Compiling(now bool) error {
	a.watch.done = 0 // those of the agent before
	a.watch.sayCompiling(now, a.watch.greedy[a.member].Name+", ")
	return nil
}

// Notice implements lab.Watcher.
func (a alone) Notice(line string) { a.watch.Notice(line) }

// Notice implements lab.Watcher: it prints the line.
func (w *Watch) Notice(line string) { fmt.Println(line) }

// Chart returns the chart of the curves so far.
func (w *Watch) Chart() plots.Lines {
	c := plots.Lines{Title: w.title, XLabel: "updates", YLabel: "reward per " + w.goal.Unit(),
		Series: append(append([]plots.Series(nil), w.greedy...), w.exploring...)}
	if w.goal.HasCeiling {
		c.References = []plots.Reference{{Name: "ceiling", Y: w.goal.Ceiling}}
	}
	return c
}

// add adds a point to a curve and draws the curves once there is a number. The point replaces those of the same and
// later updates, which a run that resumed from a checkpoint trains again.
func (w *Watch) add(s *plots.Series, update int64, reward float64) {
	for n := len(s.X) - 1; n >= 0 && s.X[n] >= float64(update); n-- {
		s.X, s.Y = s.X[:n:n], s.Y[:n:n] // what is shown keeps its points
	}
	s.X, s.Y = append(s.X, float64(update)), append(s.Y, reward)
	if w.any = w.any || !math.IsNaN(reward); w.any {
		w.charts.Show(w.Chart())
	}
}

// Close shows the last state.
func (w *Watch) Close() {
	w.bar.Close()
	w.charts.Close()
}

// closeAfter shows the last state of training that ended with an error or nil. If training was refused before it began,
// it removes bar and charts: those of another run must not stand above the error.
func (w *Watch) closeAfter(err error) {
	if err == nil || w.heard {
		w.Close()
		return
	}
	w.bar.Clear()
	w.charts.Clear()
}
