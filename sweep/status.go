package sweep

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status summarises a study.
type Status struct {
	Dir      string `json:"dir"`
	Trials   int    `json:"trials"`   // of the whole study
	Attempts int    `json:"attempts"` // made, over all trials
	// Asked is the number of trials that the study asks for, where its space has fewer points: Trials is theirs then.
	Asked  int           `json:"trials_asked,omitempty"`
	States map[State]int `json:"states"` // trials by state; those not begun are in none
	Done   bool          `json:"done"`   // nothing is left to do, except for trials that failed or are set aside
	Best   *Trial        `json:"best"`
	// Failed holds the trials that failed or are set aside, Hosts the hosts on which all of the last attempts failed.
	Failed []Trial  `json:"failed,omitempty"`
	Hosts  []string `json:"hosts_set_aside,omitempty"`
	// Seconds is the cost so far: the time of all attempts together. Left estimates the seconds until the study is
	// done, by the clock; nil before anything is done.
	Seconds float64  `json:"seconds"`
	Left    *float64 `json:"seconds_left,omitempty"`
	// Waiting holds the reasons why no further trial begins, and what would change that; none where all is done.
	Waiting []string `json:"waiting,omitempty"`
}

// Status summarises what was read last.
func (r *Reader) Status() (Status, error) {
	s := Status{Dir: r.Dir, Trials: r.Total, States: map[State]int{}}
	if r.Study.Trials > r.Total {
		s.Asked = r.Study.Trials
	}
	trials, err := r.Trials()
	if err != nil {
		return s, err
	}
	for _, t := range trials {
		s.States[t.State]++
		s.Attempts += t.Attempts
		if t.State == Failed || t.State == Aside {
			s.Failed = append(s.Failed, t)
		}
	}
	s.Seconds = r.cost()
	s.Done = s.Settled()+s.States[Failed]+s.States[Aside] == r.Total
	if s.Best, err = r.Best(); err != nil {
		return s, err
	}
	if left, ok := r.left(); ok && !s.Done {
		s.Left = &left
	}
	s.Hosts = r.failingHosts()
	s.Waiting = r.waiting(s, trials)
	return s, nil
}

// Settled returns the number of trials that are done with.
func (s Status) Settled() int {
	return s.States[Complete] + s.States[Pruned] + s.States[Infeasible]
}

// failingHosts returns the hosts whose last attempts, failuresInARow or more, all failed, apart from those that failed
// by what their trials are.
func (r *Reader) failingHosts() []string {
	var ends []*record
	for _, t := range r.view.trials {
		for _, a := range t.attempts {
			if a.end != nil && a.end.State != Interrupted && !a.end.Own {
				ends = append(ends, a)
			}
		}
	}
	slices.SortStableFunc(ends, func(a, b *record) int { return a.end.Time.Compare(b.end.Time) })
	streak := map[string]int{}
	for _, a := range ends {
		streak[a.claim.Host]++
		if a.end.State != Failed {
			streak[a.claim.Host] = 0
		}
	}
	var hosts []string
	for host, n := range streak {
		if n >= failuresInARow {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	return hosts
}

// Cost returns Seconds, rounded for readers.
func (s Status) Cost() time.Duration {
	return seconds(s.Seconds).Round(100 * time.Millisecond)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// States returns all states in the order in which readers see them.
func States() []State {
	return []State{Complete, Pruned, Infeasible, Running, Interrupted, Lost, Failed, Aside}
}

// Line returns the status in one line.
func (s Status) Line() string {
	line := fmt.Sprintf("%d trials: %s", s.Trials, s.Summary())
	if s.Asked > 0 {
		line = fmt.Sprintf("%d of %d trials, which are all points of the space: %s", s.Trials, s.Asked, s.Summary())
	}
	if s.Left != nil {
		line += fmt.Sprintf("; about %s left", seconds(*s.Left).Round(time.Second))
	}
	return line
}

// Summary returns how many trials are in each state, the best one and the cost, without the number of all trials.
func (s Status) Summary() string {
	begun := 0
	var parts []string
	for _, state := range States() {
		if n := s.States[state]; n > 0 {
			begun += n
			parts = append(parts, fmt.Sprintf("%d %s", n, state.Text()))
		}
	}
	if waiting := s.Trials - begun; waiting > 0 {
		parts = append(parts, fmt.Sprintf("%d not begun", waiting))
	}
	line := strings.Join(parts, ", ")
	if s.Best != nil {
		line += fmt.Sprintf("; best %.4g (trial %d)", *s.Best.Value, s.Best.Trial)
	}
	if cost := s.Cost(); cost > 0 {
		line += fmt.Sprintf("; cost %s", cost)
	}
	return line
}
