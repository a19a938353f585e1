package oracle

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// weights are those of a Q-network; also gradients and moments with respect to them.
type weights struct {
	W   [][]float64 // [H][I]
	B   []float64   `json:"b"` // [H]
	Eta float64
	Lam float64     `json:"lambda"`
	Wq  [][]float64 // [A][H]
	Bq  []float64   // [A]
}

// flat returns all weights in one slice.
func (w weights) flat() []float64 {
	return slices.Concat(slices.Concat(w.W...), w.B, []float64{w.Eta, w.Lam}, slices.Concat(w.Wq...), w.Bq)
}

// with returns the weights of w's shape that flat holds.
func (w weights) with(flat []float64) weights {
	take := func(n int) (head []float64) {
		head, flat = flat[:n], flat[n:]
		return head
	}
	matrix := func(shape [][]float64) (m [][]float64) {
		for _, row := range shape {
			m = append(m, take(len(row)))
		}
		return m
	}
	return weights{W: matrix(w.W), B: take(len(w.B)), Eta: take(1)[0], Lam: take(1)[0], Wq: matrix(w.Wq),
		Bq: take(len(w.Bq))}
}

// golden is drqn/testdata/golden.json; its README describes it.
type golden struct {
	Gamma      float64
	Projection struct {
		Wrand [][]float64 `json:"W_rand"` // [I][O]
		Brand []float64   `json:"b_rand"` // [I]
	}
	Adam struct {
		Rate float64 `json:"learning_rate"`
	}
	Online, Target weights
	Cases          map[string]goldenCase
}

type goldenCase struct {
	Observations [][][]float64 // [B][T+1][O]
	Valid        [][]bool      // [B][T+1]
	Actions      [][]int       // [B][T]
	Rewards      [][]float64   // [B][T]
	Discounts    [][]float64   // [B][T]
	Terminated   [][]bool      // [B][T]
	LossMask     [][]bool      `json:"loss_mask"` // [B][T]
	Start        [][][]float64 // [B][H][I]
	Q            [][][]float64 // [B][T+1][A]
	QTarget      [][][]float64 `json:"q_target"` // [B][T+1][A]
	Targets      [][]float64   // [B][T]
	TDErrors     [][]float64   `json:"td_errors"` // [B][T]
	Loss         float64
	Grads        weights
	Clipped      weights `json:"grads_clipped"`
	MaxNorm      float64 `json:"max_norm"`
	Norm         float64 `json:"grad_norm"`
	Updates      []struct {
		Step   int
		M, V   weights
		Params weights
		MAfter weights `json:"m_after"`
		VAfter weights `json:"v_after"`
	}
}

// target gives y of a row's step, as Loss takes it.
type target func(r Row, t int) float64

// targets returns what each case of the file was computed with: the right target, and two wrong ones.
func (g golden) targets() map[string]target {
	right := func(r Row, t int) float64 { return r.Target(t, g.Gamma) }
	return map[string]target{
		"padded": right, "burn_in": right, "clipped": right,
		"off_by_one": func(r Row, t int) float64 {
			if r.Terminated[t] {
				return r.Rewards[t]
			}
			late := min(t+2, len(r.QTarget)-1)
			return r.Rewards[t] + g.Gamma*r.QTarget[late][Best(r.Q[t+1])]
		},
		"never_bootstraps": func(r Row, t int) float64 {
			if t == len(r.Rewards)-1 {
				return r.Rewards[t]
			}
			return r.Target(t, g.Gamma)
		},
	}
}

// values returns q [T+1][A] of a case's row, nil at padded steps.
func (g golden) values(w weights, c goldenCase, row int) [][]float64 {
	x := make([][]float64, len(c.Observations[row]))
	for t, o := range c.Observations[row] {
		x[t] = Affine(g.Projection.Wrand, g.Projection.Brand, o)
	}
	h, _ := Cell{W: w.W, B: w.B, Eta: w.Eta, Lambda: w.Lam}.Run(x, c.Valid[row], c.Start[row])
	q := make([][]float64, len(h))
	for t := range h {
		if h[t] != nil {
			q[t] = Affine(w.Wq, w.Bq, h[t])
		}
	}
	return q
}

// rows returns a case's windows, with the values of the online and the target network.
func (g golden) rows(online weights, c goldenCase) []Row {
	rows := make([]Row, len(c.Actions))
	for i := range rows {
		rows[i] = Row{Q: g.values(online, c, i), QTarget: g.values(g.Target, c, i), Actions: c.Actions[i],
			Rewards: c.Rewards[i], Terminated: c.Terminated[i], Mask: c.LossMask[i]}
	}
	return rows
}

// gradient returns the gradient of the loss with respect to the online weights, by finite differences.
func (g golden) gradient(c goldenCase, y target) []float64 {
	at := g.Online.flat()
	return Gradient(func() float64 { return Loss(g.rows(g.Online.with(at), c), y) }, at)
}

