package report

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/gonum/mat"

	"engram/analysis/neural"
	"engram/drqn"
	"engram/lab/perturb"
	"engram/lab/record"
)

// Question names what an agent has to keep in mind in a task, and when.
type Question struct {
	Condition string `json:"condition"` // known when Period begins
	Cue       string `json:"cue"`       // the period that shows it
	Period    string `json:"period"`    // after it, in which it must be kept
}

// questions of the tasks. In PerceptualDecisionMaking, whose delay has no step by default, and in Integration, it is
// what was summed up that must be kept until the question; in the interval tasks, how long the first stimulus lasted.
var questions = map[string]Question{
	"GoNogo":                   {"ground_truth", "stimulus", "delay"},
	"DelayMatchSample":         {"sample_theta", "sample", "delay"},
	"DelayComparison":          {"vpair.0", "stimulus1", "delay"},
	"ContextDecisionMaking":    {"ground_truth", "stimulus", "delay"},
	"IntervalDiscrimination":   {"durations.1", "stim1", "delay1"},
	"ReadySetGo":               {"durations.2", "ready", "set"},
	"TemporalOrder":            {"ground_truth", "stimuli", "blank"},
	"PerceptualDecisionMaking": {"ground_truth", "stimulus", "decision"},
	"MemoryLength":             {"ground_truth", "context", "delay"},
	"Integration":              {"ground_truth", "evidence", "go"},
}

// QuestionOf returns the question of a task. A task without one is an error.
func QuestionOf(task string) (Question, error) {
	q, known := questions[task]
	if !known {
		return q, fmt.Errorf("task %s has no known period in which something must be kept in mind: 'engram analyse "+
			"RUN --condition NAME' analyses its runs one by one", task)
	}
	return q, nil
}

// Held is what an agent keeps in mind, and where.
type Held struct {
	Question Question `json:"question"`
	Trials   int      `json:"trials"`
	// H and State are participation ratios of h, and of M or another cell's state.
	H     float64  `json:"h_participation_ratio"`
	State *float64 `json:"state_participation_ratio,omitempty"`
	// The condition decoded after the first and the last step of the period, each trial's own: from h, from the state's
	// first 40 principal components, and from both. Untrained is that from the state before training, at the end.
	FromH     *AtEnds `json:"from_h"`
	FromState *AtEnds `json:"from_state,omitempty"`
	FromBoth  *AtEnds `json:"from_both,omitempty"`
	Untrained *AtEnds `json:"from_state_untrained,omitempty"`
	Rest      *Rest   `json:"rest,omitempty"` // under the mean observation of the period
	// The state set to 0 when the cue begins, and when the period begins.
	Intact   perturb.Score  `json:"intact"`
	WipedCue *perturb.Score `json:"wiped_before_cue,omitempty"`
	Wiped    *perturb.Score `json:"wiped_in_period,omitempty"`
	// Evidence has what only tasks with evidence and a readout have.
	Evidence *Evidence `json:"evidence,omitempty"`
}

