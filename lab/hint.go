package lab

import (
	"fmt"

	"engram/drqn"
	"engram/internal/plain"
)

// A result from nearCeiling on needs no hint, and an earlier agent is named where it earned so much more.
const nearCeiling, earnedMore = 0.95, 0.05

// Hint returns what to try where a finished run's agent is far from the ceiling: to explore more if nothing was ever
// earned, or the agent of an earlier update if that earned more. It is empty where nothing is known to help.
func (r *Run) Hint() (string, error) {
	result := r.About.Result
	if result == nil || result.NoCeiling || result.ShareOfCeiling >= nearCeiling {
		return "", nil
	}
	metrics, err := r.Metrics()
	if err != nil {
		return "", err
	}
	evaluations, err := r.Evaluations()
	if err != nil {
		return "", err
	}
	if !everPaid(r.Config, metrics, evaluations) {
		return fmt.Sprintf("no %s has earned anything: perhaps none ever met a reward%s", result.Unit(),
			exploreMore(r.Config)), nil
	}
	if best, err := r.Best(); err == nil && best != result.Update {
		for _, e := range evaluations {
			if e.Update == best && e.ShareOfCeiling >= result.ShareOfCeiling+earnedMore {
				return fmt.Sprintf("the agent of update %d earned more, %s: 'engram eval --run %s --checkpoint best' "+
					"has it act", best, e.Brief(), plain.Path(r.Dir)), nil
			}
		}
	}
	return "", nil
}

// everPaid reports whether the trials of an evaluation, or of an interval of the metrics, earned more than the floor.
func everPaid(c drqn.Config, metrics []drqn.Metrics, evaluations []drqn.Evaluation) bool {
	for _, m := range metrics {
		if m.Trials > 0 && m.RewardPerTrial > c.Floor {
			return true
		}
	}
	for _, e := range evaluations {
		if e.RewardPerTrial > c.Floor {
			return true
		}
	}
	return false
}

// exploreMore returns the flag by which a run explores more than by its config, or nothing.
func exploreMore(c drqn.Config) string {
	const end, share = 0.4, 0.3 // Ape-X's, and three times the presets'
	switch {
	case c.ExplorationEnd < end:
		return fmt.Sprintf("; let it explore more, by --exploration-end %v", end)
	case c.ExplorationFraction < share:
		return fmt.Sprintf("; let it explore for longer, by --exploration-fraction %v", share)
	}
	return ""
}
