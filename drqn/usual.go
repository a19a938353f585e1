package drqn

import (
	"fmt"
	"slices"
	"sync"

	"engram/replay"
	"engram/tasks"
)

// Rare trials that are much longer than the others would set the length of every window. So if the longest trial has
// more than rareAbove times the steps that usualShare of usualTrials drawn trials have at most, those are the window.
const (
	usualTrials = 2000
	usualShare  = 0.995
	rareAbove   = 4
	// Trials are drawn until they have manySteps steps or manyNumbers observed values in all; none is drawn if the
	// longest trial has at most shortTrial steps, or more than manyNumbers values.
	shortTrial, manySteps, manyNumbers = 100, 2_000_000, 20_000_000
)

// usual caches the results of usualSteps by task and options.
var usual sync.Map

// usualSteps returns the number of steps that all but rare trials have at most. It is the same at each call because
// the seeds are fixed. trial is the environment's current one; nil if there are none.
func (c Config) usualSteps(spec tasks.Spec, env tasks.Env, trial *tasks.Trial) int {
	if trial == nil || spec.MaxTrialSteps <= shortTrial || spec.MaxTrialSteps*len(spec.Observations) > manyNumbers {
		return spec.MaxTrialSteps
	}
	key := c.Task + "\x00" + string(c.TaskOptions)
	if steps, found := usual.Load(key); found {
		return steps.(int)
	}
	steps := drawnSteps(spec, env, trial)
	usual.Store(key, steps)
	return steps
}

// drawnSteps draws trials and returns the number of steps that usualShare of them have at most.
func drawnSteps(spec tasks.Spec, env tasks.Env, trial *tasks.Trial) int {
	var lengths []int
	most := min(manySteps, manyNumbers/max(1, len(spec.Observations)))
	for seed, steps := uint64(0), 0; seed < usualTrials && steps < most; seed++ {
		if _, err := env.Reset(seed); err != nil {
			return spec.MaxTrialSteps
		}
		lengths = append(lengths, trial.Steps())
		steps += trial.Steps()
	}
	slices.Sort(lengths)
	return lengths[int(usualShare*float64(len(lengths)-1))]
}

// window returns the length L of the sampled windows.
func (c Config) window(spec tasks.Spec, env tasks.Env, trial *tasks.Trial) int {
	if c.Window > 0 {
		return c.Window
	}
	if usual := c.usualSteps(spec, env, trial); spec.MaxTrialSteps > rareAbove*usual {
		return usual
	}
	return spec.MaxTrialSteps
}

// replayWindow returns the kind of windows that are sampled. If their length is a trial's and they start from zero,
// the state at a trial's beginning, they are whole trials: none begins in the middle of a trial that is too long for
// it.
func (c Config) replayWindow(spec tasks.Spec, env tasks.Env, trial *tasks.Trial) replay.Window {
	return replay.Window{Length: c.window(spec, env, trial), BurnIn: c.BurnIn, End: c.WindowEnd, Start: c.Start,
		Alpha: c.PriorityExponent,
		Whole: c.Window == 0 && c.Start == replay.StartZero && c.Episode == EpisodeTrial}
}

// WindowNotice returns a line that explains why windows are shorter than the longest trial, if that was not asked for;
// else it is empty.
func (c Config) WindowNotice() string {
	p, err := newPlan(c)
	if err != nil || c.Window > 0 {
		return ""
	}
	w, longest := p.window, p.spec.MaxTrialSteps
	if w.Length >= longest {
		return ""
	}
	longer := "a window holds a part of a longer one"
	if w.Whole {
		longer = fmt.Sprintf("steps from %d on of a longer one are not learned from", w.Length+w.BurnIn)
		if w.End == replay.EndEpisode {
			longer = "longer ones are not learned from"
		}
	}
	return fmt.Sprintf("%s: a trial has %d steps at most, and %.1f %% of those drawn %d or fewer: windows have %d "+
		"steps, and %s; choose others by --window", c.Task, longest, 100*usualShare, w.Length, w.Length, longer)
}
