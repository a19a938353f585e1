package tasks

import (
	"fmt"
	"math"
)

// A direction of n on a ring is shown as one channel for each direction, 0.5 plus an amplitude times the cosine of the
// angle between the two. What the channels say of it lies in a plane (for n = 2 on a line): a point at the direction's
// angle, whose distance from 0 is the amplitude times ringGain.

// ringGain returns how far the point of a direction of amplitude 1 lies from 0.
func ringGain(n int) float64 {
	if n == 2 {
		return math.Sqrt2
	}
	return math.Sqrt(float64(n) / 2)
}

// ringAccuracy returns how often the nearest direction of n is the one shown, where its point lies so many standard
// deviations from 0. For more than two it is the integral of the phase's density (J. Proakis, Digital Communications,
// section 4.3-2) over the angles that are nearest.
func ringAccuracy(n int, distance float64) float64 {
	if n == 2 {
		return normalCDF(distance)
	}
	const intervals = 64
	most := math.Pi / float64(n)
	if distance > 0 {
		most = min(most, 12/distance) // beyond which nothing lies
	}
	density := func(angle float64) float64 {
		along, across := distance*math.Cos(angle), distance*math.Sin(angle)
		hill := math.Exp(-across*across/2) * normalCDF(along) * along / math.Sqrt(2*math.Pi)
		return math.Exp(-distance*distance/2)/(2*math.Pi) + hill
	}
	sum := density(0) + density(most) // by Simpson's rule
	for i := 1; i < intervals; i++ {
		sum += float64(2+2*(i%2)) * density(most*float64(i)/intervals)
	}
	return min(1, 2*sum*most/(3*intervals))
}

// coherent is a direction shown with one of some coherences, as PerceptualDecisionMaking and ContextDecisionMaking do.
type coherent struct {
	*Choice
	coherences []float64 // percent
	sigma      float64
	ring       int
}

// costliest is the most directions times coherences for which the observer that may stay silent is computed.
const costliest = 1 << 13

// bound reports whether ceiling is an upper bound: the observer is told the coherence.
func (c coherent) bound() bool { return !c.guesses(c.ring) && c.ring*len(c.coherences) > costliest }

// mostCoherences bounds the work of a ceiling.
const mostCoherences = 100

// check returns an error for an invalid coherence.
func (c coherent) check() error {
	if len(c.coherences) == 0 || len(c.coherences) > mostCoherences {
		return fmt.Errorf("invalid cohs of %d values: give 1 to %d coherences", len(c.coherences),
			mostCoherences)
	}
	for _, coherence := range c.coherences {
		if !(coherence >= 0 && coherence <= 100) {
			return fmt.Errorf("invalid %v in cohs: use 0 to 100 percent", coherence)
		}
	}
	return checkRing(c.ring, c.sigma)
}

// ceiling returns the best reward per trial. A coherence, whichever it is, speaks most for the direction that is
// nearest to the point seen; how sure that is, which matters where silence may pay, depends on it.
func (c coherent) ceiling() float64 {
	distances := make([]float64, len(c.coherences)) // after one step
	for i, coherence := range c.coherences {
		if c.visible(coherence) {
			distances[i] = separation(coherence/200*ringGain(c.ring), c.perStep(c.sigma))
		}
	}
	if c.guesses(c.ring) {
		return c.worth(c.answer(c.accuracy(distances)))
	}
	return c.worth(c.silentIfUnsure(distances))
}

// accuracy returns the accuracy of an observer that always answers.
func (c coherent) accuracy(distances []float64) float64 {
	return c.steps("stimulus").mean(func(steps int) float64 {
		sum := 0.0
		for _, d := range distances {
			sum += ringAccuracy(c.ring, d*math.Sqrt(float64(steps)))
		}
		return sum / float64(len(distances))
	})
}

// silentIfUnsure returns the reward of an observer that answers only where that pays.
func (c coherent) silentIfUnsure(distances []float64) float64 {
	told, cost := c.bound(), c.ring*len(distances)
	if told {
		cost = c.ring
	}
	thoughts := make([]float64, 0, cost)
	return integrate(4, points(cost), func(u []float64) float64 {
		root := math.Sqrt(c.stepsAt("stimulus", u[0]))
		shown := distances[int(u[1]*float64(len(distances)))]
		possible := distances
		if told {
			possible = []float64{shown}
		}
		x, y := shown*root+normal(u[2]), normal(u[3])
		if c.ring == 2 {
			y = 0
		}
		best, all := math.Inf(-1), thoughts[:0]
		for k := range c.ring {
			along := x*math.Cos(angle(k, c.ring)) + y*math.Sin(angle(k, c.ring))
			from := len(all)
			for _, d := range possible {
				all = append(all, d*root*(along-d*root/2))
			}
			best = max(best, logSum(all[from:]))
		}
		return c.answer(min(1, math.Exp(best-logSum(all))))
	})
}

// visible reports whether a coherence can be seen at all: observations have 24 bits.
func (c coherent) visible(coherence float64) bool {
	for k := range c.ring {
		at := func(direction int) float32 {
			return float32(math.Cos(angle(k, c.ring)-angle(direction, c.ring))*(coherence/200) + 0.5)
		}
		if at(0) != at(1) {
			return true
		}
	}
	return false
}
