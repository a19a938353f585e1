package perturb

import (
	"context"
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
	// Applied counts the trials that lasted until the step.
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
	entries, err := p.check(policy)
	if err != nil {
		return Result{}, err
	}
	if bytes := 4 * float64(trials) * float64(len(entries)); p.Kind == Swap && bytes > mostStates {
		return Result{}, fmt.Errorf("invalid trials %d: their states take %.1f GB, of at most %.1f: use fewer", trials,
			bytes/1e9, mostStates/1e9)
	}
	intact := &perturbed{}
	if err := intact.act(ctx, policy, trials, seed); err != nil {
		return Result{}, err
	}
	moments, err := parse(p.When, intact.periods, intact.longest)
	if err != nil {
		return Result{}, err
	}
	result := Result{Intact: scoreOf(intact.correct, trials)}
	for _, m := range moments {
		point, err := p.at(ctx, policy, trials, seed, m, entries, intact)
		if err != nil {
			return Result{}, err
		}
		result.Points = append(result.Points, point)
	}
	return result, nil
}

// at returns the score of the perturbation at a moment.
func (p Perturbation) at(ctx context.Context, policy *drqn.Policy, trials int, seed uint64, m moment, entries []int,
	intact *perturbed) (Point, error) {
	run := &perturbed{Perturbation: p, moment: m, entries: entries, rng: rand.New(rand.NewPCG(seed, 2)),
		lesioned: lesioned(policy.Config(), p)}
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
	moment   moment
	entries  []int
	lesioned []int // places of h in the state of a cell that carries h
	rng      *rand.Rand
	donors   [][]float32 // states that a swap puts in, by trial; nil where the trial has ended before
	keep     bool        // keep the state at the moment

	from, trial, longest, applied, correct int
	kept                                   [][]float32
	before                                 []float32
	last                                   []int // action of each trial
	periods                                []tasks.Period
}

func (r *perturbed) act(ctx context.Context, policy *drqn.Policy, trials int, seed uint64) error {
	return policy.Act(ctx, trials, seed, drqn.Hooks{Begin: r.begin, Before: r.read, Cell: r.write, Each: r.end})
}

func (r *perturbed) begin(_ tasks.Task, trial *tasks.Trial) {
	if r.periods == nil {
		r.periods = slices.Clone(trial.Periods)
	}
	r.from = r.moment.at(trial)
	r.kept = append(r.kept, nil)
}

// read changes the state before an observation is read.
func (r *perturbed) read(step int, state []float32) {
	if step == r.from {
		r.applied++
		if r.keep {
			r.kept[r.trial] = r.chosen(state)
		}
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
	case r.Kind == Noise && step >= r.from:
		for _, i := range r.entries {
			state[i] += float32(r.Sigma * r.rng.NormFloat64())
		}
	case r.Kind == Freeze && step >= r.from:
		r.before = append(r.before[:0], state...)
	}
}

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
	case r.Kind == Freeze && step >= r.from:
		for _, i := range r.entries {
			state[i] = r.before[i]
		}
	case r.Kind == Lesion && step >= r.from:
		for _, unit := range r.Units {
			hidden[unit] = 0
		}
		for _, i := range r.lesioned {
			state[i] = 0
		}
	}
}

func (r *perturbed) end(m drqn.Moment) {
	r.longest = max(r.longest, m.At+1)
	if !m.Step.Info.TrialEnd {
		return
	}
	r.trial++
	r.last = append(r.last, m.Action)
	if m.Step.Info.Correct {
		r.correct++
	}
}

// lesioned returns the places of silent units in the state of a cell that carries h from step to step: of the last
// layer, whose h is read. Row i of M is read by unit i alone, so that an MPN's state needs no change.
func lesioned(c drqn.Config, p Perturbation) (places []int) {
	parts := map[string]int{"rnn": 1, "gru": 1, "lstm": 2}[c.Cell]
	if p.Kind != Lesion || parts == 0 {
		return nil
	}
	for _, unit := range p.Units {
		places = append(places, (c.Layers-1)*parts*c.Hidden+unit)
	}
	return places
}
