// Package report analyses what a trained agent's activity and memory hold, and writes it as a page.
package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"engram/analysis/neural"
	"engram/drqn"
	"engram/internal/numbers"
	"engram/lab/perturb"
	"engram/lab/record"
)

// Options are what to analyse.
type Options struct {
	Trials    int
	Seed      uint64
	Condition string // that is decoded at all pairs of steps; empty: ground_truth, or the first that varies
	Run       string
	Update    int64
}

// Analysis is what an agent's activity h and its state (M of an MPN) hold over trials.
type Analysis struct {
	Run       string     `json:"run"`
	Update    int64      `json:"update"`
	Task      string     `json:"task"`
	Cell      string     `json:"cell"`
	Condition string     `json:"condition"`
	Trials    int        `json:"trials"`  // recorded
	Aligned   int        `json:"aligned"` // trials that last as long as Steps
	Steps     int        `json:"steps"`   // from the beginning of a trial, that are decoded: four in five trials have them
	H         Dimensions `json:"h"`
	State     Dimensions `json:"state"`
	// Decoding is of the condition from h, and StateDecoding from the state's first 40 principal components.
	Decoding      Decoding            `json:"decoding"`
	StateDecoding *Decoding           `json:"state_decoding,omitempty"`
	BothDecoding  *Decoding           `json:"both_decoding,omitempty"` // from both side by side; accuracy [1][step]
	Others        map[string]Decoding `json:"others"`                  // other conditions from h; accuracy at the same step only
	LeftOut       map[string]string   `json:"left_out,omitempty"`      // other conditions that cannot be decoded, and why
	// Asked is the share of trials in which the agent would answer rightly if it were asked after each step.
	Asked       []float64            `json:"asked,omitempty"`
	Norms       map[string][]float64 `json:"norms"`             // root mean square of h and of the state after each step
	Session     *Session             `json:"session,omitempty"` // of an agent that carries its state over trials
	Tuning      []Tuning             `json:"tuning"`
	Selectivity Selectivity          `json:"selectivity"`
	Rest        []Rest               `json:"rest"`
	NoRest      string               `json:"no_rest,omitempty"` // why there are no fixed points
	Wipe        *perturb.Result      `json:"wipe,omitempty"`    // of the state, at each step
	Lesions     []perturb.Result     `json:"lesions"`           // of each unit, from the first step on
	Labels      []string             `json:"labels"`

	paths   [][][2]float64 // mean of h along its first two components, by label, [C][Steps]
	periods []period
}

// Dimensions tells how many directions the variance of h, or of the state, fills.
type Dimensions struct {
	Size          int       `json:"size"`
	Participation float64   `json:"participation_ratio"`
	Variances     []float64 `json:"variances"`          // of the principal components, falling
	Explained     []float64 `json:"explained"`          // shares of the total
	Rank          float64   `json:"rank,omitempty"`     // of M, mean over states
	Sparsity      float64   `json:"sparsity,omitempty"` // of M (Hoyer), mean over states
}

// Decoding is how often a readout finds a condition after each step.
type Decoding struct {
	Accuracy [][]float64 `json:"accuracy"` // [fitted after step][tested after step]; of Others [1][step]
	Chance   []float64   `json:"chance"`
	Low      []float64   `json:"low"`
	High     []float64   `json:"high"`
}

// at returns the accuracy at each step of readouts fitted at that step.
func (d Decoding) at() (accuracy []float64) {
	if len(d.Accuracy) == 1 {
		return d.Accuracy[0]
	}
	for step := range d.Accuracy {
		accuracy = append(accuracy, d.Accuracy[step][step])
	}
	return accuracy
}

// Tuning is how well one unit tells the trials of the first label from others after the last decoded step.
type Tuning struct {
	Unit int     `json:"unit"`
	Area float64 `json:"area"` // under the ROC
	Low  float64 `json:"low"`  // 95 % of the areas with shuffled labels
	High float64 `json:"high"`
}

// period is a named stretch of steps.
type period struct {
	name       string
	start, end int
}

