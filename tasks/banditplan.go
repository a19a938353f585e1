package tasks

import "sync"

// banditPlan is the Bayes-optimal policy of a two-armed bandit whose arms pay with probabilities that are uniform from
// 0 to 1 beforehand, for a session of N trials, by dynamic programming over what each arm has paid.
//
// After n trials the state is (s1, f1, s2, f2): how often each arm has paid and not paid, s1 + f1 + s2 + f2 = n. An arm
// that paid s times and f times not pays again with probability (s+1)/(s+f+2), the mean of Beta(s+1, f+1). So
//
//	V_n(state) = max over arms of  p (1 + V_{n+1}(state, paid)) + (1-p) V_{n+1}(state, not paid),    V_N = 0.
//
// Source: R. Bellman, "A problem in the sequential design of experiments", Sankhya 16, 1956.
type banditPlan struct {
	value float64  // V_0, the expected reward of a session
	best  [][]bool // [N][states of n trials] whether the right arm is the better choice
}

// pulls counts what the two arms have paid.
type pulls struct{ s1, f1, s2, f2 int }

// rank returns the place of a state among those of as many trials or more. It does not depend on f2, which the number
// of trials determines: a state keeps its place when f2 grows.
func (p pulls) rank() int {
	a, b, c := p.s1+p.f1+p.s2, p.s1+p.f1, p.s1
	return a*(a+1)*(a+2)/6 + b*(b+1)/2 + c
}

// states returns the number of states after n trials.
func states(n int) int { return (n + 1) * (n + 2) * (n + 3) / 6 }

// mean returns the probability that an arm pays after it paid s times and f times not.
func mean(s, f int) float64 { return float64(s+1) / float64(s+f+2) }

// plans holds the plans by the number of trials.
var plans sync.Map

// planBandit returns the plan for a session of so many trials, computed once.
func planBandit(trials int) *banditPlan {
	if plan, known := plans.Load(trials); known {
		return plan.(*banditPlan)
	}
	plan, _ := plans.LoadOrStore(trials, solveBandit(trials))
	return plan.(*banditPlan)
}

// solveBandit computes a plan from its last trial back. One array holds V_n: a state depends on itself and on states of
// larger rank, so it is overwritten in the order of ranks.
func solveBandit(trials int) *banditPlan {
	plan := &banditPlan{best: make([][]bool, trials)}
	values := make([]float64, states(trials))
	for n := trials - 1; n >= 0; n-- {
		plan.best[n] = make([]bool, states(n))
		for a := range n + 1 {
			for b := range a + 1 {
				for c := range b + 1 {
					p := pulls{s1: c, f1: b - c, s2: a - b, f2: n - a}
					left, right := p.worth(values)
					values[p.rank()] = max(left, right)
					plan.best[n][p.rank()] = right > left
				}
			}
		}
	}
	plan.value = values[0]
	return plan
}

// worth returns what each arm is worth in a state, given the values of the states after the next trial.
func (p pulls) worth(next []float64) (left, right float64) {
	of := func(mean float64, paid, empty pulls) float64 {
		return mean*(1+next[paid.rank()]) + (1-mean)*next[empty.rank()]
	}
	left = of(mean(p.s1, p.f1), p.add(0, true), p.add(0, false))
	right = of(mean(p.s2, p.f2), p.add(1, true), p.add(1, false))
	return left, right
}

// add returns the state after one more trial.
func (p pulls) add(arm int, paid bool) pulls {
	switch {
	case arm == 0 && paid:
		p.s1++
	case arm == 0:
		p.f1++
	case paid:
		p.s2++
	default:
		p.f2++
	}
	return p
}

// bayesPlayer plays a plan by what it observes.
type bayesPlayer struct {
	plan  *banditPlan
	state pulls
	trial int
}

func newBayesPlayer(trials int) *bayesPlayer { return &bayesPlayer{plan: planBandit(trials)} }

// act chooses an arm.
func (b *bayesPlayer) act(observation []float32) int {
	if arm, paid, shown := outcome(observation); shown {
		b.state, b.trial = b.state.add(arm, paid), b.trial+1
	} else {
		b.state, b.trial = pulls{}, 0
	}
	if b.plan.best[b.trial][b.state.rank()] {
		return 1
	}
	return 0
}
