package tasks

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestOddOptions gives every task a table of odd options: either they are refused in one line, or the task keeps its
// promises.
func TestOddOptions(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taken := 0
			for _, options := range oddOptions(name) {
				env, err := New(name, json.RawMessage(options))
				if err != nil {
					if text := err.Error(); strings.Contains(text, "\n") ||
						!strings.HasPrefix(text, name+": options: ") {
						t.Errorf("%s: error %q", options, text)
					}
					continue
				}
				if taken++; testing.Short() && taken%8 != 0 { // few suffice for the race detector
					continue
				}
				promises(t, options, env)
				if !slices.Contains(unseen, options) && env.Spec().SessionTrials == 0 && !cueSeen(env) {
					t.Errorf("%s: trials with different answers look the same", options)
				}
			}
			if taken < 10 {
				t.Errorf("%d options taken, want 10", taken)
			}
		})
	}
}

// TestOddTimeLimits checks that a measurement of the policies ends under any time limit, and that its shares and
// ceilings are numbers. A limit that no trial fits into is an error.
func TestOddTimeLimits(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		for _, limit := range []int{1, 2, 7, 31, 100, 600} {
			env, err := New(name, nil)
			if err == nil {
				env, err = Wrap(env, Wrappers{TimeLimit: limit})
			}
			if err != nil {
				t.Fatal(err)
			}
			r, err := MeasureReference(env, 20, 0)
			if err == nil && (math.IsNaN(r.Oracle+r.TrialCeiling) || r.Oracle < r.Random-0.5) {
				t.Errorf("%s, %d steps: %+v", name, limit, r)
			}
			if fits := limit >= env.Spec().MaxTrialSteps; fits && err != nil {
				t.Errorf("%s, %d steps: %v", name, limit, err)
			}
		}
	}
}

// oddOptions returns the table of options for a task. Options of other tasks are among them, and are refused.
func oddOptions(name string) (all []string) {
	add := func(format string, values ...any) {
		for _, v := range values {
			all = append(all, fmt.Sprintf(format, v))
		}
	}
	add(`{"dt":%v}`, 1, 2, 5, 10, 20, 40, 50, 80, 83, 100, 125, 150, 200, 250, 300, 400, 500)
	if b, ok := entries[indexOf(entries, name)].construct().(interface{ periods() []string }); ok {
		for _, period := range b.periods() {
			add(`{"timing":{"`+period+`":%v}}`, 0, 50, 100, 3000, `[0,500]`, `[100,900]`, `{"uniform":[0,1000]}`,
				`{"uniform":[50,90]}`,
				`{"uniform":[100,1500]}`, `{"truncated_exponential":[300,0,2000]}`)
		}
	}
	add(`{"sigma":%v}`, 0, 1e-9, 100, 1e300)
	add(`{"cohs":%v}`, `[0]`, `[50]`, `[100]`, `[0,0]`, `[1e-9]`, `[]`, `[-5]`)
	add(`{"dim_ring":%v}`, 2, 3, 5, 16, `5,"sigma":0`, `4,"sigma":20`, `3,"rewards":{"fail":-2}`)
	add(`{"rewards":{%v}}`, `"fail":-3`, `"miss":0.8`, `"miss":2`, `"abort":0.5`, `"abort":-5`, `"correct":0`,
		`"correct":-1,"fail":-2`, `"fail":2`,
		`"correct":1e300`, `"fail":-1,"miss":-2`)
	add(`{"abort":true,"rewards":{"abort":%v},"timing":{"fixation":[0,300]}}`, -0.1, 0.3, 2)
	add(`{"vpairs":%v}`, `[[18,10]]`, `[[18,10],[34,14]]`, `[[1e300,0]]`, `[[2,1],[1000,1]]`)
	add(`{"gain":%v}`, 0.05, 0.1, 0.5, 1.5, 3, 20)
	add(`{"prod_margin":%v}`, 0, 0.01, 1)
	add(`{"n_steps":%v}`, 2, 3, 50, 1000)
	add(`{"form":"random","size":%v}`, 2, 3, 4, 16, `3,"vector_seed":4`, `1000`)
	add(`{"novel":true,"size":%v}`, 2, 10, 1000, `50,"n_steps":1`, `50,"n_steps":2`)
	add(`{"vector_seed":%v}`, 1, 2, -1)
	add(`{"correct":%v}`, 0.5, 0, -2)
	add(`{"memory_length":%v}`, 1, 2, 30, 100, `2,"num_bits":40`, `1,"num_bits":2`)
	add(`{"num_bits":%v}`, 2, 3, 10, 100)
	add(`{"trials":%v}`, 1, 2, 10, 100, `20,"reversal":0.1`)
	add(`{"reversal":%v}`, 0, 0.05, 0.5, 1, 1e-300, `1,"trials":1`)
	return all
}

// noisy are the tasks whose oracle knows more than observations show.
var noisy = []string{"PerceptualDecisionMaking", "DelayMatchSample", "ContextDecisionMaking", "DelayComparison",
	"TwoArmedBandit"}

