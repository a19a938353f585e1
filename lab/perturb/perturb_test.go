package perturb

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
)

// policyOf returns the policy of a small config.
func policyOf(t testing.TB, task, cell string, sets map[string]string) *drqn.Policy {
	t.Helper()
	all := map[string]string{"task": task, "cell": cell, "hidden": "6"}
	maps.Copy(all, sets)
	return drqntest.Policy(t, "default", all)
}

// steps returns what an agent with a perturbation computes: h and the state of each step of its trials.
func steps(t *testing.T, p *drqn.Policy, r *perturbed, trials int) (h, state [][]float32) {
	t.Helper()
	hooks := drqn.Hooks{Begin: r.begin, Before: r.read, Cell: r.write, Each: func(m drqn.Moment) {
		h, state = append(h, append([]float32(nil), m.Hidden...)), append(state, append([]float32(nil), m.State...))
		r.end(m)
	}}
	if err := p.Act(t.Context(), trials, 3, hooks); err != nil {
		t.Fatal(err)
	}
	return h, state
}

// After a wipe at step 4 the agent computes what one computes that begins there, in every cell.
func TestWipe(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"mpn", "rnn", "gru", "lstm"} {
		p := policyOf(t, "GoNogo", cell, nil)
		entries, err := Perturbation{Kind: Wipe, When: "4"}.check(p)
		if err != nil {
			t.Fatal(err)
		}
		wipe := Perturbation{Kind: Wipe}
		h, state := steps(t, p, &perturbed{Perturbation: wipe, moment: moment{step: 4}, entries: entries}, 1)
		intact, _ := steps(t, p, &perturbed{}, 1)
		if !reflect.DeepEqual(h[:4], intact[:4]) || reflect.DeepEqual(h[4], intact[4]) {
			t.Errorf("%s: a wipe at step 4 changes what it should not, or nothing", cell)
		}
		again, _ := steps(t, p, &perturbed{Perturbation: wipe, entries: entries}, 1)
		if !reflect.DeepEqual(again, intact) {
			t.Errorf("%s: a wipe at the beginning changes something", cell)
		}
		if len(state[0]) != len(entries) {
			t.Errorf("%s: %d entries of %d are wiped", cell, len(entries), len(state[0]))
		}
	}
}

// A frozen state stays, and of chosen synapses and units only these do.
func TestFreezeAndNoise(t *testing.T) {
	t.Parallel()
	p := policyOf(t, "GoNogo", "mpn", nil)
	freeze := Perturbation{Kind: Freeze, When: "3", Units: []int{1}, Synapses: [][2]int{{4, 9}}}
	entries, err := freeze.check(p)
	if err != nil {
		t.Fatal(err)
	}
	_, state := steps(t, p, &perturbed{Perturbation: freeze, moment: moment{step: 3}, entries: entries}, 1)
	for i := range state[0] {
		frozen := i/10 == 1 || i == 49
		if stays := state[2][i] == state[8][i]; stays != frozen {
			t.Errorf("synapse %d:%d stays: %v", i/10, i%10, stays)
		}
	}
	quiet, err := Run(t.Context(), p, 20, 1, Perturbation{Kind: Noise, When: "0", Sigma: 1e-12})
	if err != nil || quiet.Points[0].Score != quiet.Intact {
		t.Errorf("noise of almost nothing: %+v, %v", quiet, err)
	}
	noise := Perturbation{Kind: Noise, When: "4", Sigma: 2}
	if entries, err = noise.check(p); err != nil {
		t.Fatal(err)
	}
	loud := func(seed uint64) [][]float32 {
		h, _ := steps(t, p, &perturbed{Perturbation: noise, moment: moment{step: 4}, entries: entries,
			rng: rand.New(rand.NewPCG(seed, 0))}, 1)
		return h
	}
	intact, _ := steps(t, p, &perturbed{}, 1)
	if h := loud(1); !reflect.DeepEqual(h[:4], intact[:4]) || reflect.DeepEqual(h[4], intact[4]) ||
		!reflect.DeepEqual(h, loud(1)) || reflect.DeepEqual(h, loud(2)) {
		t.Error("noise from step 4 changes steps before it, nothing, or not the same for the same seed")
	}
}