func loadGolden(t *testing.T) golden {
	t.Helper()
	data, err := os.ReadFile("../../drqn/testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	if want := g.targets(); len(g.Cases) != len(want) {
		t.Fatalf("%d cases, want %d", len(g.Cases), len(want))
	}
	return g
}

// distance returns the largest difference of two slices of the same, nonzero length.
func distance(t *testing.T, a, b []float64) float64 {
	t.Helper()
	if len(a) != len(b) || len(a) == 0 {
		t.Fatalf("%d numbers and %d", len(a), len(b))
	}
	var largest float64
	for i := range a {
		if d := math.Abs(a[i] - b[i]); !(d <= largest) { // a NaN is the largest
			largest = d
		}
	}
	return largest
}

func within(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if d := distance(t, got, want); !(d <= tolerance) {
		t.Errorf("%s differ by %g, want at most %g", what, d, tolerance)
	}
}

// Two independent routes, PyTorch's and this package's, to the same values, TD errors and loss.
func TestGoldenLoss(t *testing.T) {
	g := loadGolden(t)
	for name, y := range g.targets() {
		c := g.Cases[name]
		rows := g.rows(g.Online, c)
		within(t, name+": losses", []float64{Loss(rows, y)}, []float64{c.Loss}, 1e-12)
		for i, r := range rows {
			for step := range r.Actions {
				if !c.Valid[i][step] {
					continue
				}
				within(t, name+": values", r.Q[step], c.Q[i][step], 1e-12)
				within(t, name+": target values", r.QTarget[step], c.QTarget[i][step], 1e-12)
				if r.Mask[step] {
					target := y(r, step)
					within(t, name+": targets", []float64{target}, []float64{c.Targets[i][step]}, 1e-12)
					within(t, name+": TD errors", []float64{r.Q[step][r.Actions[step]] - target},
						[]float64{c.TDErrors[i][step]}, 1e-12)
				}
			}
		}
	}
}

// Finite differences against PyTorch's backward pass.
func TestGoldenGradient(t *testing.T) {
	g := loadGolden(t)
	for name, y := range g.targets() {
		c := g.Cases[name]
		within(t, name+": gradients", g.gradient(c, y), c.Grads.flat(), 1e-7)
	}
}

// Clipping and Adam, from PyTorch's gradient on.
func TestGoldenUpdate(t *testing.T) {
	g := loadGolden(t)
	for name, c := range g.Cases {
		clipped := c.Grads.flat()
		norm := Clip(clipped, c.MaxNorm)
		within(t, name+": norms", []float64{norm}, []float64{c.Norm}, 1e-12)
		within(t, name+": clipped gradients", clipped, c.Clipped.flat(), 1e-14)
		for _, u := range c.Updates {
			params, adam := g.Online.flat(), Adam{M: u.M.flat(), V: u.V.flat(), T: u.Step}
			adam.Step(params, clipped, g.Adam.Rate)
			within(t, name+": new weights", params, u.Params.flat(), 1e-14)
			within(t, name+": moments", slices.Concat(adam.M, adam.V), slices.Concat(u.MAfter.flat(), u.VAfter.flat()),
				1e-14)
		}
	}
	if c := g.Cases["clipped"]; c.Norm < 2*c.MaxNorm {
		t.Errorf("the clip at %v does not act on a norm of %v", c.MaxNorm, c.Norm)
	}
}

// The right targets give other numbers than the two errors, in the loss and in the gradient: a graph with one of
// the errors would be seen.
func TestGoldenErrorsShow(t *testing.T) {
	g := loadGolden(t)
	right := g.targets()["padded"]
	for _, name := range []string{"off_by_one", "never_bootstraps"} {
		c := g.Cases[name]
		if loss := Loss(g.rows(g.Online, c), right); math.Abs(loss-c.Loss) < 1e-3 {
			t.Errorf("%s: loss %v is also that of the right targets", name, c.Loss)
		}
		if d := distance(t, g.gradient(c, right), c.Grads.flat()); d < 1e-3 {
			t.Errorf("%s: the gradient is within %g of that of the right targets", name, d)
		}
	}
}

// The file's discounts are gamma, and 0 where the episode terminated, not where it was truncated.
func TestGoldenDiscounts(t *testing.T) {
	g := loadGolden(t)
	for name, c := range g.Cases {
		for i := range c.Discounts {
			for step, discount := range c.Discounts[i] {
				want := g.Gamma
				if c.Terminated[i][step] || !c.Valid[i][step] {
					want = 0
				}
				if discount != want {
					t.Errorf("%s: discount of row %d step %d = %v, want %v", name, i, step, discount, want)
				}
			}
		}
	}
}
