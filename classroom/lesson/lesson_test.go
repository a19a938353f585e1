package lesson

import (
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"

	"engram/gobackend"
)

// backend is shared by the tests.
var backend = sync.OnceValues(gobackend.Open)

func newRoom(t *testing.T) *Room {
	t.Helper()
	var b compute.Backend
	b, err := backend()
	if err != nil {
		t.Fatal(err)
	}
	return NewRoom(b)
}

// asked is an answer as the page gets it, with the data as D.
type asked[D any] struct {
	Charts map[string]Chart
	Texts  map[string]string
	Data   D
	More   bool
}

func ask[D any](t *testing.T, r *Room, name, input string) (a asked[D]) {
	t.Helper()
	answer, err := r.Ask(name, []byte(input))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestRefused checks that inputs outside of the page's ranges are errors that name the remedy.
func TestRefused(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for _, c := range []struct{ name, input, says string }{
		{"dance", `{}`, "use one of"},
		{"play", `{"task":"Chess"}`, "use one of"},
		{"play", `{"key":0}`, "begin one of"},
		{"play", `{"tusk":"GoNogo"}`, "unknown field"},
		{"ring", `{"pushed":-1,"length":10,"end":"uniform"}`, "invalid pushed -1: use 0 to 200"},
		{"ring", `{"pushed":5,"length":0,"end":"uniform"}`, "invalid length 0"},
		{"ring", `{"pushed":5,"length":10,"end":"never"}`, "never"},
		{"example", `{"last":12}`, "invalid last 12: use 0 to 11"},
		{"cell", `{"eta":3,"lambda":0.5,"cue":"go"}`, "invalid eta 3"},
		{"cell", `{"eta":0.5,"lambda":0.5,"cue":"perhaps"}`, "use go or nogo"},
	} {
		if _, err := r.Ask(c.name, []byte(c.input)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v, want an error with %q", c.name, c.input, err, c.says)
		}
	}
}

// TestPlay plays GoNogo as the ideal observer would, and then never presses.
func TestPlay(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for _, presses := range []bool{true, false} {
		a := ask[playData](t, r, "play", `{"task":"GoNogo","seed":2}`)
		goes := 0.0
		for sawGo := false; len(a.Data.Earned) < 12; {
			if a.Data.Step == 0 {
				sawGo = a.Data.Observation[2] > 0
				if sawGo {
					goes++
				}
			}
			key := `{"key":0}`
			if presses && sawGo && a.Data.Due {
				key = `{"key":1}`
			}
			a = ask[playData](t, r, "play", key)
		}
		earned, ideal := last(a.Data.Earned), last(a.Data.Ideal)
		want := ideal
		if !presses {
			want = -goes / 2 // what a miss costs
		}
		if goes == 0 || math.Abs(earned-want) > 1e-6 {
			t.Errorf("pressing %t: earned %g, want %g; the ideal observer %g", presses, earned, want, ideal)
		}
		if len(a.Charts["play-trial"].Options) == 0 || !strings.Contains(a.Texts["play-score"], "Trial 12") {
			t.Errorf("the trial is not shown: %v", a.Texts)
		}
	}
}

// TestPlayThreeActions checks that the keys wait until an answer is due, and that an answer ends the trial.
func TestPlayThreeActions(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	a := ask[playData](t, r, "play", `{"task":"PerceptualDecisionMaking","seed":1}`)
	for step := 0; !a.Data.Due; step++ {
		if a.Data.Step != step || a.Data.Keys[0] != "look on" {
			t.Fatalf("step %d: %+v", step, a.Data)
		}
		a = ask[playData](t, r, "play", `{"key":1}`)
	}
	if a = ask[playData](t, r, "play", `{"key":1}`); len(a.Data.Earned) != 1 || a.Data.Ideal[0] < 0.5 {
		t.Errorf("after the answer: %+v", a.Data)
	}
}

// TestRing fills the ring beyond its capacity and draws windows.
func TestRing(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	a := ask[ringData](t, r, "ring", `{"pushed":0,"length":10,"end":"uniform"}`)
	if a.Data.Held != 0 || a.Data.Windows != nil {
		t.Errorf("an empty ring: %+v", a.Data)
	}
	a = ask[ringData](t, r, "ring", `{"pushed":130,"length":10,"end":"uniform","draw":1}`)
	if a.Data.Count != 130 || a.Data.Held != ringCapacity || len(a.Data.Windows) != ringWindows {
		t.Fatalf("a full ring: %+v", a.Data)
	}
	for _, w := range a.Data.Windows {
		if w.Padded+w.Valid != 10 || w.Last < 130-ringCapacity || w.Last >= 130 {
			t.Errorf("window %+v", w)
		}
	}
	b := ask[ringData](t, r, "ring", `{"pushed":130,"length":10,"end":"uniform","draw":2}`)
	if b.Data.Windows[0] == a.Data.Windows[0] && b.Data.Windows[1] == a.Data.Windows[1] {
		t.Error("another draw gives the same windows")
	}
}

// TestExample holds the worked example of package replay: 2 padded + 8 valid.
func TestExample(t *testing.T) {
	t.Parallel()
	a := ask[exampleData](t, newRoom(t), "example", `{"last":7}`)
	if a.Data.Padded != 2 || a.Data.Valid != 8 {
		t.Errorf("%d padded + %d valid", a.Data.Padded, a.Data.Valid)
	}
	want := []float32{-1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8}
	for i := range want {
		if a.Data.Steps[i] != want[i] {
			t.Errorf("steps %v, want %v", a.Data.Steps, want)
			break
		}
	}
}

// TestCell checks eq. 3 of the cell on what it shows, and that nothing is kept without plasticity.
func TestCell(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	a := ask[cellData](t, r, "cell", `{"eta":0.5,"lambda":0.9,"cue":"go"}`).Data
	if len(a.Memory) != 15 || len(a.Memory[0]) != cellHidden*cellInputs {
		t.Fatalf("M has %d steps of %d numbers", len(a.Memory), len(a.Memory[0]))
	}
	// M_0 = eta h_0 x^T, so that two of its rows have the ratio of their units' h.
	for i := range cellInputs {
		x := a.Memory[0][i] / a.Hidden[0][0]
		if got, want := a.Memory[0][cellInputs+i], x*a.Hidden[0][1]; math.Abs(float64(got-want)) > 1e-5 {
			t.Errorf("M of unit 1 and input %d is %g, want %g", i, got, want)
		}
	}
	if last(a.Apart) < 0.1 {
		t.Errorf("the cue left %g in M", last(a.Apart))
	}
	for _, input := range []string{`{"eta":0,"lambda":0.9,"cue":"go"}`, `{"eta":0,"lambda":1,"cue":"nogo"}`} {
		if still := ask[cellData](t, r, "cell", input).Data; last(still.Apart) != 0 || last(still.Size) != 0 {
			t.Errorf("%s: M is %g, go and no-go %g apart", input, last(still.Size), last(still.Apart))
		}
	}
}
