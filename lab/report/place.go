package report

import (
	"context"
	"fmt"

	"engram/drqn"
	"engram/lab"
	"engram/plots"
)

// placedTrials is the number of trials whose places in their sessions the report tells apart.
const placedTrials = 1000

// placeSection draws what the newest checkpoint's agent earns in the first trial of a session, the second, and so on.
// It reports false where that says nothing (drqn.Policy.Places).
func placeSection(ctx context.Context, r *lab.Run) (plots.Section, bool, error) {
	policy, _, err := r.Policy()
	if err != nil {
		return plots.Section{}, false, err
	}
	places, err := policy.Places(ctx, placedTrials, lab.FinalSeed(r.Config.Seed))
	if err != nil || places == nil {
		return plots.Section{}, false, err
	}
	return plots.Section{Heading: "Over a session", Text: fmt.Sprintf("What %d fresh trials earn, by their place in a "+
		"session. The first meets an empty M, a later one what the trials before it have left there.", placedTrials),
		Charts: []plots.Chart{PlaceChart(places)}}, true, nil
}

// PlaceChart draws what trials earn by their place in a session. Places of fewer than drqn.FewestPlaced trials are
// left out.
func PlaceChart(places []drqn.Place) plots.Chart {
	agent := plots.Series{Name: "agent, greedy"}
	best := plots.Series{Name: "ceiling of these trials"}
	for i, p := range places {
		if p.Trials < drqn.FewestPlaced {
			break
		}
		agent.X, agent.Y = append(agent.X, float64(i+1)), append(agent.Y, p.Reward)
		best.X, best.Y = agent.X, append(best.Y, p.Ceiling)
	}
	agent.Points = len(agent.X) == 1
	return plots.Lines{Title: "Reward per trial by its place in the session", XLabel: "trial of the session",
		YLabel: "reward per trial", Series: []plots.Series{agent, best}}
}
