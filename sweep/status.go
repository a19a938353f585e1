package sweep

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status sums a study up.
type Status struct {
	Dir      string        `json:"dir"`
	Trials   int           `json:"trials"`   // of the whole study
	Attempts int           `json:"attempts"` // made, over all trials
	States   map[State]int `json:"states"`   // trials by state; those not begun are in none
	Done     bool          `json:"done"`     // nothing is left to do, but for trials that failed or are set aside
	Best     *Trial        `json:"best"`
	// Failed are the trials that failed or are set aside; Hosts those on which all of the last attempts failed.
	Failed []Trial  `json:"failed,omitempty"`
	Hosts  []string `json:"hosts_set_aside,omitempty"`
	// Seconds is the time of all ended attempts together, Left an estimate of what is left, by the time that passed
	// since the first attempt for those that have ended; nil where nothing has.
	Seconds float64  `json:"seconds"`
	Left    *float64 `json:"seconds_left,omitempty"`
}

// Status sums up what was read last.
func (r *Reader) Status() (Status, error) {
	s := Status{Dir: r.Dir, Trials: r.Total, States: map[State]int{}}
	trials, err := r.Trials()
	if err != nil {
		return s, err
	}
	var ends []time.Time
	for i, t := range trials {
		s.States[t.State]++
		s.Attempts += t.Attempts
		if t.State == Failed || t.State == Aside {
			s.Failed = append(s.Failed, t)
		}
		for _, a := range r.view.trials[i].attempts {
			if a.end != nil {
				s.Seconds += a.end.Seconds
				ends = append(ends, a.end.Time)
			}
		}
	}
	settled := s.settled()
	s.Done = settled+s.States[Failed]+s.States[Aside] == r.Total
	if s.Best, err = r.Best(); err != nil {
		return s, err
	}
	if len(ends) > 0 && !s.Done {
		passed := slices.MaxFunc(ends, time.Time.Compare).Sub(trials[0].Began).Seconds()
		left := passed * float64(r.Total-settled) / float64(max(1, settled))
		s.Left = &left
	}
	s.Hosts = r.failingHosts()
	return s, nil
}

// settled is the number of trials that are done with.
func (s Status) settled() int {
	return s.States[Complete] + s.States[Pruned] + s.States[Infeasible]
}

// failingHosts are those whose last attempts, failuresInARow or more, all failed.
func (r *Reader) failingHosts() []string {
	var ends []*record
	for _, t := range r.view.trials {
		for _, a := range t.attempts {
			if a.end != nil && a.end.State != Interrupted {
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

// order is that in which states are told.
var order = []State{Complete, Pruned, Infeasible, Running, Interrupted, Lost, Failed, Aside}

// Line is the status in one line.
func (s Status) Line() string {
	begun := 0
	var parts []string
	for _, state := range order {
		if n := s.States[state]; n > 0 {
			begun += n
			parts = append(parts, fmt.Sprintf("%d %s", n, map[bool]string{true: "set aside", false: string(state)}[state == Aside]))
		}
	}
	if waiting := s.Trials - begun; waiting > 0 {
		parts = append(parts, fmt.Sprintf("%d not begun", waiting))
	}
	line := fmt.Sprintf("%d trials: %s", s.Trials, strings.Join(parts, ", "))
	if s.Best != nil {
		line += fmt.Sprintf("; best %.4g (trial %d)", *s.Best.Value, s.Best.Trial)
	}
	if s.Left != nil {
		line += fmt.Sprintf("; about %s left", (time.Duration(*s.Left) * time.Second).Round(time.Second))
	}
	return line
}
