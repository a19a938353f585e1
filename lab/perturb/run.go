package perturb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"engram/analysis/neural"
	"engram/drqn"
	"engram/tasks"
)

// Score counts the trials of one perturbation that were answered correctly.
type Score struct {
	Trials   int     `json:"trials"`
	Correct  int     `json:"correct"`
	Accuracy float64 `json:"accuracy"`
	Low      float64 `json:"low"` // Wilson's 95 % interval
	High     float64 `json:"high"`
}

// Point is the score of a perturbation at one step.
type Point struct {
	Step int `json:"step"` // of the trial, from 0; of a period: its first step in the first trial
	Score
	// Applied counts the trials in which something was changed: they lasted until the step, an end came after it, and
	// for a swap the next trial lasted until it, too.
	Applied int `json:"applied"`
	// Followed counts, for a swap, the trials whose last action was that of the trial from which the state came.
	Followed *int `json:"followed,omitempty"`
}

// Result is what a perturbation does to an agent.
type Result struct {
	Intact Score   `json:"intact"` // without it, on the same trials
	Points []Point `json:"points"`
}

// mostStates bounds the memory of swapped states, in bytes.
const mostStates = 1 << 33

// Run lets an agent act greedily on the same trials without and with a perturbation.
func Run(ctx context.Context, policy *drqn.Policy, trials int, seed uint64, p Perturbation) (Result, error) {
	if err := policy.CheckTask(); err != nil {
		return Result{}, err
	}
	entries, err := p.check(policy)
	if err != nil {
		return Result{}, err
	}
	if bytes := 4 * float64(trials) * float64(len(entries)); p.Kind == Swap && bytes > mostStates {
		return Result{}, fmt.Errorf("invalid trials %d: their states take %.1f GB, of at most %.1f: use fewer", trials,
			bytes/1e9, mostStates/1e9)
	}
	if p.Kind == Swap && trials == 1 {
		return Result{}, errors.New("invalid trials 1 of a swap: use 2 or more, because each trial gets the memory " +
			"of the next")
	}
	intact := &perturbed{}
	if err := intact.act(ctx, policy, trials, seed); err != nil {
		return Result{}, err
	}
	moments, err := parse(p.When, intact.periods, intact.longest)
	if err != nil {
		return Result{}, err
	}
	end, err := parseEnd(p.Until, intact.periods, intact.longest)
	if err != nil {
		return Result{}, err
	}
	result := Result{Intact: scoreOf(intact.correct, trials)}
	for _, m := range moments {
		m.end = end
		point, err := p.at(ctx, policy, trials, seed, m, entries, intact)
		if err != nil {
			return Result{}, err
		}
		if point.Applied > 0 || end == nil {
			result.Points = append(result.Points, point)
		}
	}
	if len(result.Points) == 0 {
		return Result{}, fmt.Errorf("invalid end %q of %s: in no trial does it lie after the beginning, %q: use a "+
			"later one", p.Until, p.Kind, p.When)
	}
	return result, nil
}

// at returns the score of the perturbation at a moment.
func (p Perturbation) at(ctx context.Context, policy *drqn.Policy, trials int, seed uint64, m moment, entries []int,
	intact *perturbed) (Point, error) {
	run := &perturbed{Perturbation: p, moment: m, entries: entries, rng: rand.New(rand.NewPCG(seed, 2)),
		carried: carried(policy.Config(), p), held: intact.levels(p)}
	if p.Kind == Swap {
		var err error
		if run.donors, err = donors(ctx, policy, trials, seed, m, entries); err != nil {
			return Point{}, err
		}
	}
	if err := run.act(ctx, policy, trials, seed); err != nil {
		return Point{}, err
	}
	point := Point{Step: m.step, Score: scoreOf(run.correct, trials), Applied: run.applied}
	if p.Kind == Swap {
		followed := 0
		for n, action := range run.last {
			if action == intact.last[(n+1)%trials] {
				followed++
			}
		}
		point.Followed = &followed
	}
	return point, nil
}

// donors returns the entries of the state at a moment of the trial that follows each; nil if it ended before. The
// first follows the last.
func donors(ctx context.Context, policy *drqn.Policy, trials int, seed uint64, m moment, entries []int) (
	[][]float32, error) {
	of := &perturbed{moment: m, entries: entries, keep: true}
	if err := of.act(ctx, policy, trials, seed); err != nil {
		return nil, err
	}
	return append(of.kept[1:], of.kept[0]), nil
}

func scoreOf(correct, trials int) Score {
	low, high := neural.Wilson(correct, trials)
	return Score{trials, correct, float64(correct) / float64(trials), low, high}
}

