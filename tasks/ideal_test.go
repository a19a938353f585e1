package tasks

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Trials that an ideal observer is simulated over: rewards of deviation 0.5 have a standard error of 0.0022 over many,
// and of 0.0032 over few.
const many, few = 50_000, 25_000

// TestCeilingsAgainstIdealObservers compares ceilings with the earnings of observers that see nothing but observations,
// weigh every trial that they might be of by Bayes' rule, and act to earn most.
func TestCeilingsAgainstIdealObservers(t *testing.T) {
	for _, c := range []struct {
		task, options string
		want          float64 // where it was computed or simulated before, else 0
		trials        int
	}{
		{"PerceptualDecisionMaking", ``, 0.896, many},
		{"PerceptualDecisionMaking", `{"sigma":0}`, 0.9, few},
		{"PerceptualDecisionMaking", `{"timing":{"stimulus":{"uniform":[100,4000]}}}`, 0.887, many},
		{"PerceptualDecisionMaking", `{"timing":{"stimulus":{"uniform":[80,1500]}}}`, 0.862, many},
		{"PerceptualDecisionMaking", `{"timing":{"stimulus":{"uniform":[100,500]}}}`, 0.829, many},
		{"PerceptualDecisionMaking", `{"timing":{"stimulus":{"truncated_exponential":[300,100,2000]}}}`, 0, few},
		{"PerceptualDecisionMaking", `{"timing":{"stimulus":{"uniform":[100,1000]}},"cohs":[6.4,12.8]}`, 0.890, few},
		{"PerceptualDecisionMaking", `{"dim_ring":3}`, 0, few},
		{"PerceptualDecisionMaking", `{"dim_ring":4}`, 0.818, few},
		{"PerceptualDecisionMaking", `{"dim_ring":8}`, 0, few},
		{"PerceptualDecisionMaking", `{"dim_ring":16}`, 0, many},
		{"PerceptualDecisionMaking", `{"dim_ring":8,"sigma":0}`, 0.825, few},
		{"PerceptualDecisionMaking", `{"cohs":[0],"dim_ring":3}`, 1.0 / 3, few},
		{"PerceptualDecisionMaking", `{"rewards":{"fail":-3}}`, 0, many},
		{"PerceptualDecisionMaking", `{"rewards":{"fail":-3},"sigma":0}`, 0.8, few},
		{"PerceptualDecisionMaking",
			`{"rewards":{"fail":-3,"miss":-0.2},"dim_ring":4,"timing":{"stimulus":[200,1000]}}`, 0, few},
		{"PerceptualDecisionMaking", `{"rewards":{"miss":2}}`, 2, few},
		{"ContextDecisionMaking", ``, 0.941, many},
		{"ContextDecisionMaking", `{"use_expl_context":true,"dim_ring":4,"sigma":2}`, 0, few},
		{"ContextDecisionMaking", `{"rewards":{"fail":-1},"timing":{"stimulus":{"uniform":[100,800]}}}`, 0, few},
		{"DelayMatchSample", ``, 1, few},
		{"DelayMatchSample", `{"sigma":8}`, 0, few},
		{"DelayMatchSample", `{"sigma":8,"timing":{"sample":{"uniform":[100,900]},"test":[100,800]}}`, 0, few},
		{"DelayMatchSample", `{"sigma":8,"dim_ring":3}`, 0, few},
		{"DelayMatchSample", `{"sigma":10,"dim_ring":8,"rewards":{"fail":-2}}`, 0, few},
		{"DelayMatchSample", `{"sigma":12,"rewards":{"fail":-2,"miss":-0.1}}`, 0, few},
		{"DelayComparison", ``, 0.996, few},
		{"DelayComparison", `{"sigma":3}`, 0, few},
		{"DelayComparison", `{"sigma":3,"timing":{"stimulus1":{"uniform":[100,1000]}},"vpairs":[[18,10],[34,14]]}`, 0,
			few},
		{"DelayComparison", `{"sigma":4,"rewards":{"fail":-1},"vpairs":[[18,10],[34,14],[11,10]]}`, 0, few},
		{"DelayComparison", `{"sigma":0}`, 1, few},
	} {
		t.Run(c.task+c.options, func(t *testing.T) {
			t.Parallel()
			task, err := NewTask(c.task, json.RawMessage(c.options))
			if err != nil {
				t.Fatal(err)
			}
			ceiling := task.Ceiling()
			if testing.Short() { // what follows shares nothing: the race detector has nothing to find
				return
			}
			if got := observe(task, c.trials); math.Abs(got-ceiling) > 0.01 {
				t.Errorf("ceiling %.4f, an ideal observer earns %.4f", ceiling, got)
			}
			if c.want != 0 && math.Abs(c.want-ceiling) > 0.003 {
				t.Errorf("ceiling %.4f, want %.4f", ceiling, c.want)
			}
			if task.Spec().CeilingBound {
				t.Error("called an upper bound")
			}
		})
	}
}

