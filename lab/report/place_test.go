package report

import (
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/plots"
)

// TestPlaceChart draws each place that enough trials have, from 1.
func TestPlaceChart(t *testing.T) {
	t.Parallel()
	chart := PlaceChart([]drqn.Place{{Trials: 30, Reward: 0.5, Ceiling: 1}, {Trials: 10, Reward: 0.75, Ceiling: 0.875},
		{Trials: 9, Reward: 1, Ceiling: 1}}).(plots.Lines)
	agent, best := chart.Series[0], chart.Series[1]
	if !slices.Equal(agent.X, []float64{1, 2}) || !slices.Equal(agent.Y, []float64{0.5, 0.75}) ||
		!slices.Equal(best.X, agent.X) || !slices.Equal(best.Y, []float64{1, 0.875}) {
		t.Errorf("it draws %+v", chart.Series)
	}
	if _, err := chart.SVG(); err != nil {
		t.Error(err)
	}
}

// The report of a run in sessions shows the trials by their place there, unless there are few sessions or none, or
// their trials belong together.
func TestReportOfPlaces(t *testing.T) {
	t.Parallel()
	for _, about := range []struct {
		task    string
		episode drqn.Episode
		limit   int
		has     bool
	}{{"GoNogo", drqn.EpisodeSession, 100, true}, {"GoNogo", drqn.EpisodeSession, 0, false},
		{"GoNogo", drqn.EpisodeSession, 8000, false}, {"GoNogo", drqn.EpisodeTrial, 0, false},
		{"TwoArmedBandit", drqn.EpisodeSession, 40, false}} {
		c := drqntest.Small(t)
		c.Task, c.Episode, c.TimeLimit = about.task, about.episode, about.limit
		c, err := c.WithoutUnused()
		if err != nil {
			t.Fatal(err)
		}
		page := reportOf(t, c)
		for _, want := range []string{"Over a session", "Reward per trial by its place in the session"} {
			if strings.Contains(page, want) != about.has {
				t.Errorf("%s, %s episodes, time limit %d: the report has %q: %v", about.task, about.episode,
					about.limit, want, !about.has)
			}
		}
	}
}
