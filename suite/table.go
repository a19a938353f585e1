package suite

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"engram/analysis"
	"engram/drqn"
	"engram/internal/numbers"
)

// ReachedAt is the share of the ceiling at which a run counts as having learned its task.
const ReachedAt = 0.95

// Row sums up one agent on one task over the seeds. Shares are of the task's ceiling, in each run's last evaluation
// (lab.FinalTrials greedy trials). A number that no run gives is nil.
type Row struct {
	Format     int    `json:"format"` // of this JSON: RowFormat
	Task       string `json:"task"`
	Agent      string `json:"agent"`
	Place      int    `json:"-"`          // number of the agent in the plan, from 1: its colour in charts
	Parameters int    `json:"parameters"` // trainable
	// CeilingBound reports that the task's ceiling is an upper bound, which perhaps no agent can earn: no seed counts
	// as having reached a share of it.
	CeilingBound bool `json:"ceiling_bound"`
	// NoCeiling reports that the environment has no ceiling: what should be shares are rewards per trial, or returns.
	NoCeiling bool     `json:"no_ceiling,omitempty"`
	Unit      string   `json:"unit,omitempty"` // what rewards are of without a ceiling: "trial" or "episode"
	Seeds     int      `json:"seeds"`          // finished
	Missing   int      `json:"missing"`        // not finished, or failed
	IQM       *float64 `json:"iqm"`            // interquartile mean of the share
	Median    *float64 `json:"median"`
	Low       *float64 `json:"low"` // 95 % bootstrap interval of the IQM; null with one seed, which has none
	High      *float64 `json:"high"`
	Lowest    *float64 `json:"lowest"`
	Reached   int      `json:"reached"` // seeds at ReachedAt or above at their end
	// Lambda is the median decay of M at the end. Of a gated cell it is the median of lambda_t over the gates and steps
	// of a batch, and LambdaFirst and LambdaThird are its quartiles: medians over the seeds.
	Lambda      *float64 `json:"lambda"`
	LambdaFirst *float64 `json:"lambda_q1,omitempty"`
	LambdaThird *float64 `json:"lambda_q3,omitempty"`
	// Medians over the seeds whose periodic evaluations reached ReachedAt: when they first did.
	Timed     int      `json:"reached_ever"` // the number of those seeds
	UpdatesTo *float64 `json:"updates_to"`
	StepsTo   *float64 `json:"environment_steps_to"`
	MinutesTo *float64 `json:"minutes_to"`
	Minutes   *float64 `json:"minutes"` // median length of a run
	// Regret of a session at the end, where the trials of a session belong together (drqn.Evaluation): the mean over
	// the seeds, the least and the greatest.
	Regret     *float64 `json:"regret,omitempty"`
	RegretLow  *float64 `json:"regret_low,omitempty"`
	RegretHigh *float64 `json:"regret_high,omitempty"`
	// Reward of a trial, or return of an episode, at the end: the median over the seeds, the least and the greatest.
	Reward     *float64 `json:"reward,omitempty"`
	RewardLow  *float64 `json:"reward_low,omitempty"`
	RewardHigh *float64 `json:"reward_high,omitempty"`
	// References has what other policies earn on the task, by their names ([References.Against]).
	References map[string]float64 `json:"references,omitempty"`
}

// RowFormat is the version of a Row's JSON; fields are added to it, and none is renamed.
const RowFormat = 1

// Result holds the numbers of one finished run.
type Result struct {
	Assignment
	Share                         float64 // at the end
	Earned                        float64 // reward per trial, or return, at the end
	Minutes                       float64
	UpdatesTo, StepsTo, MinutesTo float64 // NaN where it never reached ReachedAt
	Updates, Shares               []float64
	Regret                        float64 // of a session at the end, over Sessions
	Sessions                      int     // 0: trials stand by themselves
	// Lambda is the decay of M at the end: of a gated cell the median of lambda_t. It is NaN without one, and where the
	// gates are unknown. Gates holds all three quartiles of lambda_t, or nil.
	Lambda       float64
	Gates        *drqn.Quartiles
	Parameters   int
	CeilingBound bool    // of the task with the run's options
	NoCeiling    bool    // Share and Shares are rewards per trial, or returns
	Unit         string  // what rewards are of: "trial" or "episode"
	Trials       int64   // that ended in training, exploration included
	Reward       float64 // of those trials together
}

