package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"engram/drqn"
	"engram/sweep/search"
)

// function is the objective of a goal of kind function: one of search.Functions, minimised. The score after step s of S
// is the value plus a tenth of (S-s)/S of its distance to the minimum, so that pruners have a curve to judge.
type function struct {
	search.Function
	reports int
	pause   time.Duration
}

// mostSteps bounds the reports of a trial, each a line of its file.
const mostSteps = 1_000_000

func newFunction(g Goal, space search.Space) (*function, error) {
	if err := g.unused(map[string]bool{"preset": g.Preset != "", "set": g.Set != nil, "measure": g.Measure != "",
		"threshold": g.Threshold != 0, "seeds": g.Seeds != 0}); err != nil {
		return nil, err
	}
	f, err := search.FunctionOf(g.Function)
	if err != nil {
		return nil, err
	}
	same := func(a, b search.Param) bool {
		return a.Name == b.Name && (a.Kind == search.KindChoice) == (b.Kind == search.KindChoice)
	}
	if !slices.EqualFunc(space, f.Space, same) {
		return nil, fmt.Errorf("function %s has other parameters: leave \"space\" out, and it has its own", g.Function)
	}
	if g.Steps < 0 || g.Steps > mostSteps {
		return nil, fmt.Errorf("invalid steps %d: use 0 to %d", g.Steps, mostSteps)
	}
	if g.Milliseconds < 0 || g.Milliseconds > 1000*longest {
		return nil, fmt.Errorf("invalid milliseconds %g: use 0 to %.0f", g.Milliseconds, 1000*longest)
	}
	return &function{f, g.Steps, time.Duration(g.Milliseconds * float64(time.Millisecond))}, nil
}

func (f *function) check(search.Point) error { return nil }
func (f *function) key(search.Point) string  { return "" }
func (f *function) steps(search.Point) int64 { return int64(f.reports) }
func (f *function) reached(string) int64     { return 0 }

func (f *function) measures() Measures {
	return Measures{Value: f.Name, Score: "score", Step: "step", OneScale: true}
}

func (f *function) config(search.Point, int) (drqn.Config, error) {
	return drqn.Config{}, errors.New("its goal is a function, so it trains no agents and has no configs")
}

func (f *function) run(ctx context.Context, attempts []*attempt) error {
	for _, a := range attempts {
		a.charge(1)
		value, err := f.try(ctx, a)
		if err := a.finish(value, err); err != nil {
			return err
		}
	}
	return nil
}

// try evaluates the function for one attempt and reports on the way.
func (f *function) try(ctx context.Context, a *attempt) (float64, error) {
	value := f.Value(a.point)
	for s := 1; s <= f.reports; s++ {
		if err := wait(ctx, f.pause); err != nil {
			return 0, err
		}
		left := float64(f.reports-s) / float64(f.reports)
		if err := a.report(int64(s), value+0.1*left*(value-f.Minimum)); err != nil {
			return 0, err
		}
	}
	if f.reports == 0 {
		return value, wait(ctx, f.pause)
	}
	return value, ctx.Err()
}

// wait returns after d, or with the error of the context where that ends first.
func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
