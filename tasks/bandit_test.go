package tasks

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// newBandit returns an environment of the two-armed bandit.
func newBandit(t testing.TB, options string) Env {
	t.Helper()
	env, err := New("TwoArmedBandit", json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// arms returns the bandit's current trial.
func arms(env Env) *TwoArmedBandit {
	task, _ := TaskOf(env)
	return task.(*TwoArmedBandit)
}

// TestBanditSession plays sessions: the arms stay through a session and are drawn anew in the next, an observation
// shows what the last choice paid, and the session ends with its last trial.
func TestBanditSession(t *testing.T) {
	t.Parallel()
	const trials = 12
	env, rng := newBandit(t, `{"trials":12}`), rand.New(rand.NewPCG(1, 1))
	before := [2]float64{-1, -1}
	for session := range uint64(20) {
		observation, err := env.Reset(session)
		if err != nil {
			t.Fatal(err)
		}
		pays := arms(env).trial.Pays
		if pays == before || observation[banditStart] != 1 {
			t.Fatalf("session %d begins with arms %v and shows %v", session, pays, observation)
		}
		before = pays
		for trial := 1; trial <= trials; trial++ {
			if arms(env).trial.Pays != pays {
				t.Fatalf("session %d, trial %d: arms %v, want %v", session, trial, arms(env).trial.Pays, pays)
			}
			action := rng.IntN(2)
			paid, regret := arms(env).trial.Paid[action], max(pays[0], pays[1])-pays[action]
			s, err := env.Step(action)
			if err != nil {
				t.Fatal(err)
			}
			if !s.Info.TrialEnd || s.Terminated != (trial == trials) || (s.Reward == 1) != paid ||
				s.Info.Regret != regret || s.Info.Correct != (regret == 0) {
				t.Fatalf("trial %d, arm %d of %v, which paid %v: %+v", trial, action, pays, paid, s)
			}
			if s.Terminated {
				break
			}
			arm, shown, any := outcome(s.Observation)
			if !any || arm != action || shown != paid || sumOf(s.Observation) != 1 {
				t.Fatalf("trial %d, arm %d, which paid %v, is shown as %v", trial, action, paid, s.Observation)
			}
		}
	}
}

func sumOf(values []float32) (sum float32) {
	for _, x := range values {
		sum += x
	}
	return sum
}

// TestBanditReversal wants arms to be exchanged as often as the option says, and never to be others.
func TestBanditReversal(t *testing.T) {
	t.Parallel()
	for _, reversal := range []float64{0, 0.2, 1} {
		task := NewTwoArmedBandit()
		task.Reversal = reversal
		rng, exchanged := rand.New(rand.NewPCG(2, 2)), 0
		const sessions = 200
		for range sessions {
			task.Begin()
			task.Draw(rng)
			for range task.Trials - 1 {
				before := task.trial.Pays
				if task.Draw(rng); task.trial.Pays != before {
					exchanged++
					if task.trial.Pays != [2]float64{before[1], before[0]} {
						t.Fatalf("arms %v became %v", before, task.trial.Pays)
					}
				}
			}
		}
		if got := float64(exchanged) / (sessions * 99); math.Abs(got-reversal) > 0.01 {
			t.Errorf("arms were exchanged before %.3f of the trials, want %v", got, reversal)
		}
	}
}

// TestBanditPlan compares the plan's value with the expectation over all histories of short sessions, and its play in
// long ones with its value.
func TestBanditPlan(t *testing.T) {
	t.Parallel()
	for trials := 1; trials <= 7; trials++ {
		if got, want := solveBandit(trials).value, bestOfHistories(trials, [2][2]int{}); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d trials are worth %.15f, want %.15f", trials, got, want)
		}
	}
	if got := solveBandit(2).value; math.Abs(got-13.0/12) > 1e-15 { // 1/2, then 2/3 after a reward and 1/2 without
		t.Errorf("two trials are worth %v, want 13/12", got)
	}
	const trials, sessions = 50, 4000
	optimal, err := LearnerRegret(newBandit(t, `{"trials":50}`), Learner{"", newBayesPlayer(trials).act}, sessions, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := trials*betterArm - planBandit(trials).value
	if off := math.Abs(optimal.Mean - want); off > 4*optimal.SD/math.Sqrt(sessions) {
		t.Errorf("the plan's regret is %.3f ± %.3f over %d sessions, want %.3f", optimal.Mean, optimal.SD, sessions,
			want)
	}
}

// bestOfHistories returns the most that is earned in so many trials after a history, times the history's probability if
// its choices are made. paid counts the outcomes of each arm: [arm][not paid, paid]. The probability of a history is
// the integral of p^paid (1-p)^(not paid) over p from 0 to 1, for each arm.
func bestOfHistories(trials int, paid [2][2]int) float64 {
	if trials == 0 {
		return 0
	}
	best := math.Inf(-1)
	for arm := range 2 {
		worth := 0.0
		for reward := range 2 {
			after := paid
			after[arm][reward]++
			worth += float64(reward)*beta(after[0])*beta(after[1]) + bestOfHistories(trials-1, after)
		}
		best = max(best, worth)
	}
	return best
}

// beta returns the integral of p^n[1] (1-p)^n[0] over p from 0 to 1.
func beta(n [2]int) float64 {
	factorial := func(k int) float64 { return math.Gamma(float64(k + 1)) }
	return factorial(n[0]) * factorial(n[1]) / factorial(n[0]+n[1]+1)
}

// TestThompson compares the belief with Beta's mean where arms stay, with a filter over two hypotheses where they are
// exchanged, and checks that draws follow it.
func TestThompson(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	sampler := newThompson(0, rng)
	sampler.forget()
	for i := range 30 {
		sampler.learn(0, i%3 > 0) // 20 of 30
	}
	left, right, drawn := 0.0, 0.0, 0.0
	for i, row := range sampler.belief {
		for j, weight := range row {
			left, right = left+midpoint(i)*weight, right+midpoint(j)*weight
		}
	}
	if math.Abs(left-21.0/32) > 1e-3 || math.Abs(right-0.5) > 1e-9 {
		t.Errorf("believed to pay: %.4f and %.4f, want %.4f and 0.5", left, right, 21.0/32)
	}
	const draws = 20_000
	for range draws {
		i, _ := sampler.draw()
		drawn += midpoint(i) / draws
	}
	if math.Abs(drawn-left) > 0.003 {
		t.Errorf("draws have mean %.4f, want %.4f", drawn, left)
	}
	exchanged := newThompson(0.1, rng)
	exchanged.forget()
	exchanged.learn(0, true)
	high, low := exchanged.belief[31][0], exchanged.belief[0][31]
	p, q := midpoint(31), midpoint(0)
	if want := (0.9*p + 0.1*q) / (0.9*q + 0.1*p); math.Abs(high/low-want) > 1e-9 {
		t.Errorf("after a reward a good left arm is believed %.4f times as much as a good right one, want %.4f",
			high/low, want)
	}
}

// TestLearnerRegret orders the policies in the same sessions; the regret of chance is (2/3 - 1/2) a trial.
func TestLearnerRegret(t *testing.T) {
	t.Parallel()
	for options, names := range map[string]string{``: "Bayes-optimal Thompson win-stay random",
		`{"reversal":0.02}`: "Thompson win-stay random"} {
		env, found, last, regrets := newBandit(t, options), []string(nil), 0.0, map[string]float64{}
		const sessions = 200
		for _, l := range arms(env).Learners(5) {
			r, err := LearnerRegret(env, l, sessions, 7)
			if err != nil {
				t.Fatal(err)
			}
			if r.Sessions != sessions || len(r.Curve) != 100 || r.Mean < last ||
				math.Abs(r.Curve[99]-r.Mean) > 1e-9 {
				t.Errorf("%s %s: %d sessions of %d trials, regret %.3f after %.3f", options, l.Name, r.Sessions,
					len(r.Curve), r.Mean, last)
			}
			found, last, regrets[l.Name] = append(found, l.Name), r.Mean, r.Mean
		}
		if got := strings.Join(found, " "); got != names {
			t.Errorf("%s: policies %s, want %s", options, got, names)
		}
		if r := regrets["random"]; math.Abs(r-100.0/6) > 1.5 {
			t.Errorf("%s: the regret of chance is %.2f, want 16.67", options, r)
		}
		if r := regrets["Thompson"]; options == "" && r > 6 {
			t.Errorf("Thompson's regret is %.2f, want 6 or less", r)
		}
	}
}

// TestLearnerRegretIsSeeded wants the same regret by the same seeds, and another by others.
func TestLearnerRegretIsSeeded(t *testing.T) {
	t.Parallel()
	env := newBandit(t, ``)
	of := func(draws, seed uint64) float64 {
		r, err := LearnerRegret(env, arms(env).Learners(draws)[1], 5, seed)
		if err != nil {
			t.Fatal(err)
		}
		return r.Mean
	}
	if a, b, c, d := of(1, 1), of(1, 1), of(2, 1), of(1, 2); a != b || a == c || a == d {
		t.Errorf("regrets %v, again %v, by other draws %v, in other sessions %v", a, b, c, d)
	}
}

// TestLearnerRegretRefused names what is wrong.
func TestLearnerRegretRefused(t *testing.T) {
	t.Parallel()
	always := Learner{"left", func([]float32) int { return 0 }}
	_, err := LearnerRegret(newBandit(t, ``), always, 0, 1)
	if err == nil || !strings.Contains(err.Error(), "invalid sessions 0") {
		t.Errorf("no session: %v", err)
	}
	other, err := New("GoNogo", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = LearnerRegret(other, always, 1, 1)
	if err == nil || !strings.Contains(err.Error(), "do not depend on each other") {
		t.Errorf("a task without sessions: %v", err)
	}
}

// TestRegretOfCutSessions counts whole sessions alone, also where a time limit cuts others.
func TestRegretOfCutSessions(t *testing.T) {
	t.Parallel()
	var r Regret
	for range 3 {
		r.Add(Step{Truncated: true, Info: Info{TrialEnd: true, Regret: 100}})
		r.Add(Step{Info: Info{TrialEnd: true, Regret: 1}})
		r.Add(Step{Info: Info{Regret: 50}}) // a step within a trial
		r.Add(Step{Terminated: true, Info: Info{TrialEnd: true, Regret: 2}})
	}
	if r.Sessions != 3 || r.Mean != 3 || r.SD != 0 || r.Curve[0] != 1 || r.Curve[1] != 3 {
		t.Errorf("the regret is %+v", r)
	}
}