// Analyse lets an agent act, records it in a temporary file, and analyses the recording.
func Analyse(ctx context.Context, p *drqn.Policy, o Options) (*Analysis, error) {
	r, err := recorded(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return Of(ctx, p, r, o)
}

// mostSampled bounds the states of which principal components are computed, fewSampled that of states of more numbers
// than mostSampled, and components the components that are decoded.
const mostSampled, fewSampled, components = 1500, 500, 40

// Of analyses a recording of an agent, with the whole state.
func Of(ctx context.Context, p *drqn.Policy, r *record.Recording, o Options) (*Analysis, error) {
	a := &Analysis{Run: o.Run, Update: o.Update, Task: r.Task, Cell: r.Cell, Trials: r.Trials,
		Others: map[string]Decoding{}, LeftOut: map[string]string{}, Norms: map[string][]float64{}}
	rng := rand.New(rand.NewPCG(o.Seed, 3))
	trials, steps := aligned(r)
	labels, err := a.choose(r, o.Condition, trials)
	if err != nil {
		return nil, err
	}
	a.Aligned, a.Steps, a.periods = len(trials), steps, periodsOf(r, trials[0])
	hidden := r.Hidden()
	h := view{r.H, hidden, r, trials}
	if a.H, _, err = dimensions(r.H, hidden); err != nil {
		return nil, fmt.Errorf("the activity h: %w", err)
	}
	if err := a.trajectories(h, labels); err != nil {
		return nil, err
	}
	if err := a.decode(r, h, labels, rng); err != nil {
		return nil, err
	}
	a.Norms["h"], a.Session = h.norms(steps), sessionOf(r)
	if err := a.selective(r, labels); err != nil {
		return nil, err
	}
	if err := a.tune(h, labels, rng); err != nil {
		return nil, err
	}
	if size := len(r.State) / max(1, len(r.StateStep)); size > 0 && len(r.StateStep) == r.Steps {
		if err := a.memory(p, h, view{r.State, size, r, trials}, labels, rng); err != nil {
			return nil, err
		}
	}
	a.rest(p, r, h)
	return a, a.perturb(ctx, p, o)
}

// choose sets the condition, and returns the label of each trial: the named one, or the first that can be decoded over
// the trials that are compared; with nil for these trials, the first that varies.
func (a *Analysis) choose(r *record.Recording, condition string, compared []int) (labels []int, err error) {
	names := []string{condition}
	if condition == "" {
		names = append([]string{"ground_truth"}, r.Conditions()...)
	}
	var rare error // of the first condition that varies
	for _, a.Condition = range names {
		if labels, a.Labels, err = r.Labels(a.Condition); err != nil {
			continue
		}
		if compared == nil {
			return labels, nil
		}
		if err = decodable(a.Condition, a.Labels, of(compared, labels)); err == nil {
			return labels, nil
		}
		rare = cmp.Or(rare, err)
	}
	if condition == "" {
		err = cmp.Or(rare, fmt.Errorf("no condition of %s varies over these %d trials: record more, or use other "+
			"task options", r.Task, r.Trials))
	}
	return nil, err
}

// decodable returns an error unless each value of a condition has as many trials as there are folds. labels are those
// of the trials that are compared.
func decodable(condition string, names []string, labels []int) error {
	counts := make([]int, len(names))
	for _, label := range labels {
		counts[label]++
	}
	rarest := slices.Index(counts, slices.Min(counts))
	if folds := neural.DefaultDecoder.Folds; counts[rarest] < folds {
		return fmt.Errorf("condition %s is %s in %d of the %d trials that are compared, and %d are needed: use more "+
			"trials, or a condition of fewer values", condition, names[rarest], counts[rarest], len(labels), folds)
	}
	return nil
}

// aligned returns the trials that last as long as four in five do, and that many steps.
func aligned(r *record.Recording) (trials []int, steps int) {
	lengths := make([]int, r.Trials)
	for n := range lengths {
		lengths[n] = r.Offsets[n+1] - r.Offsets[n]
	}
	sorted := slices.Sorted(slices.Values(lengths))
	steps = sorted[len(sorted)/5]
	for n, length := range lengths {
		if length >= steps {
			trials = append(trials, n)
		}
	}
	return trials, steps
}

// periodsOf returns the periods of a trial.
func periodsOf(r *record.Recording, trial int) (list []period) {
	for at := r.Offsets[trial]; at < r.Offsets[trial+1]; at++ {
		step, number := at-r.Offsets[trial], r.Period[at]
		if number < 0 {
			continue
		}
		name := r.Periods[number]
		if len(list) > 0 && list[len(list)-1].name == name {
			list[len(list)-1].end = step + 1
		} else {
			list = append(list, period{name, step, step + 1})
		}
	}
	return list
}

// view is an array of a recording with a row for each step, [T, size], and the trials that are aligned.
type view struct {
	values []float32
	size   int
	r      *record.Recording
	trials []int
}

// row returns the values of a trial's step in double precision.
func (v view) row(trial, step int) []float64 {
	at := (v.r.Offsets[trial] + step) * v.size
	return wide(v.values[at : at+v.size])
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}

// at returns the values of the aligned trials at a step, [n, size].
func (v view) at(step int) *mat.Dense {
	m := mat.NewDense(len(v.trials), v.size, nil)
	for i, trial := range v.trials {
		m.SetRow(i, v.row(trial, step))
	}
	return m
}

// norms returns the root mean square after each step, mean over trials.
func (v view) norms(steps int) []float64 {
	means := make([]float64, steps)
	for step := range means {
		for _, trial := range v.trials {
			means[step] += neural.RootMeanSquare(v.row(trial, step)) / float64(len(v.trials))
		}
	}
	return means
}

// dimensions returns the principal components of a sample of the rows.
func dimensions(values []float32, size int) (Dimensions, neural.Principal, error) {
	p, err := neural.PCA(sampleOf(values, size), 0)
	if err != nil {
		return Dimensions{}, p, err
	}
	return Dimensions{Size: size, Participation: neural.ParticipationRatio(p.Variances), Variances: p.Variances,
		Explained: p.Explained()}, p, nil
}

// sampleOf returns some rows of values, evenly chosen: at most mostSampled, or fewSampled long ones.
func sampleOf(values []float32, size int) *mat.Dense {
	most := mostSampled
	if size > mostSampled {
		most = fewSampled
	}
	rows := len(values) / size
	every := (rows + most - 1) / most
	var sample []float64
	for at := 0; at < rows; at += every {
		sample = append(sample, wide(values[at*size:][:size])...)
	}
	return mat.NewDense(len(sample)/size, size, sample)
}

// trajectories computes the mean path of each label along the first two components of h.
func (a *Analysis) trajectories(h view, labels []int) error {
	_, basis, err := dimensions(h.values, h.size)
	if err != nil {
		return err
	}
	a.paths = make([][][2]float64, len(a.Labels))
	counts := make([]float64, len(a.Labels))
	for _, trial := range h.trials {
		counts[labels[trial]]++
	}
	for label := range a.paths {
		a.paths[label] = make([][2]float64, a.Steps)
	}
	for step := range a.Steps {
		along := basis.ProjectAll(h.at(step))
		for i, trial := range h.trials {
			for k := range min(2, len(basis.Variances)) {
				a.paths[labels[trial]][step][k] += along.At(i, k) / counts[labels[trial]]
			}
		}
	}
	return nil
}

// decode decodes the condition from h at all pairs of steps, and the other conditions at each step.
func (a *Analysis) decode(r *record.Recording, h view, labels []int, rng *rand.Rand) (err error) {
	x := make([]*mat.Dense, a.Steps)
	for step := range x {
		x[step] = h.at(step)
	}
	if a.Decoding, err = decoded(x, of(h.trials, labels), rng); err != nil {
		return fmt.Errorf("condition %s: %w", a.Condition, err)
	}
	for _, name := range r.Conditions() {
		if name == a.Condition || strings.HasPrefix(name, "durations") {
			continue
		}
		other, names, err := r.Labels(name)
		if err == nil {
			err = decodable(name, names, of(h.trials, other))
		}
		if err != nil {
			a.LeftOut[name] = err.Error()
			continue
		}
		d, err := decoded(x, of(h.trials, other), rng)
		if err != nil {
			return fmt.Errorf("condition %s: %w", name, err)
		}
		d.Accuracy = [][]float64{d.at()}
		a.Others[name] = d
	}
	return nil
}

// of returns the labels of some trials.
func of(trials, labels []int) []int {
	chosen := make([]int, len(trials))
	for i, trial := range trials {
		chosen[i] = labels[trial]
	}
	return chosen
}

func decoded(x []*mat.Dense, labels []int, rng *rand.Rand) (Decoding, error) {
	d, err := neural.CrossTemporal(x, labels, neural.DefaultDecoder, rng)
	return Decoding(d), err
}

// tune computes the area under the ROC of each unit at the last decoded step.
func (a *Analysis) tune(h view, labels []int, rng *rand.Rand) error {
	x, has := h.at(a.Steps-1), make([]bool, len(h.trials))
	for i, trial := range h.trials {
		has[i] = labels[trial] == 0
	}
	for unit := range h.size {
		values := mat.Col(nil, unit, x)
		area, err := neural.ROC(values, has)
		low, high, errChance := neural.ROCChance(values, has, 100, rng)
		if err = errors.Join(err, errChance); err != nil {
			return err
		}
		a.Tuning = append(a.Tuning, Tuning{unit, area, low, high})
	}
	return nil
}

// memory analyses the state: its dimensions, what is decoded from it, and what the agent would answer.
func (a *Analysis) memory(p *drqn.Policy, h, s view, labels []int, rng *rand.Rand) error {
	var basis neural.Principal
	var err error
	if a.State, basis, err = dimensions(s.values, s.size); err != nil {
		return fmt.Errorf("the state: %w", err)
	}
	few := first40(basis)
	x := make([]*mat.Dense, a.Steps)
	for step := range x {
		x[step] = few.ProjectAll(s.at(step))
	}
	d, err := decoded(x, of(s.trials, labels), rng)
	if err != nil {
		return err
	}
	a.StateDecoding, a.Norms["state"] = &d, s.norms(a.Steps)
	if err := a.decodeBoth(h, x, labels, rng); err != nil {
		return err
	}
	if shape := p.StateShape(); len(shape) == 2 {
		if err := a.patterns(s, shape); err != nil {
			return err
		}
	}
	a.ask(p, s)
	return nil
}

// patterns computes the mean rank and sparsity of M over some trials' last decoded steps.
func (a *Analysis) patterns(s view, shape []int) error {
	trials := s.trials[:min(50, len(s.trials))]
	for _, trial := range trials {
		row := s.row(trial, a.Steps-1)
		rank, err := neural.Rank(mat.NewDense(shape[0], shape[1], row))
		if err != nil {
			return err
		}
		a.State.Rank += float64(rank) / float64(len(trials))
		a.State.Sparsity += neural.Sparsity(row) / float64(len(trials))
	}
	if a.State.Sparsity != a.State.Sparsity { // M of zeros
		a.State.Sparsity = 0
	}
	return nil
}

// ask shows the agent, after each step of some trials, what it sees at their last step, and counts right answers. What
// is right is the ground truth of the last step.
func (a *Analysis) ask(p *drqn.Policy, s view) {
	r, trials := s.r, s.trials[:min(200, len(s.trials))]
	a.Asked = make([]float64, a.Steps)
	size := len(r.Observations)
	for _, trial := range trials {
		last := r.Offsets[trial+1] - 1
		question := r.Observation[last*size:][:size]
		for step := range a.Asked {
			state := s.values[(r.Offsets[trial]+step)*s.size:][:s.size]
			if numbers.Argmax(p.Ask(question, state)) == int(r.GroundTruth[last]) {
				a.Asked[step]++
			}
		}
	}
	for step := range a.Asked { // a sum of shares would exceed 1
		a.Asked[step] /= float64(len(trials))
	}
}

// trialsOfLesions bounds the work of perturbations: each step and each unit is one.
const trialsOfLesions = 100

// perturb wipes the state at each step, and silences each unit.
func (a *Analysis) perturb(ctx context.Context, p *drqn.Policy, o Options) error {
	trials := min(o.Trials, trialsOfLesions)
	if len(p.StateShape()) > 0 {
		wipe, err := perturb.Run(ctx, p, trials, o.Seed, perturb.Perturbation{Kind: perturb.Wipe, When: perturb.Each})
		if err != nil {
			return err
		}
		a.Wipe = &wipe
	}
	for unit := range p.Hidden() {
		lesion, err := perturb.Run(ctx, p, trials, o.Seed, perturb.Perturbation{Kind: perturb.Lesion, When: "0",
			Units: []int{unit}})
		if err != nil {
			return err
		}
		a.Lesions = append(a.Lesions, lesion)
	}
	return nil
}