// promises checks of an environment that its ceiling is a number, that the oracle earns it, and no more where all that
// matters is seen, and that trials do not all look the same before they ask.
func promises(t *testing.T, options string, env Env) {
	t.Helper()
	spec, trials := env.Spec(), 400
	trials = max(20, min(trials, 40_000/spec.MaxTrialSteps))
	task, _ := env.(Inspector).Task()
	ceiling := task.Ceiling()
	if math.IsNaN(ceiling) || math.IsInf(ceiling, 0) {
		t.Fatalf("%s %s: the ceiling is %v", spec.Name, options, ceiling)
	}
	var rewards []float64
	reward, longest := 0.0, spec.MaxTrialSteps*trials
	if longest*len(spec.Observations) > 5_000_000 { // a few such trials take seconds
		return
	}
	err := Trace(env, Oracle, 3, longest, func(s TraceStep) error {
		reward += float64(s.Reward)
		if s.TrialEnd {
			rewards, reward = append(rewards, reward), 0
		}
		if len(rewards) == trials {
			return errEnough
		}
		return nil
	})
	if err != nil && err != errEnough {
		t.Fatalf("%s %s: %v", spec.Name, options, err)
	}
	earned, most := 0.0, 0.0
	for _, r := range rewards {
		earned, most = earned+r/float64(trials), max(most, math.Abs(r))
	}
	squares := 0.0
	for _, r := range rewards {
		squares += (r - earned) * (r - earned) / float64(trials)
	}
	noise := 5*math.Sqrt(squares/float64(trials)) + 1e-3*most
	if math.IsInf(noise, 0) || math.IsNaN(noise) { // rewards beyond float32
		return
	}
	if earned < ceiling-0.05*most-noise {
		t.Errorf("%s %s: the oracle earns %.3f +- %.3f of a ceiling of %.3f", spec.Name, options, earned, noise,
			ceiling)
	}
	knows := slices.Contains(noisy, spec.Name) || strings.Contains(options, `"abort":true`)
	if g, ok := task.(*GoNogo); ok { // without a cue the oracle alone knows
		knows = knows || g.Timing["stimulus"].minSteps(g.DT) == 0
	}
	if !knows && !spec.CeilingBound && earned > ceiling+noise {
		t.Errorf("%s %s: the oracle earns %.3f +- %.3f, above a ceiling of %.3f", spec.Name, options, earned, noise,
			ceiling)
	}
}

// unseen are options by which a guess is all that is asked for, on purpose.
var unseen = []string{`{"cohs":[0]}`, `{"cohs":[0,0]}`, `{"cohs":[1e-9]}`}

// silence is no noise.
type silence struct{}

func (silence) NormFloat64() float64 { return 0 }

// cueSeen reports whether, without noise, trials of one length with different answers look different, some of them.
func cueSeen(env Env) bool {
	task, _ := env.(Inspector).Task()
	type look struct {
		answer int
		shown  []float32
	}
	byLength, rng, trial := map[int][]look{}, rand.New(rand.NewPCG(5, 0)), new(Trial)
	differ := false
	for range 100 {
		task.Draw(rng)
		trial.begin(len(env.Spec().Observations))
		task.Build(trial, silence{})
		l := look{slices.Max(trial.GroundTruth), slices.Clone(trial.Observations)}
		for _, other := range byLength[trial.Steps()] {
			if other.answer == l.answer {
				continue
			}
			differ = true
			if !slices.Equal(other.shown, l.shown) {
				return true
			}
		}
		byLength[trial.Steps()] = append(byLength[trial.Steps()], l)
	}
	return !differ // as in ReadySetGo, whose answer is a time
}

// TestUpperBound checks that the ceiling is called a bound where the observer knows more than observations show.
func TestUpperBound(t *testing.T) {
	if testing.Short() {
		t.Skip("a large ceiling in one goroutine: the race detector has nothing to find")
	}
	ceilingOf := func(options string) (float64, bool) {
		task, err := NewTask("PerceptualDecisionMaking", json.RawMessage(options))
		if err != nil {
			t.Fatal(err)
		}
		return task.Ceiling(), task.Spec().CeilingBound
	}
	list := strings.Repeat("51.2,100,1,2,", 25)
	list = "[" + list[:len(list)-1] + "]"
	exact, _ := ceilingOf(`{"dim_ring":100,"cohs":[51.2,100,1,2],"rewards":{"fail":-1}}`)
	told, bound := ceilingOf(`{"dim_ring":100,"cohs":` + list + `,"rewards":{"fail":-1}}`)
	if !bound || told < exact-0.002 || told > 1 {
		t.Errorf("ceiling %.4f, called a bound: %v; exact %.4f", told, bound, exact)
	}
	env, err := New("PerceptualDecisionMaking",
		json.RawMessage(`{"dim_ring":100,"cohs":`+list+`,"rewards":{"fail":-1}}`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := MeasureReference(env, 20, 0)
	if err != nil || !r.CeilingBound || math.Abs(r.TrialCeiling-r.Ceiling) > 1e-12 {
		t.Errorf("the reference is %+v, %v: shares are of the bound", r, err)
	}
}

// endless is a task of one's own whose ceiling is no number.
type endless struct{ *GoNogo }

func (endless) Ceiling() float64 { return math.NaN() }

func (e endless) Spec() Spec {
	spec := e.GoNogo.Spec()
	spec.Name = "Endless"
	return spec
}

// TestCeilingThatIsNoNumber checks that a task with such a ceiling is refused, before anything can be trained in it.
func TestCeilingThatIsNoNumber(t *testing.T) {
	defer func(before []entry) { entries = before }(slices.Clone(entries))
	entries = append(entries, newEntry(func() Task { return endless{NewGoNogo()} }))
	if _, err := NewTask("Endless", nil); err == nil ||
		!strings.Contains(err.Error(), "the best reward per trial would be NaN") {
		t.Errorf("error %v", err)
	}
}
