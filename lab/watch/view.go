package watch

import (
	"fmt"
	"time"

	"engram/drqn"
	"engram/internal/numbers"
	"engram/lab"
	"engram/tasks"
)

// View holds what is shown of a run at one moment.
type View struct {
	Dir     string    `json:"run"`
	Task    string    `json:"task"`
	Cell    string    `json:"cell"`
	Hidden  int       `json:"hidden"`
	Seed    uint64    `json:"seed"`
	Backend string    `json:"backend"`
	State   lab.State `json:"state"`
	// Compiling reports whether the run waits for the compilation of its train step.
	Compiling bool `json:"compiling,omitempty"`
	// Resumable reports whether 'engram resume' can resume the run, and no other process trains it.
	Resumable bool             `json:"resumable"`
	Error     string           `json:"error,omitempty"` // of a run that failed
	Created   time.Time        `json:"created"`
	Changed   time.Time        `json:"changed"` // last written to
	Update    int64            `json:"update"`
	Updates   int64            `json:"updates"`          // in total
	Rate      float64          `json:"rate"`             // updates per second; 0 if the run does not run, or has just begun
	Left      float64          `json:"left"`             // seconds at this rate; with stop_at it may be less
	Latest    *drqn.Evaluation `json:"latest,omitempty"` // greedy evaluation
	Best      *drqn.Evaluation `json:"best,omitempty"`
	Result    *drqn.Evaluation `json:"result,omitempty"` // at the end
	Random    *tasks.Returns   `json:"random,omitempty"` // acting at random, in an environment that is no task; at the end
	Trained   time.Duration    `json:"-"`                // time of training, all sittings together
	Trouble   []string         `json:"trouble"`          // what is wrong, in words

	// Unread says why some of the run's files could not be read. It is also the first of Trouble.
	Unread string `json:"unread,omitempty"`

	last                              drqn.Metrics
	reward, greedy, share, loss, norm *curve
	decays                            *[3]curve // quartiles of lambda_t; nil without a gate
	gated                             *lab.Run  // whose gates are drawn; nil without any
	parameters                        int       // trainable; 0 if unknown
	album                             *album
	lines                             int // read, in all
}

// Ended reports whether the run writes nothing more.
func (v View) Ended() bool { return v.State != lab.Running }

// StateText returns the state in words.
func (v View) StateText() string {
	switch {
	case v.Resumable:
		return string(v.State) + ", resumable"
	case v.Compiling:
		return string(v.State) + ", compiling"
	}
	return string(v.State)
}

// The bounds beyond which a run counts as in trouble.
const (
	quietLeast   = 2 * time.Minute // without a line: evaluating may take that long
	quietReports = 20              // times the usual time between two reports
	clippedMost  = 20              // reports in a row whose gradient was clipped
	fallen       = 0.5             // of the ceiling, lost from the best evaluation to the latest
	forgetful    = 0.05            // lambda below which M lasts only a step or two
)

// findings returns what looks wrong by the numbers, in words.
func (v View) findings(now time.Time, interval float64, clipped int) []string {
	found := []string{}
	say := func(when bool, format string, args ...any) {
		if when {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	quiet, usual := now.Sub(v.Changed), max(quietLeast, time.Duration(quietReports*interval*float64(time.Second)))
	m := v.last
	say(v.State == lab.Failed, "it failed: %s", v.Error)
	say(v.State == lab.Died, "it died: no process writes it any more")
	say(v.State == lab.Running && !v.Compiling && quiet > usual, "nothing was written for %s", Brief(quiet))
	say(bad(m.Loss) || bad(m.GradientNorm), "the loss or the gradient is not finite")
	say(clipped >= clippedMost, "the gradient was clipped in the last %d reports: lower the learning rate", clipped)
	lambda, what := m.Lambda, "lambda"
	if v.decays != nil {
		lambda, what = m.LambdaThird, "the third quartile of lambda_t"
	}
	say(m.Update > 0 && v.plastic() && lambda < forgetful, "%s fell to %.3f: it forgets at once", what, lambda)
	if v.Latest != nil && !v.Latest.NoCeiling && v.Best.ShareOfCeiling-v.Latest.ShareOfCeiling > fallen {
		say(true, "it fell from %.3f to %.3f a trial", v.Best.RewardPerTrial, v.Latest.RewardPerTrial)
	}
	return found
}

func (v View) plastic() bool { return v.Cell == "mpn" }

func bad(x float64) bool { return !numbers.Finite(x) }

// Brief returns a duration in its largest unit.
func Brief(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