// observe returns the mean reward of an ideal observer.
func observe(task Task, trials int) (mean float64) {
	rng, trial, choice := rand.New(rand.NewPCG(11, 0)), new(Trial), choiceOf(task)
	channels, answers := len(task.Spec().Observations), len(task.Spec().Actions)-1
	sigma, all := hypotheses(task)
	for range trials {
		task.Draw(rng)
		trial.begin(channels)
		task.Build(trial, rng)
		first := 1
		if o, ok := task.(*ContextDecisionMaking); ok { // whose context is shown, or always the same
			first += o.trial.Context * o.Ring
		}
		trial.Step = trial.Period("decision").Start
		verdict := task.Timeout()
		if action := choose(choice, beliefs(trial, first, answers, max(sigma, 1e-5), all)); action != 0 {
			verdict = task.Judge(trial, action)
		}
		mean += verdict.Reward / float64(trials)
	}
	return mean
}

func choiceOf(task Task) *Choice {
	return task.(interface{ choice() *Choice }).choice()
}

func (c *Choice) choice() *Choice { return c }

// choose returns the action that pays most, where action k+1 is right with a probability in proportion to weights[k].
func choose(c *Choice, weights []float64) (action int) {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	most := c.Rewards.Miss
	for k, w := range weights {
		if pays := w/sum*c.Rewards.Correct + (1-w/sum)*c.Rewards.Fail; pays > most {
			action, most = k+1, pays
		}
	}
	return action
}

// hypothesis is a trial that might have been: what each period shows on average, channel by channel, and the answer.
type hypothesis struct {
	shown  map[string][]float64
	answer int
}

// beliefs returns how likely each answer is, in proportion, from the sums of the observations: the channels from first
// have noise of deviation sigma around what a hypothesis shows.
func beliefs(trial *Trial, first, answers int, sigma float64, all []hypothesis) []float64 {
	logs := make([]float64, len(all))
	for period, shown := range all[0].shown {
		p, sum := trial.Period(period), make([]float64, len(shown))
		for step := p.Start; step < p.End; step++ {
			for k, x := range trial.Observation(step)[first : first+len(sum)] {
				sum[k] += float64(x)
			}
		}
		steps := float64(p.End - p.Start)
		for i, h := range all {
			for k, v := range h.shown[period] {
				logs[i] += v * (sum[k] - steps*v/2) / (sigma * sigma)
			}
		}
	}
	best := slices.Max(logs)
	weights := make([]float64, answers)
	for i, h := range all {
		weights[h.answer-1] += math.Exp(logs[i] - best)
	}
	return weights
}

// hypotheses returns the trials that might be, all as likely, and the noise of a step.
func hypotheses(task Task) (sigma float64, all []hypothesis) {
	ring := func(n int, at, amplitude float64) (shown []float64) {
		for k := range n {
			shown = append(shown, 0.5+amplitude*math.Cos(angle(k, n)-at))
		}
		return shown
	}
	add := func(answer int, shown map[string][]float64) { all = append(all, hypothesis{shown, answer}) }
	coherent := func(n int, coherences []float64) {
		for d := range n {
			for _, coherence := range coherences {
				add(d+1, map[string][]float64{"stimulus": ring(n, angle(d, n), coherence/200)})
			}
		}
	}
	switch o := task.(type) {
	case *PerceptualDecisionMaking:
		coherent(o.Ring, o.Coherences)
		return o.perStep(o.Sigma), all
	case *ContextDecisionMaking:
		coherent(o.Ring, o.Cohs)
		return o.perStep(o.Sigma), all
	case *DelayMatchSample:
		for d := range o.Ring {
			at := angle(d, o.Ring)
			add(1, map[string][]float64{"sample": ring(o.Ring, at, 0.5), "test": ring(o.Ring, at, 0.5)})
			add(2, map[string][]float64{"sample": ring(o.Ring, at, 0.5), "test": ring(o.Ring, at+math.Pi, 0.5)})
		}
		return o.perStep(o.Sigma), all
	}
	o := task.(*DelayComparison)
	for _, pair := range o.Pairs {
		high, low := []float64{o.represent(pair[0])}, []float64{o.represent(pair[1])}
		add(1, map[string][]float64{"stimulus1": high, "stimulus2": low})
		add(2, map[string][]float64{"stimulus1": low, "stimulus2": high})
	}
	return o.perStep(o.Sigma), all
}

// renamed is a task of the same options and another name.
type renamed struct{ *PerceptualDecisionMaking }

func (r renamed) Spec() Spec {
	s := r.PerceptualDecisionMaking.Spec()
	s.Name = "Renamed"
	return s
}

// TestCeilingsAreRememberedByName checks that a ceiling is computed once for a task and its options, and that a task of
// the same options and another name has its own.
func TestCeilingsAreRememberedByName(t *testing.T) {
	t.Parallel()
	task := NewPerceptualDecisionMaking()
	task.Sigma = 0.8125 // as no other test has it
	for i, c := range []struct {
		task Task
		want float64
	}{{task, 0}, {renamed{task}, 1}, {task, 0}} {
		if got := remembered(c.task, func() float64 { return float64(i) }); got != c.want {
			t.Errorf("call %d: %v, want %v", i, got, c.want)
		}
	}
}