// perturbed acts with a perturbation, and counts. Without a kind it changes nothing.
type perturbed struct {
	Perturbation
	moment  moment
	entries []int
	carried []int     // place of each unit in the state of a cell that carries h
	held    []float32 // value at which each unit is held, or each synapse
	rng     *rand.Rand
	donors  [][]float32 // states that a swap puts in, by trial; nil where the trial has ended before
	keep    bool        // keep the state at the moment

	from, to, trial, longest, applied, correct int
	sums                                       []float64 // of h over all steps, by unit
	steps                                      float64
	kept                                       [][]float32
	before                                     []float32
	last                                       []int // action of each trial
	periods                                    []tasks.Period
}

func (r *perturbed) act(ctx context.Context, policy *drqn.Policy, trials int, seed uint64) error {
	return policy.Act(ctx, trials, seed, drqn.Hooks{Begin: r.begin, Before: r.read, Cell: r.write, Each: r.end})
}

func (r *perturbed) begin(_ tasks.Task, trial *tasks.Trial) {
	if r.periods == nil {
		r.periods = slices.Clone(trial.Periods)
	}
	r.from, r.to = r.moment.at(trial), trial.Steps()
	if r.moment.end != nil {
		r.to = r.moment.end.at(trial)
	}
	r.kept = append(r.kept, nil)
}

// read changes the state before an observation is read.
func (r *perturbed) read(step int, state []float32) {
	if step == r.from && r.keep {
		r.kept[r.trial] = r.chosen(state)
	}
	if step == r.from && r.on(step) && (r.Kind != Swap || r.donors[r.trial] != nil) {
		r.applied++
	}
	switch {
	case r.Kind == Wipe && step == r.from:
		for _, i := range r.entries {
			state[i] = 0
		}
	case r.Kind == Swap && step == r.from && r.donors[r.trial] != nil:
		for k, i := range r.entries {
			state[i] = r.donors[r.trial][k]
		}
	case r.Kind == Noise && r.on(step):
		for _, i := range r.entries {
			state[i] += float32(r.Sigma * r.rng.NormFloat64())
		}
	case r.Kind == Freeze && r.on(step):
		r.before = append(r.before[:0], state...)
	}
}

// on reports whether a perturbation that lasts acts at a step.
func (r *perturbed) on(step int) bool { return r.from <= step && step < r.to }

func (r *perturbed) chosen(state []float32) []float32 {
	chosen := make([]float32, len(r.entries))
	for k, i := range r.entries {
		chosen[k] = state[i]
	}
	return chosen
}

// write changes what the cell's step wrote.
func (r *perturbed) write(step int, hidden, state []float32) {
	switch {
	case r.Kind == Freeze && r.on(step):
		for _, i := range r.entries {
			state[i] = r.before[i]
		}
	case r.Kind == Clamp && len(r.Synapses) > 0 && r.on(step):
		for _, i := range r.entries {
			state[i] = float32(r.Value)
		}
	case (r.Kind == Lesion || r.Kind == Clamp) && r.on(step):
		for k, unit := range r.Units {
			hidden[unit] = r.held[k]
			if r.carried != nil {
				state[r.carried[k]] = r.held[k]
			}
		}
	}
}

// levels returns the value at which a lesion or a clamp holds each of its units: 0, the clamp's value, or the mean over
// the intact agent's steps.
func (r *perturbed) levels(p Perturbation) []float32 {
	held := make([]float32, len(p.Units))
	for k, unit := range p.Units {
		held[k] = float32(p.Value)
		if p.AtMean {
			held[k] = float32(r.sums[unit] / r.steps)
		}
	}
	return held
}

func (r *perturbed) end(m drqn.Moment) {
	r.longest = max(r.longest, m.At+1)
	if r.sums == nil {
		r.sums = make([]float64, len(m.Hidden))
	}
	for i, h := range m.Hidden {
		r.sums[i] += float64(h)
	}
	r.steps++
	if !m.Step.Info.TrialEnd {
		return
	}
	r.trial++
	r.last = append(r.last, m.Action)
	if m.Step.Info.Correct {
		r.correct++
	}
}

// carried returns the place of each held unit in the state of a cell that carries h from step to step, nil for others:
// of the last layer, whose h is read. Row i of M is read by unit i alone, so that an MPN's state needs no change.
func carried(c drqn.Config, p Perturbation) (places []int) {
	parts := map[string]int{"rnn": 1, "gru": 1, "lstm": 2}[c.Cell]
	if p.Kind != Lesion && p.Kind != Clamp || parts == 0 {
		return nil
	}
	for _, unit := range p.Units {
		places = append(places, (c.Layers-1)*parts*c.Hidden+unit)
	}
	return places
}