// Results reads the plan and the finished runs of a suite or of its archive, in the order of the plan, with the configs
// that they were trained with. It starts no Python.
func Results(dir string) (Plan, []Result, error) {
	p, err := ReadPlan(dir)
	if err != nil {
		return p, nil, err
	}
	packed, err := openArchive(dir)
	if err != nil {
		return p, nil, err
	}
	var results []Result
	for _, a := range p.places() {
		k, finished, err := packed.finished(a)
		if err != nil {
			return p, nil, err
		}
		if !finished || k.run.About.Result == nil {
			continue // missing
		}
		a.Config = k.run.Config
		r, err := newResult(a, k)
		if err != nil {
			return p, nil, err
		}
		results = append(results, r)
	}
	return p, results, nil
}

func newResult(a Assignment, k kept) (Result, error) {
	nan, run := math.NaN(), k.run
	r := Result{Assignment: a, Share: run.About.Result.Score(),
		Earned: run.About.Result.RewardPerTrial, Minutes: run.About.Seconds / 60, UpdatesTo: nan,
		StepsTo: nan, MinutesTo: nan, Lambda: nan,
		Gates: k.gates, Trials: run.About.Trials, Reward: run.About.Reward}
	if lambda := run.About.Result.Lambda; lambda > 0 && !run.Config.Gated() {
		r.Lambda = lambda
	}
	r.Regret, r.Sessions = run.About.Result.Regret, run.About.Result.Sessions
	if k.gates != nil { // run.json has the factor that all gates share, and how long M lasts is lambda_t
		r.Lambda = k.gates.Median
	}
	goal, err := run.Config.Goal()
	if err != nil {
		return r, err
	}
	r.CeilingBound, r.NoCeiling, r.Unit = goal.Bound, !goal.HasCeiling, goal.Unit()
	for i, e := range k.evaluations {
		if e.Final || i > 0 && e.Update == k.evaluations[i-1].Update {
			continue // the final one, which is in run.json, or a confirmation
		}
		r.Updates, r.Shares = append(r.Updates, float64(e.Update)), append(r.Shares, e.Score())
		// an untrained agent may be right by luck
		if !r.CeilingBound && !r.NoCeiling && math.IsNaN(r.UpdatesTo) && e.Update > 0 && e.ShareOfCeiling >= ReachedAt {
			r.UpdatesTo, r.StepsTo = float64(e.Update), float64(run.Config.LearnAfter)+
				float64(e.Update)*float64(run.Config.UpdateEvery)
			r.MinutesTo = r.Minutes * float64(e.Update) / float64(max(1, run.About.Updates))
		}
	}
	r.Parameters, err = run.Config.Trainable()
	return r, err
}

// Repetitions is the number of bootstrap resamples of a Row's interval.
const Repetitions = 10_000

// bootstrapSeed makes a table the same each time.
const bootstrapSeed = 20_231_122