// A silent unit is 0 from the step on, and a cell that carries h does not bring it back. An MPN whose unit
// is silent answers as one whose other units do not know of it: M of the others is as it was.
func TestLesion(t *testing.T) {
	t.Parallel()
	for cell, sets := range map[string]map[string]string{"mpn": nil, "gru": {"layers": "2"}, "lstm": nil} {
		t.Run(cell, func(t *testing.T) {
			p := policyOf(t, "GoNogo", cell, sets)
			lesion := Perturbation{Kind: Lesion, When: "5", Units: []int{2}}
			if _, err := lesion.check(p); err != nil {
				t.Fatal(err)
			}
			intact, before := steps(t, p, &perturbed{}, 1)
			h, after := steps(t, p, &perturbed{Perturbation: lesion, moment: moment{step: 5},
				carried: carried(p.Config(), lesion), held: []float32{0}}, 1)
			for step := range h {
				for unit := range h[step] {
					silent := unit == 2 && step >= 5
					if silent != (h[step][unit] == 0) {
						t.Errorf("%s: unit %d at step %d is %v", cell, unit, step, h[step][unit])
					}
					if (step < 5 || cell == "mpn" && !silent) && h[step][unit] != intact[step][unit] {
						t.Errorf("%s: unit %d at step %d changed", cell, unit, step)
					}
				}
			}
			if cell == "gru" && (after[7][6+2] != 0 || before[7][6+2] == 0) {
				t.Error("gru: the state of the second layer has the unit")
			}
		})
	}
}

// With the state of another trial at the decision, the agent does what it did in that trial, where both show
// the same.
func TestSwap(t *testing.T) {
	t.Parallel()
	p := policyOf(t, "GoNogo", "mpn", nil)
	r, err := Run(t.Context(), p, 60, 2, Perturbation{Kind: Swap, When: "decision"})
	if err != nil || len(r.Points) != 1 || r.Points[0].Followed == nil {
		t.Fatalf("%+v, %v", r, err)
	}
	if point := r.Points[0]; *point.Followed != 60 || point.Applied != 60 {
		t.Errorf("%d of 60 trials were answered as those from which M came; applied in %d", *point.Followed,
			point.Applied)
	}
}

// After a swap in the delay, where all trials show the same, h is that of the next trial.
func TestSwappedState(t *testing.T) {
	t.Parallel()
	const trials, at = 6, 7
	p := policyOf(t, "GoNogo", "mpn", nil)
	swap := Perturbation{Kind: Swap, When: "7"}
	entries, err := swap.check(p)
	if err != nil {
		t.Fatal(err)
	}
	from, err := donors(t.Context(), p, trials, 3, moment{step: at}, entries)
	if err != nil {
		t.Fatal(err)
	}
	of := func(r *perturbed) (h [][]float32) {
		hooks := drqn.Hooks{Begin: r.begin, Before: r.read, Cell: r.write, Each: func(m drqn.Moment) {
			if m.At == at {
				h = append(h, slices.Clone(m.Hidden))
			}
			r.end(m)
		}}
		if err := p.Act(t.Context(), trials, 3, hooks); err != nil {
			t.Fatal(err)
		}
		return h
	}
	intact := of(&perturbed{})
	swapped := of(&perturbed{Perturbation: swap, moment: moment{step: at}, entries: entries, donors: from})
	changed := 0
	for n, h := range swapped {
		if !slices.Equal(h, intact[(n+1)%trials]) {
			t.Errorf("trial %d has h %v, the next has %v", n, h, intact[(n+1)%trials])
		}
		if !slices.Equal(h, intact[n]) {
			changed++
		}
	}
	if changed == 0 {
		t.Error("all trials are alike")
	}
}

// Each step has a point, and one beyond the end of trials is not applied.
func TestEach(t *testing.T) {
	t.Parallel()
	p := policyOf(t, "GoNogo", "rnn", nil)
	r, err := Run(t.Context(), p, 10, 2, Perturbation{Kind: Wipe, When: Each})
	if err != nil || len(r.Points) < 11 || r.Points[0].Score != r.Intact {
		t.Fatalf("%+v, %v", r, err)
	}
	for step, point := range r.Points {
		if point.Step != step || point.Trials != 10 || !(point.Low <= point.Accuracy && point.Accuracy <= point.High) {
			t.Errorf("step %d: %+v", step, point)
		}
	}
}

