package suite

import (
	"slices"

	"engram/analysis"
)

// Curve holds an agent's progress on a task over the seeds.
type Curve struct {
	Agent   string
	Updates []float64
	Shares  []analysis.Interval // IQM of the share of the ceiling at each update; NaN limits of one seed
}

// Curves returns the learning curves of a task, one for each agent, over the updates at which all finished seeds of the
// agent were evaluated.
func Curves(p Plan, results []Result, task string) ([]Curve, error) {
	var curves []Curve
	for _, agent := range p.Agents {
		runs := pick(results, task, agent.Name)
		if len(runs) == 0 {
			continue
		}
		c := Curve{Agent: agent.Name}
		for _, update := range runs[0].Updates {
			shares := sharesAt(runs, update)
			if len(shares) < len(runs) {
				continue
			}
			i, err := spread(shares, curveRepetitions)
			if err != nil {
				return curves, err
			}
			c.Updates, c.Shares = append(c.Updates, update), append(c.Shares, i)
		}
		if len(c.Updates) > 0 {
			curves = append(curves, c)
		}
	}
	return curves, nil
}

// sharesAt returns the shares at an update, of those runs that were evaluated there.
func sharesAt(runs []Result, update float64) (shares []float64) {
	for _, r := range runs {
		if i := slices.Index(r.Updates, update); i >= 0 {
			shares = append(shares, r.Shares[i])
		}
	}
	return shares
}