// Table sums up results: a row for each task and agent of the plan, in its order.
func Table(p Plan, results []Result) ([]Row, error) {
	var rows []Row
	for _, task := range p.Tasks {
		for i, agent := range p.Agents {
			row, err := newRow(task, agent.Name, p.Seeds, pick(results, task, agent.Name))
			if err != nil {
				return nil, err
			}
			row.Place = i + 1
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// pick returns the results of an agent on a task.
func pick(results []Result, task, agent string) (picked []Result) {
	for _, r := range results {
		if r.Task == task && r.Agent == agent {
			picked = append(picked, r)
		}
	}
	return picked
}

func newRow(task, agent string, seeds int, results []Result) (Row, error) {
	row := Row{Format: RowFormat, Task: task, Agent: agent, Seeds: len(results), Missing: seeds - len(results)}
	if len(results) == 0 {
		return row, nil
	}
	row.Parameters = results[0].Parameters
	var shares []float64
	for _, r := range results {
		if !math.IsNaN(r.UpdatesTo) {
			row.Timed++
		}
		shares = append(shares, r.Share)
		row.CeilingBound = row.CeilingBound || r.CeilingBound
		if r.NoCeiling {
			row.NoCeiling, row.Unit = true, r.Unit
		}
		if r.Share >= ReachedAt && !r.CeilingBound && !r.NoCeiling {
			row.Reached++
		}
	}
	i, err := spread(shares, Repetitions)
	if err != nil {
		return row, err
	}
	row.IQM, row.Median, row.Low, row.High = &i.Point, median(shares), known(i.Low), known(i.High)
	lowest := slices.Min(shares)
	row.Lowest = &lowest
	of := func(value func(Result) float64) *float64 {
		var values []float64
		for _, r := range results {
			values = append(values, value(r))
		}
		return median(values)
	}
	row.UpdatesTo = of(func(r Result) float64 { return r.UpdatesTo })
	row.StepsTo = of(func(r Result) float64 { return r.StepsTo })
	row.MinutesTo = of(func(r Result) float64 { return r.MinutesTo })
	row.Lambda = of(func(r Result) float64 { return r.Lambda })
	gate := func(quartile func(*drqn.Quartiles) float64) *float64 {
		return of(func(r Result) float64 {
			if r.Gates == nil {
				return math.NaN()
			}
			return quartile(r.Gates)
		})
	}
	row.LambdaFirst = gate(func(q *drqn.Quartiles) float64 { return q.First })
	row.LambdaThird = gate(func(q *drqn.Quartiles) float64 { return q.Third })
	row.Minutes = of(func(r Result) float64 { return r.Minutes })
	row.setRegret(results)
	row.setReward(results)
	return row, nil
}

// setRegret sums up the regrets of the results that have one.
func (r *Row) setRegret(results []Result) {
	var regrets []float64
	sum := 0.0
	for _, result := range results {
		if result.Sessions > 0 {
			regrets, sum = append(regrets, result.Regret), sum+result.Regret
		}
	}
	if len(regrets) > 0 {
		mean, low, high := sum/float64(len(regrets)), slices.Min(regrets), slices.Max(regrets)
		r.Regret, r.RegretLow, r.RegretHigh = &mean, &low, &high
	}
}

// setReward sums up what the results earned.
func (r *Row) setReward(results []Result) {
	var rewards []float64
	for _, result := range results {
		rewards = append(rewards, result.Earned)
	}
	low, high := slices.Min(rewards), slices.Max(rewards)
	r.Reward, r.RewardLow, r.RewardHigh = median(rewards), &low, &high
}

// spread returns the interquartile mean of shares with its bootstrap interval, whose limits are NaN for one share.
func spread(shares []float64, repetitions int) (analysis.Interval, error) {
	i, err := analysis.Bootstrap(shares, analysis.IQM, repetitions, newRand())
	if errors.Is(err, analysis.ErrOneRun) {
		return single(shares[0]), nil
	}
	return i, err
}

// single returns an interval without limits.
func single(value float64) analysis.Interval {
	return analysis.Interval{Point: value, Low: math.NaN(), High: math.NaN()}
}

// known returns nil for NaN, a missing number.
func known(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

// median returns the median of the values that are not NaN, or nil where all are.
func median(values []float64) *float64 {
	values = slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(values) == 0 {
		return nil
	}
	m := numbers.Median(values)
	return &m
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(bootstrapSeed, 0)) }
