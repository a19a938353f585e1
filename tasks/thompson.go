package tasks

import "math/rand/v2"

// thompson is Thompson sampling in a two-armed bandit (W. R. Thompson, Biometrika 25, 1933): it draws the two
// probabilities from what it believes of them, and chooses the arm whose draw is larger. Its belief is the exact
// posterior on a grid of pairs of probabilities; the arms may be exchanged before each trial.
type thompson struct {
	reversal float64
	rng      *rand.Rand
	belief   [thompsonGrid][thompsonGrid]float64 // of the left and the right arm's probability, not normalised
}

// thompsonGrid is the number of probabilities of each arm: the midpoints of as many parts of 0 to 1.
const thompsonGrid = 32

// midpoint returns the probability of a place in the grid.
func midpoint(i int) float64 { return (float64(i) + 0.5) / thompsonGrid }

func newThompson(reversal float64, rng *rand.Rand) *thompson {
	return &thompson{reversal: reversal, rng: rng}
}

// act chooses an arm.
func (t *thompson) act(observation []float32) int {
	if arm, paid, shown := outcome(observation); shown {
		t.learn(arm, paid)
	} else {
		t.forget()
	}
	left, right := t.draw()
	switch {
	case left > right:
		return 0
	case right > left:
		return 1
	}
	return t.rng.IntN(2)
}

// forget makes all pairs of probabilities equally likely.
func (t *thompson) forget() {
	for i := range t.belief {
		for j := range t.belief[i] {
			t.belief[i][j] = 1
		}
	}
}

// learn multiplies the belief by the likelihood of what an arm paid, normalises it, and then lets the arms be
// exchanged.
func (t *thompson) learn(arm int, paid bool) {
	sum := 0.0
	for i := range t.belief {
		for j := range t.belief[i] {
			p := midpoint([2]int{i, j}[arm])
			if !paid {
				p = 1 - p
			}
			t.belief[i][j] *= p
			sum += t.belief[i][j]
		}
	}
	for i := range t.belief {
		for j := range i + 1 {
			a, b := t.belief[i][j]/sum, t.belief[j][i]/sum
			t.belief[i][j] = (1-t.reversal)*a + t.reversal*b
			t.belief[j][i] = (1-t.reversal)*b + t.reversal*a
		}
	}
}

// draw returns the places of a pair of probabilities that is drawn from the belief.
func (t *thompson) draw() (left, right int) {
	sum := 0.0
	for i := range t.belief {
		for _, weight := range t.belief[i] {
			sum += weight
		}
	}
	rest := t.rng.Float64() * sum
	for i := range t.belief {
		for j, weight := range t.belief[i] {
			if weight > 0 {
				left, right = i, j
			}
			if rest -= weight; rest < 0 {
				return left, right
			}
		}
	}
	return left, right // what rounding left over
}