// What cannot be done is one error with its remedy.
func TestRefused(t *testing.T) {
	t.Parallel()
	mpn, frozen := policyOf(t, "GoNogo", "mpn", nil), policyOf(t, "GoNogo", "frozen", nil)
	two, gru := policyOf(t, "GoNogo", "mpn", map[string]string{"layers": "2"}), policyOf(t, "GoNogo", "gru", nil)
	for want, c := range map[string]struct {
		policy *drqn.Policy
		p      Perturbation
	}{
		`unknown moment "pause": use a period (fixation, stimulus, delay, decision), a step from 0 to`: {mpn,
			Perturbation{Kind: Wipe, When: "pause"}},
		`unknown moment "99"`:                 {mpn, Perturbation{Kind: Wipe, When: "99"}},
		`unknown perturbation "burn"`:         {mpn, Perturbation{Kind: "burn", When: "1"}},
		"invalid sigma 0 of noise":            {mpn, Perturbation{Kind: Noise, When: "1"}},
		"invalid sigma 1 of wipe":             {mpn, Perturbation{Kind: Wipe, When: "1", Sigma: 1}},
		"a lesion takes units":                {mpn, Perturbation{Kind: Lesion, When: "1"}},
		"cell frozen has no state":            {frozen, Perturbation{Kind: Wipe, When: "1"}},
		"unit 6 does not exist: use 0 to 5":   {mpn, Perturbation{Kind: Lesion, When: "1", Units: []int{6}}},
		"synapse 0:10 does not exist":         {mpn, Perturbation{Kind: Wipe, When: "1", Synapses: [][2]int{{0, 10}}}},
		"synapses can be chosen in an MPN of": {gru, Perturbation{Kind: Wipe, When: "1", Synapses: [][2]int{{0, 0}}}},
		"units can be chosen in an MPN of":    {two, Perturbation{Kind: Wipe, When: "1", Units: []int{0}}},
	} {
		if _, err := Run(t.Context(), c.policy, 4, 1, c.p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Run(t.Context(), mpn, 1<<29, 1, Perturbation{Kind: Swap, When: "1"}); err == nil ||
		!strings.Contains(err.Error(), "use fewer") {
		t.Errorf("error %v", err)
	}
	if _, err := Run(t.Context(), mpn, 1, 1, Perturbation{Kind: Swap, When: "1"}); err == nil ||
		!strings.Contains(err.Error(), "use 2 or more") {
		t.Errorf("a swap of one trial: error %v", err)
	}
	if entries, err := (Perturbation{Kind: Wipe, When: "1", Units: []int{1}}).check(gru); err != nil ||
		!reflect.DeepEqual(entries, []int{1}) {
		t.Errorf("unit 1 of a gru is %v, %v", entries, err)
	}
}

// A clamped unit, and a clamped synapse, has its value from the step on and before the end; the mean is that of the
// intact agent.
func TestClamp(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"mpn", "gru"} {
		p := policyOf(t, "GoNogo", cell, nil)
		intact := &perturbed{}
		steps(t, p, intact, 4)
		clamp := Perturbation{Kind: Clamp, When: "3", Units: []int{2, 4}, Until: "6", AtMean: true}
		if _, err := clamp.check(p); err != nil {
			t.Fatal(err)
		}
		want := intact.levels(clamp)
		if want[0] == 0 || want[0] == want[1] {
			t.Fatalf("%s: the means are %v", cell, want)
		}
		h, state := steps(t, p, &perturbed{Perturbation: clamp, moment: moment{step: 3, end: &moment{step: 6}},
			carried: carried(p.Config(), clamp), held: want}, 1)
		for step := range h {
			on := step >= 3 && step < 6
			if (h[step][2] == want[0]) != on || (h[step][4] == want[1]) != on ||
				cell == "gru" && on && state[step][2] != want[0] {
				t.Errorf("%s: step %d has units at %v and %v, held %v", cell, step, h[step][2], h[step][4], want)
			}
		}
	}
	p := policyOf(t, "GoNogo", "mpn", nil)
	clamp := Perturbation{Kind: Clamp, When: "2", Synapses: [][2]int{{1, 3}}, Value: 0.75}
	entries, err := clamp.check(p)
	if err != nil {
		t.Fatal(err)
	}
	_, state := steps(t, p, &perturbed{Perturbation: clamp, moment: moment{step: 2}, entries: entries}, 1)
	for step := range state {
		if (state[step][13] == 0.75) != (step >= 2) || state[step][14] == 0.75 {
			t.Errorf("step %d: synapse 1:3 is %v", step, state[step][13])
		}
	}
	held, err := Run(t.Context(), p, 10, 1, Perturbation{Kind: Clamp, When: "stimulus", Until: "delay",
		Units: []int{0}})
	lesion, errLesion := Run(t.Context(), p, 10, 1, Perturbation{Kind: Lesion, When: "stimulus", Until: "delay",
		Units: []int{0}})
	if err != nil || errLesion != nil || !reflect.DeepEqual(held, lesion) {
		t.Errorf("a clamp at 0 is %+v, %v, a lesion %+v, %v", held, err, lesion, errLesion)
	}
	for want, c := range map[string]Perturbation{
		`invalid end "delay" of wipe`:  {Kind: Wipe, When: "1", Until: "delay"},
		`invalid end "each" of freeze`: {Kind: Freeze, When: "1", Until: Each},
		`unknown moment "pause"`:       {Kind: Freeze, When: "1", Until: "pause"},
		"invalid value 1 of lesion":    {Kind: Lesion, When: "1", Units: []int{1}, Value: 1},
		"a clamp takes either units":   {Kind: Clamp, When: "1", Value: 1},
		"and a mean only units":        {Kind: Clamp, When: "1", AtMean: true, Synapses: [][2]int{{0, 1}}},
	} {
		if _, err := Run(t.Context(), p, 4, 1, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// What ends before it begins is refused where it does so in every trial, and counted as not applied where in some; of
// each step in turn, those that come before the end are left.
func TestEndBeforeBeginning(t *testing.T) {
	t.Parallel()
	p := policyOf(t, "GoNogo", "mpn", nil)
	for _, c := range []Perturbation{
		{Kind: Noise, When: "delay", Sigma: 100, Until: "delay"}, {Kind: Freeze, When: "delay", Until: "fixation"},
		{Kind: Freeze, When: "3", Until: "0"}, {Kind: Lesion, When: Each, Units: []int{1}, Until: "0"},
	} {
		if r, err := Run(t.Context(), p, 4, 1, c); err == nil || !strings.Contains(err.Error(),
			"does it lie after the beginning") || len(r.Points) != 0 {
			t.Errorf("%+v: %+v, %v", c, r, err)
		}
	}
	each, err := Run(t.Context(), p, 4, 1, Perturbation{Kind: Freeze, When: Each, Until: "3"})
	if err != nil || len(each.Points) != 3 {
		t.Errorf("each step before the third: %+v, %v", each, err)
	}
	varied := policyOf(t, "ContextDecisionMaking", "mpn", nil)
	some, err := Run(t.Context(), varied, 40, 1, Perturbation{Kind: Freeze, When: "16", Until: "decision"})
	if err != nil || some.Points[0].Applied < 1 || some.Points[0].Applied > 39 {
		t.Errorf("a decision that is sometimes later: %+v, %v", some, err)
	}
	swap, err := Run(t.Context(), varied, 40, 1, Perturbation{Kind: Swap, When: "16"})
	lesion, errLesion := Run(t.Context(), varied, 40, 1, Perturbation{Kind: Lesion, When: "16", Units: []int{1}})
	if err != nil || errLesion != nil || swap.Points[0].Applied >= lesion.Points[0].Applied {
		t.Errorf("a swap with a trial that had ended: %+v, %v, a lesion %+v, %v", swap, err, lesion, errLesion)
	}
}
