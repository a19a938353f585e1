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
// the seeds are fixed.
func (c Config) usualSteps(env tasks.Env) int {
	spec := env.Spec()
	if spec.MaxTrialSteps <= shortTrial || spec.MaxTrialSteps*len(spec.Observations) > manyNumbers {
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

// drawnSteps draws trials and returns the number of steps that usualShare of them have at most.
func drawnSteps(env tasks.Env) int {
	task, trial := tasks.TaskOf(env)
	if task == nil {
		return env.Spec().MaxTrialSteps
	}
	var lengths []int
	most := min(manySteps, manyNumbers/max(1, len(env.Spec().Observations)))
	for seed, steps := uint64(0), 0; seed < usualTrials && steps < most; seed++ {
		if _, err := env.Reset(seed); err != nil {
			return env.Spec().MaxTrialSteps
		}
		lengths = append(lengths, trial.Steps())
		steps += trial.Steps()
	}
	slices.Sort(lengths)
	return lengths[int(usualShare*float64(len(lengths)-1))]
}

// window returns the length L of the sampled windows.
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

// replayWindow returns the kind of windows that are sampled. If their length is a trial's and they start from zero,
// the state at a trial's beginning, they are whole trials: none begins in the middle of a trial that is too long for
// it.
func (c Config) replayWindow(env tasks.Env) replay.Window {
	return replay.Window{Length: c.window(env), BurnIn: c.BurnIn, End: c.WindowEnd, Start: c.Start,
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
