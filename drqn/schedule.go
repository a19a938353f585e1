package drqn

import "math"

// Epsilon returns the probability of a random action after a number of updates: it falls linearly from
// exploration_start to exploration_end over exploration_fraction of the run's updates.
func (c Config) Epsilon(updates int64) float64 {
	falling := c.ExplorationFraction * float64(c.Updates)
	if float64(updates) >= falling {
		return c.ExplorationEnd
	}
	return c.ExplorationStart + (c.ExplorationEnd-c.ExplorationStart)*float64(updates)/falling
}

// EpsilonOf returns the probability of a random action in environment i of N: on a ladder it is Epsilon^(1 + a
// i/(N-1)) (Ape-X, section 4.1), so that some environments reach the end of trials.
func (c Config) EpsilonOf(environment int, updates int64) float64 {
	epsilon := c.Epsilon(updates)
	if c.ExplorationLadder == 0 {
		return epsilon
	}
	return math.Pow(epsilon, 1+c.ExplorationLadder*float64(environment)/float64(c.Environments-1))
}

// LearningRateAt returns Adam's step size for an update, counted from 1: it loses a share of the learning rate along a
// half cosine over the run (Loshchilov & Hutter 2017, eq. 5, without restarts).
func (h Hyper) LearningRateAt(update int64) float64 {
	if h.LearningRateDecay == 0 {
		return h.LearningRate
	}
	done := min(1, float64(update)/float64(h.Updates))
	return h.LearningRate * (1 - h.LearningRateDecay*(1-math.Cos(math.Pi*done))/2)
}

// Beta returns the exponent of the importance weights after a number of updates: it rises linearly to 1 over the run
// (Schaul et al. 2016, section 3.4).
func (c Config) Beta(updates int64) float64 {
	return c.ImportanceExponent + (1-c.ImportanceExponent)*min(1, float64(updates)/float64(c.Updates))
}
