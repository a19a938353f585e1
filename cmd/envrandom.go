package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"engram/tasks"
)

// randomPlay acts at random in an environment for a number of episodes, or trials, and for a time at most. Every few
// seconds it says how far it is.
type randomPlay struct {
	context  context.Context
	progress io.Writer
	episodes int
	within   time.Duration
	began    time.Time
	next     time.Time // when to say again how far it is
}

// sayEvery is the time between two lines of progress.
const sayEvery = 3 * time.Second

var errSpent = errors.New("the time is spent")

// measure notes what acting at random earns, its rewards and its time. That the time was spent is noted, and no error.
func (p *randomPlay) measure(env tasks.Env, s *shownEnv) (err error) {
	unit, sum := s.unit(), 0.0
	p.began = time.Now()
	p.next = p.began.Add(sayEvery)
	s.Random, err = tasks.MeasureRandomUntil(env, p.episodes, 0, func(r tasks.Returns, step tasks.Step) error {
		reward := float64(step.Reward)
		if s.Steps == 0 {
			s.Reward.Low, s.Reward.High = reward, reward
		}
		s.Reward.Low, s.Reward.High = min(s.Reward.Low, reward), max(s.Reward.High, reward)
		s.Steps, sum = s.Steps+1, sum+reward
		return p.look(r, s.Steps, unit)
	})
	s.Micros = float64(time.Since(p.began).Microseconds()) / float64(max(1, s.Steps))
	s.Reward.Mean = sum / float64(max(1, s.Steps))
	switch {
	case errors.Is(err, errSpent):
		s.Stopped = fmt.Sprintf("after %v (--within): %s", p.within, endedOf(s.Random, p.episodes, s.Steps, unit))
	case err == nil && s.Random.Episodes < p.episodes:
		s.Stopped = endedOf(s.Random, p.episodes, s.Steps, unit)
	default:
		return err
	}
	return nil
}

// look reports now and then how far the measurement is, and ends it when its time is spent or the command is stopped.
func (p *randomPlay) look(r tasks.Returns, steps int, unit string) error {
	if p.context.Err() != nil {
		return context.Cause(p.context)
	}
	now := time.Now()
	if r.Episodes < p.episodes && now.Sub(p.began) >= p.within {
		return errSpent
	}
	if now.After(p.next) {
		p.next = now.Add(sayEvery)
		fmt.Fprintf(p.progress, "acting at random, at most %v: %s\n", p.within, endedOf(r, p.episodes, steps, unit))
	}
	return nil
}

// endedOf returns in words how many episodes, or trials, of those asked for have ended, and the remedy where none has.
func endedOf(r tasks.Returns, of, steps int, unit string) string {
	if r.Episodes == 0 {
		return fmt.Sprintf("no %s ended in %d steps: --time-limit N truncates an episode after N", unit, steps)
	}
	return fmt.Sprintf("%d of %d %ss ended in %d steps", r.Episodes, of, unit, steps)
}
