package tasks

import (
	"math/rand/v2"
	"slices"
)

// Trial is one trial, laid out before its first step.
type Trial struct {
	Periods      []Period
	Observations []float32 // [T, O], row-major
	GroundTruth  []int     // [T]
	Step         int       // the current step, 0 to T-1
	channels     int
}

// Period is a named stretch of a trial: steps Start <= t < End.
type Period struct {
	Name  string `json:"name"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// Steps returns the trial's length T.
func (t *Trial) Steps() int { return len(t.GroundTruth) }

// Observation returns the observation of a step, [O].
func (t *Trial) Observation(step int) []float32 {
	return t.Observations[step*t.channels : (step+1)*t.channels]
}

// Current returns the observation of the current step, [O].
func (t *Trial) Current() []float32 { return t.Observation(t.Step) }

// begin empties the trial, keeping its memory.
func (t *Trial) begin(channels int) {
	*t = Trial{Periods: t.Periods[:0], Observations: t.Observations[:0], GroundTruth: t.GroundTruth[:0],
		channels: channels}
}

// AddPeriod lays a period of the given number of steps from step start, and makes the trial as long as that.
func (t *Trial) AddPeriod(name string, start, steps int) {
	t.Periods = append(t.Periods, Period{name, start, start + steps})
	for t.Steps() < start+steps {
		t.GroundTruth = append(t.GroundTruth, 0)
		for range t.channels {
			t.Observations = append(t.Observations, 0)
		}
	}
}

// Period returns a period by name; without such a name it is empty.
func (t *Trial) Period(name string) Period {
	for _, p := range t.Periods {
		if p.Name == name {
			return p
		}
	}
	return Period{Name: name}
}

// All returns the whole trial as a period.
func (t *Trial) All() Period { return Period{End: t.Steps()} }

// In reports whether the current step lies in a period.
func (t *Trial) In(name string) bool {
	p := t.Period(name)
	return p.Start <= t.Step && t.Step < p.End
}

// Set sets a channel to value throughout a period.
func (t *Trial) Set(p Period, channel int, value float64) {
	for step := p.Start; step < p.End; step++ {
		t.Observation(step)[channel] = float32(value)
	}
}

// Clear zeroes every channel throughout a period.
func (t *Trial) Clear(p Period) {
	clear(t.Observations[p.Start*t.channels : p.End*t.channels])
}

// AddNoise adds sigma times a standard normal draw to the channels from first to last, at each step of a
// period: step by step, channel by channel, in double precision, as NeuroGym does.
func (t *Trial) AddNoise(p Period, first, last int, sigma float64, noise Noise) {
	for step := p.Start; step < p.End; step++ {
		ob := t.Observation(step)
		for c := first; c <= last; c++ {
			ob[c] = float32(float64(ob[c]) + noise.NormFloat64()*sigma)
		}
	}
}

// Answer marks the ground truth of a period.
func (t *Trial) Answer(p Period, action int) {
	for step := p.Start; step < p.End; step++ {
		t.GroundTruth[step] = action
	}
}

// Clone copies a trial.
func (t *Trial) Clone() Trial {
	c := *t
	c.Periods, c.GroundTruth = slices.Clone(t.Periods), slices.Clone(t.GroundTruth)
	c.Observations = slices.Clone(t.Observations)
	return c
}

// Noise is a source of standard normal draws; a *rand.Rand is one.
type Noise interface{ NormFloat64() float64 }

var _ Noise = (*rand.Rand)(nil)
