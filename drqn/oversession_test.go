package drqn

import (
	"context"
	"math"
	"strings"
	"testing"

	"engram/tasks"
)

// TestOverSession compares the places with the evaluation of the same trials, and with sessions counted by hand.
func TestOverSession(t *testing.T) {
	c := presetSession()
	c.Task, c.TimeLimit, c.Hidden, c.BurnIn = "GoNogo", 100, 8, 10
	p := fresh(t, c, 3)
	const trials, seed = 300, 7
	places, err := p.OverSession(context.Background(), trials, seed)
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.Evaluate(context.Background(), trials, seed)
	if err != nil {
		t.Fatal(err)
	}
	sum, ceiling, counted := 0.0, 0.0, 0
	for i, place := range places {
		if i > 0 && place.Trials > places[i-1].Trials {
			t.Errorf("%d trials at place %d, %d before it", place.Trials, i, places[i-1].Trials)
		}
		counted += place.Trials
		sum, ceiling = sum+float64(place.Trials)*place.Reward, ceiling+float64(place.Trials)*place.Ceiling
	}
	if counted != trials || math.Abs(sum/trials-e.RewardPerTrial) > 1e-9 ||
		math.Abs(ceiling/trials-e.TrialCeiling) > 1e-9 {
		t.Errorf("%d trials that earn %v of %v, an evaluation %d, %v of %v", counted, sum/trials, ceiling/trials,
			trials, e.RewardPerTrial, e.TrialCeiling)
	}
	// The first trial of each session, alone.
	sessions, first, in, begins := 0, 0.0, false, true
	err = p.Act(context.Background(), trials, seed, Hooks{
		Begin: func(tasks.Task, *tasks.Trial) { begins = true },
		Each: func(m Moment) {
			if begins {
				in, begins = m.Fresh, false
			}
			if !in {
				return
			}
			if first += float64(m.Step.Reward); m.Step.Info.TrialEnd {
				sessions++
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if sessions < 20 || places[0].Trials != sessions || math.Abs(places[0].Reward-first/float64(sessions)) > 1e-9 {
		t.Errorf("first trials %+v, want %d that earn %v", places[0], sessions, first/float64(sessions))
	}
}

// TestOverSessionRefused names what has no places.
func TestOverSessionRefused(t *testing.T) {
	c := presetDefault()
	c.Task = "GoNogo"
	_, err := fresh(t, c, 3).OverSession(context.Background(), 10, 1)
	if err == nil || !strings.Contains(err.Error(), "session") {
		t.Errorf("%v, want that trials have no place in a session", err)
	}
}
