package tasks

import (
	"encoding/json"
	"math"
	"sync"
)

// The ceilings are what an ideal observer earns: it knows the task and its options, sees every observation of a trial,
// and acts to earn most. Where there is a closed form it is used; otherwise its earnings are averaged over evenly
// spread draws of what it sees (integrate), which gives the same number each time, right to about 0.001.

// distribution is how likely each number of steps is.
type distribution []struct {
	steps  int
	weight float64
}

// quantiles is how finely the distributions of durations are read.
const quantiles = 1024

// distribution returns the possible steps of a duration.
func (d Duration) distribution(dt int) (all distribution) {
	levels := quantiles
	switch d.kind {
	case constantDuration:
		levels = 1
	case choiceDuration:
		levels = len(d.values)
	}
	for i := range levels {
		steps := int(d.quantile((float64(i)+0.5)/float64(levels)) / float64(dt))
		if last := len(all) - 1; last >= 0 && all[last].steps == steps {
			all[last].weight += 1 / float64(levels)
			continue
		}
		all = append(all, struct {
			steps  int
			weight float64
		}{steps, 1 / float64(levels)})
	}
	return all
}

// mean averages a function of the number of steps.
func (all distribution) mean(f func(steps int) float64) (sum float64) {
	for _, d := range all {
		sum += d.weight * f(d.steps)
	}
	return sum
}

// steps returns the distribution of a period's steps.
func (b *Base) steps(period string) distribution { return b.Timing[period].distribution(b.DT) }

// stepsAt returns the number of steps below which a share u of a period's durations lie.
func (b *Base) stepsAt(period string, u float64) float64 {
	return math.Floor(b.Timing[period].quantile(u) / float64(b.DT))
}

// worth returns the reward per trial of the best policy, where what follows fixation earns so much: breaking fixation
// may pay, for itself or, where it ends the trial, as a way out.
func (b *Base) worth(after float64) float64 {
	if _, fixates := b.Timing["fixation"]; !fixates {
		return after
	}
	return b.steps("fixation").mean(func(steps int) float64 {
		switch {
		case steps == 0:
			return after
		case b.Abort:
			return max(b.Rewards.Abort, after)
		}
		return after + max(0, b.Rewards.Abort)*float64(steps)
	})
}

// breaks reports whether the best policy breaks fixation at the current step, where what follows earns so much.
func (b *Base) breaks(trial *Trial, after float64) bool {
	if b.Abort {
		return trial.In("fixation") && b.Rewards.Abort > after
	}
	return trial.In("fixation") && b.Rewards.Abort > 0
}

// answer returns the reward of the better of answering, which is right with probability p, and not answering.
func (c *Choice) answer(p float64) float64 {
	return max(p*c.Rewards.Correct+(1-p)*c.Rewards.Fail, c.Rewards.Miss)
}

// guesses reports whether a guess among n answers pays at least as much as none, so that all trials are answered.
func (c *Choice) guesses(n int) bool {
	p := 1 / float64(n)
	return p*c.Rewards.Correct+(1-p)*c.Rewards.Fail >= c.Rewards.Miss
}

// clearest bounds how many standard deviations apart stimuli are, so that squares of it stay numbers.
const clearest = 1e6

// separation returns a difference in standard deviations; without noise any difference is clear.
func separation(difference, deviation float64) float64 {
	if difference == 0 {
		return 0
	}
	return max(-clearest, min(difference/deviation, clearest))
}

// integrate averages f over points spread evenly in the unit cube (R. Roberts' additive recurrence, whose step is
// made of powers of the root of x^(d+1) = x+1).
func integrate(dimensions, points int, f func(u []float64) float64) float64 {
	root := 2.0
	for range 64 {
		root = math.Pow(1+root, 1/float64(dimensions+1))
	}
	u, sum := make([]float64, dimensions), 0.0
	for i := range points {
		step := 1.0
		for k := range u {
			step /= root
			_, share := math.Modf(0.5 + step*float64(i+1))
			u[k] = max(1e-12, min(share, 1-1e-12))
		}
		sum += f(u) / float64(points)
	}
	return sum
}

// points returns how many points are afforded, where each costs so much.
func points(cost int) int { return max(1<<11, min(1<<22/cost, 1<<14)) }

// normal returns the standard normal quantile.
func normal(u float64) float64 { return math.Sqrt2 * math.Erfinv(2*u-1) }

// logSum returns log(e^x1 + e^x2 + ...).
func logSum(x []float64) float64 {
	largest := math.Inf(-1)
	for _, v := range x {
		largest = max(largest, v)
	}
	sum := 0.0
	for _, v := range x {
		if v > largest-40 { // less is lost in the sum, and slow to compute
			sum += math.Exp(v - largest)
		}
	}
	return largest + math.Log(sum)
}

// ceilings remembers what was computed, by the task's name and options.
var ceilings = struct {
	sync.Mutex
	of map[string]float64
}{of: map[string]float64{}}

// mostCeilings bounds the memory of ceilings.
const mostCeilings = 1000

// remembered returns compute(), computed once for a task with the same options.
func remembered(task Task, compute func() float64) float64 {
	options, err := json.Marshal(task)
	if err != nil { // an option that is no number: nothing to remember it by
		return compute()
	}
	key := task.Spec().Name + string(options)
	ceilings.Lock()
	ceiling, known := ceilings.of[key]
	ceilings.Unlock()
	if known {
		return ceiling
	}
	ceiling = compute()
	ceilings.Lock()
	defer ceilings.Unlock()
	if len(ceilings.of) >= mostCeilings {
		clear(ceilings.of)
	}
	ceilings.of[key] = ceiling
	return ceiling
}
