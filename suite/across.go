package suite

import (
	"slices"

	"engram/analysis"
)

// curveRepetitions is the number of bootstrap resamples for each point of a curve and each probability.
const curveRepetitions = 1000

// Across sums up an agent over all tasks of a suite that have a ceiling. With one seed its intervals have NaN limits.
type Across struct {
	Agent string
	IQM   analysis.Interval
	// Improvement is the probability that a run of the agent beats one of the plan's first agent, mean over tasks.
	Improvement analysis.Interval
	scores      [][]float64 // shares [seeds][tasks]
}

// AcrossTasks sums up each agent whose runs have all finished, over the tasks with a ceiling: returns of different
// tasks have no common scale. It returns nothing where no task has one.
func AcrossTasks(p Plan, results []Result) ([]Across, error) {
	var all []Across
	if p.Tasks = withCeiling(p.Tasks, results); len(p.Tasks) == 0 {
		return nil, nil
	}
	for _, agent := range p.Agents {
		scores, ok := matrix(p, results, agent.Name)
		if !ok {
			continue
		}
		a := Across{Agent: agent.Name, scores: scores}
		var err error
		first := scores
		if len(all) > 0 {
			first = all[0].scores
		}
		if err = a.sumUp(first); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// withCeiling returns the tasks of which no run lacks a ceiling.
func withCeiling(tasks []string, results []Result) []string {
	return slices.DeleteFunc(slices.Clone(tasks), func(task string) bool {
		return slices.ContainsFunc(results, func(r Result) bool { return r.Task == task && r.NoCeiling })
	})
}

// matrix returns an agent's shares [seeds][tasks], and false unless all its runs have finished.
func matrix(p Plan, results []Result, agent string) (scores [][]float64, ok bool) {
	scores = make([][]float64, p.Seeds)
	for _, task := range p.Tasks {
		runs := pick(results, task, agent)
		if len(runs) < p.Seeds {
			return nil, false
		}
		for seed := range scores {
			scores[seed] = append(scores[seed], runs[seed].Share)
		}
	}
	return scores, true
}

// sumUp computes an agent's numbers, compared with the scores of the first agent.
func (a *Across) sumUp(first [][]float64) (err error) {
	if len(a.scores) == 1 {
		var iqm, improvement float64
		if iqm, err = analysis.IQM(a.scores); err == nil {
			improvement, err = analysis.ProbabilityOfImprovement(a.scores, first)
		}
		a.IQM, a.Improvement = single(iqm), single(improvement)
		return err
	}
	if a.IQM, err = analysis.StratifiedBootstrap(a.scores, analysis.IQM, Repetitions, newRand()); err == nil {
		a.Improvement, err = analysis.ImprovementInterval(a.scores, first, curveRepetitions, newRand())
	}
	return err
}

// Profile returns the agent's performance profile: the share of its runs above each threshold, with 95 % intervals.
func (a Across) Profile(thresholds []float64) ([]analysis.Interval, error) {
	if len(a.scores) > 1 {
		return analysis.ProfileBand(a.scores, thresholds, curveRepetitions, newRand())
	}
	shares, err := analysis.PerformanceProfile(a.scores, thresholds)
	var profile []analysis.Interval
	for _, share := range shares {
		profile = append(profile, single(share))
	}
	return profile, err
}
