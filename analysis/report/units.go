package report

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"engram/analysis/neural"
	"engram/lab/record"
	"engram/plots"
)

// Selectivity tells in which periods units tell the condition's labels apart.
type Selectivity struct {
	Periods []string `json:"periods"`
	// Share is the share of the variance over trials of a unit's mean activity in the period that the labels explain,
	// eta squared, [period][unit].
	Share [][]float64 `json:"share"`
}

// selective computes the selectivity of each unit in each period. A period that too few trials have is left out.
func (a *Analysis) selective(r *record.Recording, labels []int) error {
	size := r.Hidden()
	for number, name := range r.Periods {
		means, of := meansIn(r, number, labels)
		shares := make([]float64, size)
		for unit := range size {
			s, err := neural.Selective(mat.Col(nil, unit, means), of)
			if err != nil {
				shares = nil
				break
			}
			shares[unit] = s.Share
		}
		if shares != nil {
			a.Selectivity.Periods = append(a.Selectivity.Periods, name)
			a.Selectivity.Share = append(a.Selectivity.Share, shares)
		}
	}
	if len(a.Selectivity.Share) == 0 {
		return fmt.Errorf("no period has trials of two values of %s: use more trials", a.Condition)
	}
	return nil
}

// meansIn returns the mean of h over a period's steps in each trial that has some, [n, H], and these trials' labels.
func meansIn(r *record.Recording, number int, labels []int) (*mat.Dense, []int) {
	size := r.Hidden()
	var means []float64
	var of []int
	for trial := range r.Trials {
		sum, steps := make([]float64, size), 0.0
		for at := r.Offsets[trial]; at < r.Offsets[trial+1]; at++ {
			if int(r.Period[at]) != number {
				continue
			}
			steps++
			for i, h := range r.H[at*size:][:size] {
				sum[i] += float64(h)
			}
		}
		if steps == 0 {
			continue
		}
		for i := range sum {
			sum[i] /= steps
		}
		means, of = append(means, sum...), append(of, labels[trial])
	}
	if len(of) == 0 {
		return mat.NewDense(1, size, nil), nil
	}
	return mat.NewDense(len(of), size, means), of
}

func (a *Analysis) selectivitySection() plots.Section {
	return plots.Section{Heading: "Selectivity",
		Text: "Share of the variance of a unit's mean activity in a period, over trials, that the values of " +
			a.Condition + " explain (eta squared).",
		Charts: []plots.Chart{plots.Heatmap{Title: "Selectivity for " + a.Condition + " by period", XLabel: "unit",
			YLabel: "period", Values: "share of the variance", Rows: a.Selectivity.Periods,
			Matrices: [][][]float64{a.Selectivity.Share}}}}
}

// decodeBoth decodes the condition after each step from h and the state together.
func (a *Analysis) decodeBoth(h view, state []*mat.Dense, labels []int, rng *rand.Rand) error {
	d := neural.DefaultDecoder
	d.Shuffles = 0
	accuracy := make([]float64, len(state))
	for step := range state {
		both, err := neural.Beside(h.at(step), state[step])
		if err != nil {
			return err
		}
		result, err := neural.CrossTemporal([]*mat.Dense{both}, of(h.trials, labels), d, rng)
		if err != nil {
			return err
		}
		accuracy[step] = result.Accuracy[0][0]
	}
	a.BothDecoding = &Decoding{Accuracy: [][]float64{accuracy}}
	return nil
}

// Session holds the size of h and of the state, root mean squares after the last step of the trials of a session, mean
// over sessions, by the number of the trial in it.
type Session struct {
	H     []float64 `json:"h"`
	State []float64 `json:"state,omitempty"`
	Count []int     `json:"count"` // sessions that have such a trial
}

// sessionOf returns the sizes over a session, nil if each trial begins with a state of zeros.
func sessionOf(r *record.Recording) *Session {
	s, place, carried := &Session{}, 0, false
	stateful := r.Steps > 0 && len(r.StateStep) == r.Steps
	size := len(r.State) / max(1, r.Steps)
	for trial := range r.Trials {
		if r.Fresh[trial] {
			place = 0
		} else {
			place++
			carried = true
		}
		for len(s.Count) <= place {
			s.Count, s.H = append(s.Count, 0), append(s.H, 0)
			if stateful {
				s.State = append(s.State, 0)
			}
		}
		last := r.Offsets[trial+1] - 1
		s.Count[place]++
		s.H[place] += neural.RootMeanSquare(wide(r.H[last*r.Hidden():][:r.Hidden()]))
		if stateful {
			s.State[place] += neural.RootMeanSquare(wide(r.State[last*size:][:size]))
		}
	}
	if !carried {
		return nil
	}
	for place, n := range s.Count {
		s.H[place] /= float64(max(1, n))
		if stateful {
			s.State[place] /= float64(max(1, n))
		}
	}
	return s
}

// session draws the sizes over a session.
func (a *Analysis) session() plots.Chart {
	x := index(len(a.Session.Count))
	c := plots.Lines{Title: "Size of h and of the state over the trials of a session", XLabel: "trial of the session",
		YLabel: "root mean square", Series: []plots.Series{{Name: "h", X: x, Y: a.Session.H}}}
	if a.Session.State != nil {
		c.Series = append(c.Series, plots.Series{Name: a.stateName(), X: x, Y: a.Session.State})
	}
	return c
}
