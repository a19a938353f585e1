package plots

import (
	"fmt"

	"engram/internal/numbers"
)

// Psychometric draws how often an answer is given, over the strength of the stimulus: marks with 95 % intervals
// (Wilson's) from counts of trials, and smooth curves such as that of an ideal observer.
type Psychometric struct {
	Title    string
	XLabel   string // of the stimulus, with its unit; the sign of the stimulus says which answer is correct
	Answer   string // the answer that is counted
	Observed []Answers
	Curves   []Series // probabilities
}

// Answers are counts of trials over the strength of the stimulus.
type Answers struct {
	Name           string
	Stimulus       []float64
	Chosen, Trials []int // trials in which the answer was given, and all
}

// Heading implements Chart.
func (p Psychometric) Heading() string { return p.Title }

// Options implements Chart.
func (p Psychometric) Options() (map[string]any, error) {
	l, err := p.lines()
	if err != nil {
		return nil, err
	}
	return l.Options()
}

// SVG implements Chart.
func (p Psychometric) SVG() ([]byte, error) {
	l, err := p.lines()
	if err != nil {
		return nil, err
	}
	return l.SVG()
}

// lines returns the shares and their intervals as a chart of marks.
func (p Psychometric) lines() (Lines, error) {
	l := Lines{Title: p.Title, XLabel: p.XLabel, YLabel: fmt.Sprintf("probability of %q", p.Answer),
		References: []Reference{{"chance", 0.5}}}
	for _, a := range p.Observed {
		if len(a.Stimulus) != len(a.Chosen) || len(a.Stimulus) != len(a.Trials) {
			return l, fmt.Errorf("chart %q: %q has %d stimuli, %d counts and %d trials", p.Title, a.Name,
				len(a.Stimulus), len(a.Chosen), len(a.Trials))
		}
		s := Series{Name: a.Name, X: a.Stimulus, Points: true}
		for i, n := range a.Trials {
			if a.Chosen[i] < 0 || a.Chosen[i] > n {
				return l, fmt.Errorf("chart %q: %q has %d answers in %d trials", p.Title, a.Name, a.Chosen[i], n)
			}
			low, high := numbers.Wilson(a.Chosen[i], n)
			s.Y, s.Low, s.High = append(s.Y, float64(a.Chosen[i])/float64(n)), append(s.Low, low), append(s.High, high)
		}
		l.Series = append(l.Series, s)
	}
	l.Series = append(l.Series, p.Curves...)
	return l, nil
}