// AtEnds is a decoding after the first and after the last step of a period.
type AtEnds struct {
	First float64 `json:"first"`
	Last  float64 `json:"last"`
	// Chance is the mean with shuffled labels after the last step, Low and High 95 % of them.
	Chance float64 `json:"chance"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Evidence relates h to evidence that is summed up, as eLife 83035 does.
type Evidence struct {
	// Shares of the variance of h, over the steps that show evidence, that are linear in its running sum, and in the
	// present observation.
	Sum   float64 `json:"r2_of_h_on_evidence"`
	Input float64 `json:"r2_of_h_on_input"`
	// Decoded is the reverse: the share of the sum's variance that is linear in h.
	Decoded float64 `json:"r2_of_evidence_from_h"`
	// Mean |cos| of h and the readout's vectors, over steps that show evidence and at the question; nil if values are
	// not linear in h.
	AlignedBefore *float64 `json:"alignment_before,omitempty"`
	AlignedAsked  *float64 `json:"alignment_asked,omitempty"`
	// Novel is how often it is decoded from the state after the last input whether a trial showed an input that
	// training never did; nil if the task has none.
	Novel *AtEnds `json:"novel,omitempty"`
}

// Hold lets an agent act for some trials and computes what it keeps in mind. other returns the agent with task options
// over its own.
func Hold(ctx context.Context, p *drqn.Policy, other func(json.RawMessage) (*drqn.Policy, error), o Options) (*Held,
	error) {
	if err := p.CheckTask(); err != nil {
		return nil, err
	}
	q, err := QuestionOf(p.Config().Task)
	if err != nil {
		return nil, err
	}
	r, err := recorded(ctx, p, o)
	if err != nil {
		return nil, err
	}
	held, rng := &Held{Question: q, Trials: o.Trials}, rand.New(rand.NewPCG(o.Seed, 4))
	if held.H, err = neural.Participation(sampleOf(r.H, r.Hidden())); err != nil {
		return nil, fmt.Errorf("the activity h: %w", err)
	}
	if err := held.decode(r, rng); err != nil {
		return nil, err
	}
	if len(p.StateShape()) > 0 {
		if err := held.stateful(ctx, p, r, o, rng); err != nil {
			return nil, err
		}
	}
	if number := slices.Index(r.Periods, q.Period); number >= 0 {
		observation, ends := seen(r, number)
		if rest, err := restOf(p, observation, ends); err == nil { // else the cell's fixed points are not known
			rest.Period = q.Period
			held.Rest = &rest
		}
	}
	if r.Evidence != nil {
		held.Evidence, err = evidence(ctx, p, r, other, o, rng)
	}
	return held, err
}

// recorded returns a recording of the agent with its whole state.
func recorded(ctx context.Context, p *drqn.Policy, o Options) (*record.Recording, error) {
	if err := p.CheckTask(); err != nil {
		return nil, err
	}
	whole := record.Options{Trials: o.Trials, Seed: o.Seed, State: record.State{Kind: record.All}}
	if err := record.Fits(p, whole); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "engram-analyse-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "recording.npz")
	if _, err := record.Write(ctx, p, path, whole); err != nil {
		return nil, err
	}
	return record.Read(path)
}

// decode decodes the condition from h, and from the state if there is one.
func (held *Held) decode(r *record.Recording, rng *rand.Rand) error {
	labels, names, err := r.Labels(held.Question.Condition)
	if err != nil {
		return err
	}
	first, last, labels := endsOf(r, held.Question.Period, labels)
	if len(labels) == 0 {
		return fmt.Errorf("period %s has no step in these %d trials: use other task options", held.Question.Period,
			r.Trials)
	}
	if err := decodable(held.Question.Condition, names, labels); err != nil {
		return err
	}
	h := func(at []int) *mat.Dense { return rowsAt(r.H, r.Hidden(), at) }
	if held.FromH, err = decodedAt(h(first), h(last), labels, rng); err != nil || len(r.State) == 0 {
		return err
	}
	size := len(r.State) / r.Steps
	sample := sampleOf(r.State, size)
	ratio, err := neural.Participation(sample)
	if err != nil {
		return fmt.Errorf("the state: %w", err)
	}
	held.State = &ratio
	few, err := neural.PCA(sample, components)
	if err != nil {
		return fmt.Errorf("the state: %w", err)
	}
	state := func(at []int) *mat.Dense { return few.ProjectAll(rowsAt(r.State, size, at)) }
	if held.FromState, err = decodedAt(state(first), state(last), labels, rng); err != nil {
		return err
	}
	both := make([]*mat.Dense, 2)
	for i, at := range [][]int{first, last} {
		if both[i], err = neural.Beside(h(at), state(at)); err != nil {
			return err
		}
	}
	held.FromBoth, err = decodedAt(both[0], both[1], labels, rng)
	return err
}

// stateful computes what only cells with a state have: the state's decoding before training, and wipes.
func (held *Held) stateful(ctx context.Context, p *drqn.Policy, r *record.Recording, o Options, rng *rand.Rand) error {
	before, err := recorded(ctx, p.Untrained(), o)
	if err != nil {
		return err
	}
	untrained := &Held{Question: held.Question}
	if err := untrained.decode(before, rng); err != nil {
		return fmt.Errorf("before training: %w", err)
	}
	held.Untrained = untrained.FromState
	for when, into := range map[string]**perturb.Score{held.Question.Cue: &held.WipedCue,
		held.Question.Period: &held.Wiped} {
		result, err := perturb.Run(ctx, p, r.Trials, o.Seed, perturb.Perturbation{Kind: perturb.Wipe, When: when})
		if err != nil {
			return err
		}
		held.Intact, *into = result.Intact, &result.Points[0].Score
	}
	return nil
}

// endsOf returns the numbers of the first and of the last step of a period in the trials that have one, and the labels
// of these trials.
func endsOf(r *record.Recording, period string, labels []int) (first, last, of []int) {
	number := slices.Index(r.Periods, period)
	for trial := range r.Trials {
		from := -1
		for at := r.Offsets[trial]; at < r.Offsets[trial+1]; at++ {
			if number < 0 || int(r.Period[at]) != number {
				continue
			}
			if from < 0 {
				from = at
				first, last, of = append(first, at), append(last, at), append(of, labels[trial])
			}
			last[len(last)-1] = at
		}
	}
	return first, last, of
}

// rowsAt returns the rows of some steps of an array of a recording, [len(at), size].
func rowsAt(values []float32, size int, at []int) *mat.Dense {
	m := mat.NewDense(len(at), size, nil)
	for i, step := range at {
		m.SetRow(i, wide(values[step*size:][:size]))
	}
	return m
}

// first40 returns the first principal components, which are decoded.
func first40(p neural.Principal) neural.Principal {
	_, size := p.Components.Dims()
	p.Variances = p.Variances[:min(components, len(p.Variances))]
	p.Components = p.Components.Slice(0, len(p.Variances), 0, size).(*mat.Dense)
	return p
}

func decodedAt(first, last *mat.Dense, labels []int, rng *rand.Rand) (*AtEnds, error) {
	d, err := neural.CrossTemporal([]*mat.Dense{first, last}, labels, neural.DefaultDecoder, rng)
	if err != nil {
		return nil, err
	}
	return &AtEnds{d.Accuracy[0][0], d.Accuracy[1][1], d.Chance[1], d.Low[1], d.High[1]}, nil
}

// evidence relates h to the evidence of a recording.
func evidence(ctx context.Context, p *drqn.Policy, r *record.Recording, other func(json.RawMessage) (*drqn.Policy,
	error), o Options, rng *rand.Rand) (*Evidence, error) {
	q, err := QuestionOf(r.Task)
	if err != nil {
		return nil, err
	}
	var at, asked []int
	cue, period := slices.Index(r.Periods, q.Cue), slices.Index(r.Periods, q.Period)
	for step, number := range r.Period {
		switch int(number) {
		case cue:
			at = append(at, step)
		case period:
			asked = append(asked, step)
		}
	}
	h, input := rowsAt(r.H, r.Hidden(), at), rowsAt(r.Observation, len(r.Observations), at)
	sum := rowsAt(r.Evidence, 1, at)
	e := &Evidence{}
	if e.Sum, err = neural.Explained(sum, h); err != nil {
		return nil, fmt.Errorf("h on evidence: %w", err)
	}
	if e.Input, err = neural.Explained(input, h); err != nil {
		return nil, err
	}
	if e.Decoded, err = neural.Explained(h, sum); err != nil {
		return nil, err
	}
	if p.Config().Readout == 0 {
		readout := mat.NewDense(len(r.Actions), r.Hidden(), parameters(p)["Wq"])
		if e.AlignedBefore, err = alignments(h, readout); err != nil {
			return nil, err
		}
		if e.AlignedAsked, err = alignments(rowsAt(r.H, r.Hidden(), asked), readout); err != nil {
			return nil, err
		}
	}
	if r.Task == "Integration" && len(r.State) > 0 {
		e.Novel, err = novel(ctx, other, o, rng)
	}
	return e, err
}

// alignments returns the mean alignment of the rows of h with a readout.
func alignments(h, readout *mat.Dense) (*float64, error) {
	mean := 0.0
	n, _ := h.Dims()
	for i := range n {
		a, err := neural.Alignment(h.RawRowView(i), readout)
		if err != nil {
			return nil, err
		}
		mean += a / float64(n)
	}
	return &mean, nil
}

// novel decodes from the state after the last input whether a trial showed an input that training never did.
func novel(ctx context.Context, other func(json.RawMessage) (*drqn.Policy, error), o Options, rng *rand.Rand) (*AtEnds,
	error) {
	p, err := other(json.RawMessage(`{"novel":true}`))
	if err != nil {
		return nil, err
	}
	r, err := recorded(ctx, p, o)
	if err != nil {
		return nil, err
	}
	held := &Held{Question: Question{"novel", "evidence", "evidence"}}
	if err := held.decode(r, rng); err != nil {
		return nil, err
	}
	return held.FromState, nil
}
