package lesson

import (
	"fmt"
	"math/rand/v2"

	"engram/lab/report"
	"engram/plots"
	"engram/replay"
	"engram/tasks"
)

// The ring of step 2.
const (
	ringCapacity = 48
	ringRow      = 12 // slots in a row of the chart
	ringWindows  = 6  // drawn at a time
	mostPushed   = 200
)

// ringInput chooses how far the ring is filled, and how windows are drawn from it.
type ringInput struct {
	Pushed int              `json:"pushed"` // transitions so far
	Length int              `json:"length"` // of a window, L
	End    replay.WindowEnd `json:"end"`    // uniform or episode
	Draw   int              `json:"draw"`   // number of the draw: each draws other windows
}

// ringData holds the numbers behind the ring.
type ringData struct {
	Count    int64       `json:"count"`    // transitions pushed
	Held     int         `json:"held"`     // of them still in the ring
	Episodes int         `json:"episodes"` // of which a transition is held
	Windows  []windowRow `json:"windows"`
	Wasted   float64     `json:"wasted"` // share of the steps that is padding
}

// windowRow is one window of a batch.
type windowRow struct {
	Episode  int64 `json:"episode"`
	Last     int64 `json:"last"` // number of the last transition
	Padded   int   `json:"padded"`
	Valid    int   `json:"valid"`
	Rewarded bool  `json:"rewarded"` // it holds a reward
}

// ring fills a replay ring by an agent that acts at random in GoNogo, and draws windows from it.
func ring(in ringInput) (a Answer, err error) {
	for _, check := range []error{within("pushed", in.Pushed, 0, mostPushed), within("length", in.Length, 1, 20),
		within("draw", in.Draw, 0, 1_000_000)} {
		if check != nil {
			return a, check
		}
	}
	r, err := filled(in.Pushed)
	if err != nil {
		return a, err
	}
	window := replay.Window{Length: in.Length, End: in.End, Start: replay.StartZero}
	windows, err := r.Windows(window)
	if err != nil {
		return a, err
	}
	data := ringData{Count: r.Count(), Held: r.Len(), Episodes: r.Episodes()}
	a.say("ring", "%d transitions were pushed; the ring holds the newest %d, of %d episodes.", data.Count, data.Held,
		data.Episodes)
	if err := a.show("ring", ringChart(r)); err != nil {
		return a, err
	}
	if r.Len() > 0 {
		batch, err := windows.NewBatch(ringWindows)
		if err != nil {
			return a, err
		}
		if err := windows.Sample(batch, rand.New(rand.NewPCG(uint64(in.Draw), 0))); err != nil {
			return a, err
		}
		var usage replay.Usage
		usage.Add(batch)
		data.Windows, data.Wasted = windowRows(batch), usage.WastedShare()
		a.say("windows", "%d windows of %d steps: %.0f %% of the steps are padding.", ringWindows, in.Length,
			100*data.Wasted)
		if err := a.show("windows", report.ReplayStrips("Windows drawn from the ring", batch)); err != nil {
			return a, err
		}
	}
	a.Data = data
	return a, nil
}

// filled returns a ring to which so many transitions were pushed.
func filled(pushed int) (*replay.Ring, error) {
	env, err := tasks.New("GoNogo", nil)
	if err != nil {
		return nil, err
	}
	size := len(env.Spec().Observations)
	r, err := replay.NewRing(replay.Options{Capacity: ringCapacity, Lanes: 1, ObservationSize: size})
	if err != nil {
		return nil, err
	}
	var steps []tasks.TraceStep
	err = tasks.Trace(env, tasks.Random, 3, pushed+1, func(s tasks.TraceStep) error {
		s.Observation = append([]float32(nil), s.Observation...)
		steps = append(steps, s)
		return nil
	})
	for i := 0; err == nil && i < pushed; i++ {
		err = r.Push(replay.Transition{Observation: steps[i].Observation, Action: int32(steps[i].Action),
			Reward: steps[i].Reward, Terminated: steps[i].TrialEnd, NextObservation: steps[i+1].Observation})
	}
	return r, err
}

