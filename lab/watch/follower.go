package watch

import (
	"cmp"
	"os"
	"path/filepath"
	"time"

	"engram/drqn"
	"engram/lab"
)

// follower reads what one run writes, and keeps what a View needs.
type follower struct {
	dir         string
	run         *lab.Run
	parameters  int // trainable; 0 if unknown, as of a task that this program does not have
	metrics     *lab.Lines[drqn.Metrics]
	evaluations *lab.Lines[drqn.Evaluation]
	timing      *lab.Lines[lab.Timing]

	last       drqn.Metrics
	best       drqn.Evaluation
	latest     drqn.Evaluation
	evaluated  int // evaluations seen
	clipped    int // reports in a row in which the gradient's norm was above the clip
	paces      []lab.Timing
	reward     curve // while exploring, at updates at which a trial ended
	greedy     curve
	share      curve // of the ceiling, greedy
	loss, norm curve
	decays     [3]curve // quartiles of lambda_t of a gated cell
	album      album
	lines      int // lines read so far, plus the number of times that they were forgotten
}

func newFollower(dir string) *follower { return &follower{dir: dir} }

// look reads what is new and returns the view of the run as it is now. If a file cannot be read, the view says so.
func (f *follower) look(now time.Time) View {
	run, err := lab.OpenUnchecked(f.dir)
	if err != nil {
		return View{Dir: f.dir, State: lab.Unreadable, Unread: err.Error(), Trouble: []string{err.Error()}}
	}
	// A new run in the same directory is followed from its beginning.
	if f.run == nil || !f.run.About.Created.Equal(run.About.Created) {
		parameters, _ := run.Config.Trainable()
		*f = follower{dir: f.dir, parameters: parameters, metrics: run.FollowMetrics(),
			evaluations: run.FollowEvaluations(), timing: run.FollowTiming()}
	}
	f.run = run
	for _, err := range []error{
		f.metrics.Next(f.forgetMetrics, f.addMetrics),
		f.evaluations.Next(f.forgetEvaluations, f.addEvaluation),
		f.timing.Next(f.forgetTiming, f.addTiming),
	} {
		if err != nil {
			v := f.view(now, err.Error())
			v.Unread = err.Error()
			return v
		}
	}
	return f.view(now)
}

func (f *follower) forgetMetrics() {
	f.lines++
	f.last, f.clipped, f.reward, f.loss, f.norm = drqn.Metrics{}, 0, curve{}, curve{}, curve{}
	f.decays = [3]curve{}
}

func (f *follower) forgetEvaluations() {
	f.lines++
	f.best, f.latest, f.evaluated, f.greedy, f.share = drqn.Evaluation{}, drqn.Evaluation{}, 0,
		curve{}, curve{}
}

func (f *follower) forgetTiming() { f.paces = nil }

func (f *follower) addMetrics(m drqn.Metrics) {
	f.lines++
	x := float64(m.Update)
	if m.Trials > 0 {
		f.reward.add(x, m.RewardPerTrial)
	}
	f.loss.add(x, m.Loss)
	f.norm.add(x, m.GradientNorm)
	if f.run.Config.Gated() {
		for i, quartile := range []float64{m.LambdaFirst, m.LambdaMedian, m.LambdaThird} {
			f.decays[i].add(x, quartile)
		}
	}
	f.clipped++
	if m.GradientNorm <= f.run.Config.ClipNorm {
		f.clipped = 0
	}
	f.last = m
}

func (f *follower) addEvaluation(e drqn.Evaluation) {
	f.lines++
	f.greedy.add(float64(e.Update), e.RewardPerTrial)
	if !e.NoCeiling {
		f.share.add(float64(e.Update), e.ShareOfCeiling)
	}
	if f.evaluated == 0 || e.RewardPerTrial > f.best.RewardPerTrial {
		f.best = e
	}
	if !e.Final || f.evaluated == 0 { // the final one is the run's result, and uses other trials
		f.latest = e
	}
	f.evaluated++
}

// pacesKept is the number of reports over which the rate is measured.
const pacesKept = 30

func (f *follower) addTiming(t lab.Timing) {
	if n := len(f.paces); n > 0 && (t.Seconds < f.paces[n-1].Seconds || t.Update < f.paces[n-1].Update) {
		f.paces = f.paces[:0] // another process resumed training, with a clock of its own
	}
	f.paces = append(f.paces, t)
	f.paces = f.paces[max(0, len(f.paces)-pacesKept):len(f.paces):len(f.paces)]
}

// rate returns the updates per second over the last reports, and the seconds between two reports; 0 if unknown.
func (f *follower) rate() (updates, interval float64) {
	if len(f.paces) < 2 {
		return 0, 0
	}
	first, last := f.paces[0], f.paces[len(f.paces)-1]
	seconds := last.Seconds - first.Seconds
	if seconds <= 0 {
		return 0, 0
	}
	return float64(last.Update-first.Update) / seconds, seconds / float64(len(f.paces)-1)
}

// changed returns the time at which the run last wrote anything.
func (f *follower) changed() (newest time.Time) {
	for _, name := range []string{"run.json", "metrics.jsonl", "evals.jsonl"} {
		if info, err := os.Stat(filepath.Join(f.dir, name)); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest
}

// view returns the view of what was read so far.
func (f *follower) view(now time.Time, trouble ...string) View {
	r, state := f.run, f.run.Standing()
	v := View{
		Dir: f.dir, Task: r.Config.Task, Cell: r.Config.Cell, Hidden: r.Config.Hidden, Seed: r.Config.Seed,
		Backend: r.About.Backend,
		State:   state, Compiling: state == lab.Running && r.About.Compiling,
		Resumable: state != lab.Running && r.Resumable(), Error: r.About.Error,
		Created: r.About.Created,
		Changed: f.changed(),
		Update:  max(f.last.Update, r.About.Updates), Updates: int64(r.Config.Updates), Trouble: trouble,
		last: f.last, reward: &f.reward, greedy: &f.greedy, share: &f.share, loss: &f.loss, norm: &f.norm,
		album: &f.album, lines: f.lines, parameters: f.parameters,
	}
	if r.Config.Gated() {
		v.gated, v.decays = r, &f.decays
	}
	if f.evaluated > 0 {
		latest, best := f.latest, f.best
		v.Latest, v.Best = &latest, &best
	}
	v.Result, v.Random, v.Trained = r.About.Result, r.About.Random, time.Duration(r.About.Seconds*float64(time.Second))
	rate, interval := f.rate()
	if v.State == lab.Running {
		v.Rate = rate
		if rate > 0 {
			v.Left = float64(v.Updates-v.Update) / rate
		}
	}
	v.Trouble = append(v.Trouble, v.findings(now, interval, f.clipped)...)
	return v
}

// byState compares views, so that running ones come first.
func byState(a, b View) int {
	return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), cmp.Compare(a.Dir, b.Dir))
}

func rank(s lab.State) int {
	if s == lab.Running {
		return 0
	}
	return 1
}
