package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/gomlx/compute"
)

// compileRow is the time of the first train step, with its compilation.
func compileRow(b compute.Backend, backend string, s shape, target float64) *measurement {
	m := &measurement{Row: Row{Name: "compile", Shape: s.String(), Backend: backend, Unit: "s", Target: target}}
	m.open = func() (measure, error) {
		return func(context.Context) (float64, error) {
			t, err := newTrainStep(b, s)
			if err != nil {
				return 0, err
			}
			began := time.Now()
			err = t.do()
			return time.Since(began).Seconds(), err
		}, nil
	}
	return m
}

// populationRow is the time of a train step of K agents in one program, per agent, over that of one alone.
func populationRow(b compute.Backend, backend string, s shape, target float64) *measurement {
	m := &measurement{Row: Row{Name: "population", Shape: s.String(), Backend: backend, Unit: "of K=1", Target: target, Note: "a step per agent over a step alone"}}
	m.open = func() (measure, error) {
		alone := s
		alone.K = 1
		one, err := newTrainStep(b, alone)
		if err != nil {
			return nil, err
		}
		all, err := newTrainStep(b, s)
		if err != nil {
			return nil, err
		}
		single, many := timed(callsFor(alone), 1, time.Millisecond, nil, one.do), timed(callsFor(s), 1, time.Millisecond, nil, all.do)
		return func(ctx context.Context) (float64, error) {
			single, err := single(ctx)
			if err != nil {
				return 0, err
			}
			many, err := many(ctx)
			return many / single / float64(s.K), err
		}, firstError(one.do, all.do)
	}
	return m
}

// firstError does what compiles.
func firstError(do ...func() error) error {
	for _, f := range do {
		if err := f(); err != nil {
			return fmt.Errorf("the first step: %w", err)
		}
	}
	return nil
}
