package bench

import (
	"context"
	"fmt"
	"os"
	"time"

	"engram/internal/sysinfo"

	"github.com/gomlx/compute"
)

// compileRow measures the first train step with its compilation: kept programs are removed before it.
func compileRow(b compute.Backend, backend string, s shape, kept string, target float64) *measurement {
	return firstStepRow(b, Row{Name: "compile", Shape: s.String(), Size: s.size(), Backend: backend, Unit: "s",
		Target: target}, s,
		func() error { return os.RemoveAll(kept) })
}

// loadRow measures the first train step of a program that was compiled before.
func loadRow(b compute.Backend, backend string, s shape, target float64) *measurement {
	return firstStepRow(b, Row{Name: "load", Shape: s.String(), Size: s.size(), Backend: backend, Unit: "s",
		Target: target}, s,
		func() error { _, err := firstStep(b, s); return err })
}

// firstStepRow measures the first train step after a preparation.
func firstStepRow(b compute.Backend, row Row, s shape, prepare func() error) *measurement {
	m := &measurement{Row: row}
	m.open = func() (measure, error) {
		return func(context.Context) (float64, error) {
			if err := prepare(); err != nil {
				return 0, err
			}
			before := sysinfo.ProcessorTime().Seconds()
			took, err := firstStep(b, s)
			m.Processor = append(m.Processor, sysinfo.ProcessorTime().Seconds()-before)
			return took, err
		}, nil
	}
	return m
}

// firstStep returns the time in seconds of a new learner's first step.
func firstStep(b compute.Backend, s shape) (float64, error) {
	t, err := newTrainStep(b, s)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = t.do()
	return time.Since(began).Seconds(), err
}

// populationRow measures a train step of K agents in one program, per agent, over that of one agent alone.
func populationRow(b compute.Backend, backend string, s shape, target float64) *measurement {
	m := &measurement{Row: Row{Name: "population", Shape: s.String(), Size: s.size(), Backend: backend, Unit: "of K=1",
		Target: target, Note: "a step per agent over a step alone"}}
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
		single, many := timed(callsFor(alone), 1, time.Millisecond, nil, one.do), timed(callsFor(s), 1,
			time.Millisecond, nil, all.do)
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
