package report

import (
	"context"
	"fmt"
	"path/filepath"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"engram/analysis/neural"
	"engram/drqn"
	"engram/lab"
	"engram/lab/record"
	"engram/plots"
)

// Trained tells in how many dimensions an agent's activity and memory live at one moment of its training, and along
// which paths.
type Trained struct {
	Update   int64    `json:"update"`                              // of the weights
	Accuracy float64  `json:"accuracy"`                            // of greedy trials
	H        float64  `json:"h_participation_ratio"`               // of h over all steps
	State    *float64 `json:"state_participation_ratio,omitempty"` // of M, or another cell's state
	// Paths are the mean paths of h by label, [label][step], along the first two principal components of h at all these
	// moments together; without a condition that varies there are none.
	Paths  [][][2]float64 `json:"trajectories,omitempty"`
	Labels []string       `json:"labels,omitempty"` // the condition and its value, such as "ground_truth 1"

	sample *mat.Dense    // of h, [n, H]
	means  [][][]float64 // of h by label and step, [label][step][H]
}

// OverTraining computes the dimensions of h and of the state and the mean paths of h by condition, before training and
// at each of a run's checkpoints, over the same trials.
func OverTraining(ctx context.Context, r *lab.Run, o Options) ([]Trained, error) {
	updates, err := r.Checkpoints()
	if err != nil {
		return nil, err
	}
	if len(updates) == 0 {
		return nil, fmt.Errorf("run %s has no checkpoint yet: train it with 'engram train'", r.Dir)
	}
	var over []Trained
	for i, update := range updates {
		p, err := r.PolicyOf(update)
		if err != nil {
			return nil, err
		}
		if i == 0 && update > 0 && r.About.Start == nil {
			before, err := trainedAt(ctx, p.Untrained(), 0, o)
			if err != nil {
				return nil, fmt.Errorf("before training: %w", err)
			}
			over = append(over, before)
		}
		at, err := trainedAt(ctx, p, update, o)
		if err != nil {
			return nil, fmt.Errorf("checkpoint %d: %w", update, err)
		}
		over = append(over, at)
	}
	return over, trace(over)
}

// trace computes the paths of all moments in their common basis. Each moment has as many states in it as any other.
func trace(over []Trained) error {
	rows := 0
	for _, at := range over {
		n, _ := at.sample.Dims()
		if rows == 0 || n < rows {
			rows = n
		}
	}
	_, hidden := over[0].sample.Dims()
	all := mat.NewDense(len(over)*rows, hidden, nil)
	for i, at := range over {
		n, _ := at.sample.Dims()
		for row := range rows {
			all.SetRow(i*rows+row, at.sample.RawRowView(row*n/rows))
		}
	}
	basis, err := neural.PCA(all, 2)
	if err != nil {
		return fmt.Errorf("h over training: %w", err)
	}
	for i := range over {
		for _, means := range over[i].means {
			path := make([][2]float64, len(means))
			for step, h := range means {
				copy(path[step][:], basis.Project(h)) // of a mean: the mean of the projections
			}
			over[i].Paths = append(over[i].Paths, path)
		}
	}
	return nil
}

func trainedAt(ctx context.Context, p *drqn.Policy, update int64, o Options) (Trained, error) {
	t := Trained{Update: update}
	r, err := recorded(ctx, p, o)
	if err != nil {
		return t, err
	}
	correct := 0
	for _, is := range r.Correct {
		if is {
			correct++
		}
	}
	t.Accuracy = float64(correct) / float64(r.Trials)
	t.sample = sampleOf(r.H, r.Hidden())
	if t.H, err = neural.Participation(t.sample); err != nil {
		return t, err
	}
	if err := t.follow(r, o.Condition); err != nil || len(r.State) == 0 {
		return t, err
	}
	state, err := neural.Participation(sampleOf(r.State, len(r.State)/r.Steps))
	t.State = &state
	return t, err
}

// follow computes the mean of h after each step by the condition, an empty one as in Options. It is no error if none
// varies, unless one was named.
func (t *Trained) follow(r *record.Recording, condition string) error {
	a := new(Analysis)
	labels, err := a.choose(r, condition, nil)
	if err != nil && condition == "" {
		return nil
	} else if err != nil {
		return err
	}
	trials, steps := aligned(r)
	h := view{r.H, r.Hidden(), r, trials}
	counts := make([]float64, len(a.Labels))
	for _, trial := range trials {
		counts[labels[trial]]++
	}
	for label, name := range a.Labels {
		if counts[label] == 0 { // its trials are shorter
			continue
		}
		means := make([][]float64, steps)
		for step := range means {
			means[step] = make([]float64, h.size)
			for _, trial := range trials {
				if labels[trial] == label {
					floats.AddScaled(means[step], 1/counts[label], h.row(trial, step))
				}
			}
		}
		t.means, t.Labels = append(t.means, means), append(t.Labels, a.Condition+" "+name)
	}
	return nil
}

// mostDrawn bounds the moments of training whose paths are drawn.
const mostDrawn = 4

// TrainedPage returns the page about what OverTraining returns of a run: dimensions at each moment, and the paths of h
// at a few, evenly chosen from the first to the last, in one basis.
func TrainedPage(run string, over []Trained) plots.Page {
	dimensions := plots.Lines{Title: "Participation ratio over training", XLabel: "update",
		YLabel: "participation ratio", Series: []plots.Series{{Name: "h"}, {Name: "state"}}}
	for _, at := range over {
		for i, ratio := range []*float64{&at.H, at.State} {
			if s := &dimensions.Series[i]; ratio != nil {
				s.X, s.Y = append(s.X, float64(at.Update)), append(s.Y, *ratio)
			}
		}
	}
	if over[0].State == nil {
		dimensions.Series = dimensions.Series[:1]
	}
	page := plots.Page{Title: "Over training", Subtitle: filepath.Base(run), Sections: []plots.Section{{
		Heading: "Dimensions", Table: TrainedTable(over), Charts: []plots.Chart{dimensions}}}}
	paths := plots.Section{Heading: "Trajectories", Text: "The mean path of h by condition, at moments of training, " +
		"along the same two directions: the first principal components of h at all checkpoints together."}
	drawn := min(len(over), mostDrawn)
	for i := range drawn {
		at := over[i*(len(over)-1)/max(1, drawn-1)]
		if len(at.Paths) == 0 {
			continue
		}
		c := plots.Phase{Title: fmt.Sprintf("Mean path of h at update %d", at.Update), XLabel: "first component",
			YLabel: "second component"}
		for label, path := range at.Paths {
			c.Paths = append(c.Paths, pathOf(at.Labels[label], path))
		}
		paths.Charts = append(paths.Charts, c)
	}
	if len(paths.Charts) > 0 {
		page.Sections = append(page.Sections, paths)
	}
	return page
}

// pathOf returns points as a path of a chart.
func pathOf(name string, points [][2]float64) plots.Path {
	p := plots.Path{Name: name}
	for _, at := range points {
		p.X, p.Y = append(p.X, at[0]), append(p.Y, at[1])
	}
	return p
}

// TrainedTable lays out what OverTraining returns.
func TrainedTable(over []Trained) *plots.Table {
	t := &plots.Table{Header: []string{"update", "right", "PR of h", "PR of the state"}}
	for _, at := range over {
		state := "–"
		if at.State != nil {
			state = fmt.Sprintf("%.2f", *at.State)
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(at.Update), fmt.Sprintf("%.0f %%", 100*at.Accuracy),
			fmt.Sprintf("%.2f", at.H), state})
	}
	return t
}
