package plots

import (
	"fmt"
)

// Course draws curves over the steps of a trial, or of several, with the periods shaded and named: what happens in a
// network, beside what Trial draws of the task. x is the step, from 0.
type Course struct {
	Lines
	Periods []Period
}

// check returns an error if a period has no place in the steps.
func (c Course) check() error {
	if err := c.Lines.check(); err != nil {
		return err
	}
	for _, p := range c.Periods {
		if p.Start < 0 || p.End <= p.Start {
			return fmt.Errorf("chart %q: period %q is from %d to %d: use 0 or more, and an end after it", c.Title,
				p.Name, p.Start, p.End)
		}
	}
	return nil
}

// Options implements Chart.
func (c Course) Options() (map[string]any, error) { return plain(c.options()) }

func (c Course) options() (options, error) {
	if err := c.check(); err != nil {
		return options{}, err
	}
	o, err := c.Lines.options()
	if err != nil {
		return options{}, err
	}
	o.Series[len(o.Series)-1].MarkArea = shadedPeriods(c.Periods, true)
	return o, nil
}
