// Package bench measures the rows of docs/performance.md, beside the same work in PyTorch and JAX if they are
// installed. Rows take turns, so that other load on the machine affects all of them. A row's value is the median of its
// rounds, and a peer is compared by the ratios within each round.
package bench

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"engram/internal/numbers"
)

// Size is the shape of a measured program in numbers; 0 if a number does not apply.
type Size struct {
	Hidden     int `json:"hidden"`
	Window     int `json:"window"`
	Batch      int `json:"batch"`
	Input      int `json:"input"`
	Population int `json:"population"`
	// Cell is the recurrent cell of a train step; empty if none is trained.
	Cell string `json:"cell,omitempty"`
}

// Benchmark is a row that measures a time, in microseconds.
type Benchmark struct {
	Name    string `json:"name"`
	Backend string `json:"backend"`
	Size
	MedianMicros float64  `json:"median_us"`
	Allocs       *float64 `json:"allocs,omitempty"`
}

// micros holds the units of time, in microseconds.
var micros = map[string]float64{"us": 1, "ms": 1e3, "s": 1e6}

// Benchmarks returns the rows that measure a time.
func Benchmarks(rows []Row) []Benchmark {
	var all []Benchmark
	for _, r := range rows {
		if unit, isTime := micros[r.Unit]; isTime {
			all = append(all, Benchmark{r.Name, r.Backend, r.Size, r.Median * unit, r.Allocs})
		}
	}
	return all
}

// Row is one measurement.
type Row struct {
	Name  string `json:"name"`
	Shape string `json:"shape"`
	Size
	Backend string    `json:"backend"` // "-" if none computes
	Unit    string    `json:"unit"`
	Median  float64   `json:"median"` // of the rounds
	Low     float64   `json:"low"`    // the least round
	High    float64   `json:"high"`   // and the greatest
	Target  float64   `json:"target,omitempty"`
	Allocs  *float64  `json:"allocs,omitempty"` // of a call, if they are counted
	Rounds  []float64 `json:"rounds"`
	Note    string    `json:"note,omitempty"`
	// Processor is the processor time in seconds, of all threads, of what is measured, by rounds, for train_step,
	// compile and load: unlike the time on the clock it says something on a busy machine, too.
	Processor []float64 `json:"processor_s,omitempty"`
	Peers     []Ratio   `json:"peers,omitempty"`
}

// Beside returns the note and the median of the processor time as text.
func (r Row) Beside() string {
	if len(r.Processor) == 0 {
		return r.Note
	}
	said := fmt.Sprintf("%.3g s of processor time", numbers.Median(r.Processor))
	if r.Note == "" {
		return said
	}
	return said + ", " + r.Note
}

// Ratio compares a row with a peer, round by round.
type Ratio struct {
	Peer   string  `json:"peer"`
	Median float64 `json:"peer_median"` // of the peer, in the row's unit
	Ratio  float64 `json:"ratio"`       // ours over the peer's, the median of the rounds
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Target float64 `json:"target,omitempty"`
}

// Options say what is measured.
type Options struct {
	Backend string         // as for training; empty: the best
	Rounds  int            // of each row
	Hidden  int            // of train steps and acting; 0: as in docs/performance.md
	Window  int            // of train steps and sampling; 0: likewise
	Only    *regexp.Regexp // rows whose name matches, or name and shape; nil: all
	Python  string         // of the environment that holds the peers; empty: none
	Scripts string         // directory of the peers' scripts
	Command string         // this program, for whole runs
	Say     func(string)   // reports what is measured next
}

// measure is one round of a row: its value in the row's unit.
type measure func(context.Context) (float64, error)

// measurement is a row and the way to measure it. open is called once, before the first round.
type measurement struct {
	Row
	open   func() (measure, error)
	once   bool   // a value that does not scatter: one round
	peer   string // key of the peers that do the same work
	rounds map[string][]float64
}

// Run measures the rows asked for, in rounds that take turns.
func Run(ctx context.Context, o Options) ([]Row, error) {
	if o.Rounds < 1 {
		return nil, fmt.Errorf("invalid %d rounds: use 1 or more", o.Rounds)
	}
	if o.Hidden < 0 || o.Window < 0 {
		return nil, fmt.Errorf("invalid size: hidden %d and window %d: use 1 or more of each", o.Hidden, o.Window)
	}
	list, closing, err := o.measurements()
	if err != nil {
		return nil, err
	}
	defer closing()
	if o.Only != nil {
		list = slices.DeleteFunc(list, func(m *measurement) bool {
			return !o.Only.MatchString(m.Name) && !o.Only.MatchString(m.Name+" "+m.Shape)
		})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no row has such a name: use %s", names)
	}
	peers, err := o.openPeers(ctx, list)
	if err != nil {
		return nil, err
	}
	defer peers.close()
	measures := make([]measure, len(list))
	for i, m := range list {
		o.Say(fmt.Sprintf("preparing %s %s", m.Name, m.Shape))
		if measures[i], err = m.open(); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	for round := range o.Rounds {
		for i, m := range list {
			if m.once && round > 0 {
				continue
			}
			o.Say(fmt.Sprintf("round %d of %d: %s %s", round+1, o.Rounds, m.Name, m.Shape))
			value, err := measures[i](ctx)
			if err = errors.Join(err, ctx.Err()); err != nil {
				return nil, fmt.Errorf("%s: %w", m.Name, err)
			}
			m.Rounds = append(m.Rounds, value)
			if err := peers.measure(m, o.Say); err != nil {
				return nil, err
			}
		}
	}
	return conclude(list), nil
}

// conclude returns the rows with their medians.
func conclude(list []*measurement) []Row {
	var rows []Row
	for _, m := range list {
		m.Median, m.Low, m.High = summary(m.Rounds)
		m.Peers = slices.DeleteFunc(m.Peers, func(p Ratio) bool { return len(m.rounds[p.Peer]) == 0 })
		for i := range m.Peers {
			p := &m.Peers[i]
			theirs := m.rounds[p.Peer]
			ratios := make([]float64, len(theirs))
			for round, value := range theirs {
				ratios[round] = m.Rounds[round] / value
			}
			p.Median, _, _ = summary(theirs)
			p.Ratio, p.Low, p.High = summary(ratios)
		}
		rows = append(rows, m.Row)
	}
	return rows
}

// summary returns the median and the range of the values.
func summary(values []float64) (median, low, high float64) {
	return numbers.Median(values), slices.Min(values), slices.Max(values)
}
