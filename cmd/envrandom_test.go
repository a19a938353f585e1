package cmd

import (
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"engram/tasks"
)

// endlessWalk is an environment without an end. Its reward is 0.1, its observation 0, and those of a step may be odd.
type endlessWalk struct {
	odd, steps   int
	reward, seen float32
}

func (e *endlessWalk) Spec() tasks.Spec {
	return tasks.Spec{Name: "endless-walk", Observations: []string{"o"}, Actions: []string{"a", "b"}}
}

func (e *endlessWalk) Reset(uint64) ([]float32, error) {
	e.steps = 0
	return []float32{0}, nil
}

func (e *endlessWalk) Step(int) (tasks.Step, error) {
	e.steps++
	if e.steps == e.odd {
		return tasks.Step{Observation: []float32{e.seen}, Reward: e.reward}, nil
	}
	return tasks.Step{Observation: []float32{0}, Reward: 0.1}, nil
}

// measured returns what a randomPlay measures in an endlessWalk.
func measured(p *randomPlay, e endlessWalk, limit int) (s shownEnv, err error) {
	env, err := tasks.Wrap(&e, tasks.Wrappers{TimeLimit: limit})
	if err != nil {
		return s, err
	}
	s.Spec = env.Spec()
	return s, p.measure(env, &s)
}

// Where no episode ends, acting at random stops when its time is spent, says so on the way, and has what was measured
// with the remedy; with a time limit there are episodes.
func TestEnvShowWithoutAnEnd(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	play := &randomPlay{context: t.Context(), progress: &said, episodes: 5, within: time.Nanosecond}
	s, err := measured(play, endlessWalk{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := s.print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"random policy    not known: no episode ended\n",
		"stopped          after 1ns (--within): no episode ended in 1 steps: --time-limit N truncates",
		"rewards seen     0.1 to 0.1 a step, 0.1 on average (1 steps)\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nwant %q", out.String(), want)
		}
	}
	if err := play.look(tasks.Returns{}, 7, "episode"); err != errSpent {
		t.Errorf("after its time: %v", err)
	}
	play.within = time.Hour
	play.next = time.Time{}
	if err := play.look(tasks.Returns{}, 7, "episode"); err != nil ||
		said.String() != "acting at random, at most 1h0m0s: no episode ended in 7 steps: --time-limit N truncates an "+
			"episode after N\n" {
		t.Errorf("%v, %q", err, said.String())
	}
	if s, err = measured(play, endlessWalk{}, 4); err != nil || s.Random.Episodes != 5 || s.Steps != 20 ||
		s.Stopped != "" {
		t.Errorf("with a time limit %+v, %v", s, err)
	}
}

// A reward or observation that is NaN or infinite is an error, and not a number of a table or of JSON.
func TestEnvShowNotFinite(t *testing.T) {
	t.Parallel()
	for odd, want := range map[endlessWalk]string{
		{odd: 3, reward: float32(math.NaN())}: "endless-walk: a reward is NaN as a float32: look at the environment",
		{odd: 2, seen: float32(math.Inf(1))}: "endless-walk: an observation is +Inf as a float32: look at the " +
			"environment",
	} {
		play := &randomPlay{context: t.Context(), progress: io.Discard, episodes: 5, within: time.Hour}
		if _, err := measured(play, odd, 6); err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
