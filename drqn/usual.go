package drqn

import (
	"fmt"
	"slices"
	"sync"

	"engram/replay"
	"engram/tasks"
)

// Trials that are much longer than usual would set the length of every window. So where the longest trial has more
// than rareAbove times the steps that usualShare of usualTrials drawn ones have at most, those are the window.
const (
	usualTrials = 2000
	usualShare  = 0.995
	rareAbove   = 4
	// manySteps bounds what is looked at: trials are drawn until they have so many steps. Where the longest trial is
	// short, or has more numbers than numbersDrawn, none is drawn.
	shortTrial, manySteps, numbersDrawn = 100, 2_000_000, 1_000_000
)

// usual keeps what usualSteps found, by task and options.
var usual sync.Map

// usualSteps is the length that all but rare trials have at most: the same at each call, because the seeds are fixed.
func (c Config) usualSteps(env tasks.Env) int {
	spec := env.Spec()
	if spec.MaxTrialSteps <= shortTrial || spec.MaxTrialSteps*len(spec.Observations) > numbersDrawn {
		return spec.MaxTrialSteps
	}
	key := c.Task + "\x00" + string(c.TaskOptions)
	if steps, found := usual.Load(key); found {
		return steps.(int)
	}
	steps := drawnSteps(env)
	usual.Store(key, steps)
	return steps
}

// drawnSteps draws trials and is the length that usualShare of them have at most.
func drawnSteps(env tasks.Env) int {
	inspector, ok := env.(tasks.Inspector)
	if !ok {
		return env.Spec().MaxTrialSteps
	}
	var lengths []int
	for seed, steps := uint64(0), 0; seed < usualTrials && steps < manySteps; seed++ {
		if _, err := env.Reset(seed); err != nil {
			return env.Spec().MaxTrialSteps
		}
		_, trial := inspector.Task()
		lengths = append(lengths, trial.Steps())
		steps += trial.Steps()
	}
	slices.Sort(lengths)
	return lengths[int(usualShare*float64(len(lengths)-1))]
}

// window is the length L of the sampled windows.
func (c Config) window(env tasks.Env) int {
	if c.Window > 0 {
		return c.Window
	}
	longest, usual := env.Spec().MaxTrialSteps, c.usualSteps(env)
	if longest > rareAbove*usual {
		return usual
	}
	return longest
}

// replayWindow is what windows are sampled. Where their length is to be that of a trial and they start from zero, the
// state at a trial's beginning, they are whole trials: none begins in the middle of one that is too long for them.
func (c Config) replayWindow(env tasks.Env) replay.Window {
	return replay.Window{Length: c.window(env), BurnIn: c.BurnIn, End: c.WindowEnd, Start: c.Start,
		Alpha: c.PriorityExponent,
		Whole: c.Window == 0 && c.Start == replay.StartZero && c.Episode == EpisodeTrial}
}

// WindowNotice says in one line that windows are shorter than the longest trial, where that was not asked for; else it
// is empty.
func (c Config) WindowNotice() string {
	p, err := newPlan(c)
	if err != nil || c.Window > 0 {
		return ""
	}
	w, longest := p.window, p.spec.MaxTrialSteps
	if w.Length >= longest {
		return ""
	}
	longer := "of a longer one a window holds a part"
	if w.Whole {
		longer = fmt.Sprintf("steps from %d on of a longer one are not learned from", w.Length+w.BurnIn)
		if w.End == replay.EndEpisode {
			longer = "longer ones are not learned from"
		}
	}
	return fmt.Sprintf("%s: a trial has %d steps at most, and %.1f %% of those drawn %d or fewer: windows have %d steps, and %s; choose --window for others",
		c.Task, longest, 100*usualShare, w.Length, w.Length, longer)
}