// ringChart draws the slots of a ring in rows: which episode each holds, or none yet.
func ringChart(r *replay.Ring) plots.Strips {
	chart := plots.Strips{Title: "The slots of the ring", XLabel: "slot in the row", YLabel: "row"}
	for first := 0; first < ringCapacity; first += ringRow {
		row := make([]plots.Cell, ringRow)
		for i := range row {
			row[i].Padded = true
		}
		chart.Windows = append(chart.Windows, row)
	}
	one, err := replay.NewBatch(1, 1, r.Options().ObservationSize, 0)
	if err != nil {
		return chart
	}
	for c := r.Count() - int64(r.Len()); c < r.Count(); c++ {
		r.Window(replay.Window{Length: 1, Start: replay.StartZero}, c, one, 0)
		slot := int(c % ringCapacity)
		chart.Windows[slot/ringRow][slot%ringRow] = report.ReplayCells(one, 0)[0]
	}
	return chart
}

// windowRows describes the windows of a batch.
func windowRows(b *replay.Batch) (rows []windowRow) {
	for i := range b.Size {
		w := windowRow{Episode: b.Episodes[i], Last: b.Indices[i]}
		for _, c := range report.ReplayCells(b, i) {
			if c.Padded {
				w.Padded++
			} else {
				w.Valid++
			}
			w.Rewarded = w.Rewarded || c.Rewarded
		}
		rows = append(rows, w)
	}
	return rows
}

// The worked example of package replay: an episode of 12 steps, and windows of 10.
const (
	exampleSteps  = 12
	exampleLength = 10
)

// exampleInput chooses at which step of the episode the window ends.
type exampleInput struct {
	Last int `json:"last"` // from 0
}

// exampleData holds the rows of the worked example.
type exampleData struct {
	Padded   int       `json:"padded"`
	Valid    int       `json:"valid"`
	Steps    []float32 `json:"steps"` // the step that each place holds, -1 at padding; [T+1]
	Read     []float32 `json:"read"`  // 1 at an observation to be read, [T+1]
	LossMask []float32 `json:"loss_mask"`
}

// example cuts one window out of one episode whose observations are the numbers of its steps.
func example(in exampleInput) (a Answer, err error) {
	if err := within("last", in.Last, 0, exampleSteps-1); err != nil {
		return a, err
	}
	r, err := replay.NewRing(replay.Options{Capacity: exampleSteps, Lanes: 1, ObservationSize: 1})
	if err != nil {
		return a, err
	}
	for step := range exampleSteps {
		err := r.Push(replay.Transition{Observation: []float32{float32(step)},
			NextObservation: []float32{float32(step + 1)}, Terminated: step == exampleSteps-1})
		if err != nil {
			return a, err
		}
	}
	batch, err := replay.NewBatch(1, exampleLength, 1, 0)
	if err != nil {
		return a, err
	}
	r.Window(replay.Window{Length: exampleLength, Start: replay.StartZero}, int64(in.Last), batch, 0)
	w := windowRows(batch)[0]
	data := exampleData{Padded: w.Padded, Valid: w.Valid, Read: batch.Valid, LossMask: batch.LossMask}
	table := &plots.Table{Header: []string{"place"}}
	rows := [][]string{{"step"}, {"read"}, {"in the loss"}}
	for t, valid := range batch.Valid {
		step, text, mask := float32(-1), "·", "" // the observation after the last transition has no loss
		if valid == 1 {
			step = batch.Observations[t]
			text = fmt.Sprint(step)
		}
		if t < exampleLength {
			mask = fmt.Sprint(batch.LossMask[t])
		}
		data.Steps = append(data.Steps, step)
		table.Header = append(table.Header, fmt.Sprint(t))
		rows[0], rows[1], rows[2] = append(rows[0], text), append(rows[1], fmt.Sprint(valid)), append(rows[2], mask)
	}
	table.Rows = rows
	a.Data, a.Tables = data, map[string]*plots.Table{"example": table}
	a.say("example", "The window ends at step %d: %d padded + %d valid.", in.Last, w.Padded, w.Valid)
	return a, a.show("example", report.ReplayStrips("The window", batch))
}
