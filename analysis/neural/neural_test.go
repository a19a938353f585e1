package neural

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func normal(rng *rand.Rand, rows, columns int) *mat.Dense {
	m := mat.NewDense(rows, columns, nil)
	for i := range m.RawMatrix().Data {
		m.RawMatrix().Data[i] = rng.NormFloat64()
	}
	return m
}

// The components of 6,400 synapses are found from a hundred observations.
func TestPCAOfThousands(t *testing.T) {
	t.Parallel()
	rng := seeded(1)
	x := new(mat.Dense)
	x.Mul(normal(rng, 100, 3), normal(rng, 3, 6400))
	p, err := PCA(x, 0)
	if err != nil || len(p.Variances) != 3 {
		t.Fatalf("%d components, %v, want 3", len(p.Variances), err)
	}
	for i := range 3 {
		for k := range 3 {
			want := 0.0
			if i == k {
				want = 1
			}
			near(t, "product of components",
				[]float64{mat.Dot(p.Components.RowView(i), p.Components.RowView(k))}, []float64{want})
		}
	}
}

// Labels that the states do not hold are decoded as often as shuffled ones, those that they hold always.
func TestChance(t *testing.T) {
	t.Parallel()
	rng := seeded(2)
	labels := make([]int, 120)
	with, without := normal(rng, 120, 4), normal(rng, 120, 4)
	for i := range labels {
		labels[i] = i % 2
		with.Set(i, 1, 8*float64(labels[i]))
	}
	d, err := CrossTemporal([]*mat.Dense{without, with}, labels, DefaultDecoder, rng)
	if err != nil {
		t.Fatal(err)
	}
	if a := d.Accuracy; a[1][1] != 1 || a[0][0] < d.Low[0]-0.05 || a[0][0] > d.High[0]+0.05 {
		t.Errorf("accuracies %v, chance %v to %v", a, d.Low, d.High)
	}
	for step, chance := range d.Chance {
		if math.Abs(chance-0.5) > 0.04 || d.Low[step] > 0.45 || d.High[step] < 0.55 {
			t.Errorf("chance %v, %v to %v", chance, d.Low[step], d.High[step])
		}
	}
	again, err := CrossTemporal([]*mat.Dense{without, with}, labels, DefaultDecoder, seeded(7))
	if err != nil || slices.Equal(again.Chance, d.Chance) {
		t.Errorf("another seed gives %v, %v", again.Chance, err)
	}
}

// Each trial has a fold, and each fold its share of each label.
func TestFolds(t *testing.T) {
	t.Parallel()
	labels := make([]int, 53)
	for i := range labels {
		labels[i] = i % 3
	}
	fold, err := StratifiedFolds(labels, 5, seeded(3))
	if err != nil {
		t.Fatal(err)
	}
	count := map[[2]int]int{}
	for i, f := range fold {
		count[[2]int{f, labels[i]}]++
	}
	if len(count) != 15 {
		t.Errorf("folds and labels meet in %v", count)
	}
	for at, n := range count {
		if n < 3 || n > 4 {
			t.Errorf("fold %d has %d trials of label %d", at[0], n, at[1])
		}
	}
}

// The area of a unit that is tuned lies outside the interval of chance, that of another within.
func TestTunedUnit(t *testing.T) {
	t.Parallel()
	rng := seeded(4)
	tuned, other, has := make([]float64, 200), make([]float64, 200), make([]bool, 200)
	for i := range has {
		has[i] = i%4 == 0
		tuned[i], other[i] = rng.NormFloat64(), rng.NormFloat64()
		if has[i] {
			tuned[i] += 2
		}
	}
	for name, c := range map[string]struct {
		values []float64
		tuned  bool
	}{"tuned": {tuned, true}, "other": {other, false}} {
		t.Run(name, func(t *testing.T) {
			area, err := ROC(c.values, has)
			low, high, errChance := ROCChance(c.values, has, 200, rng)
			if err != nil || errChance != nil || (area < low || area > high) != c.tuned {
				t.Errorf("%s: area %v, chance %v to %v, %v, %v", name, area, low, high, err, errChance)
			}
		})
	}
}

// iterate runs the equations of the cell (eLife 83035, eqs. 2 and 3, and their variants) from a random M until it
// rests, and returns h.
func iterate(p Plastic, x []float64, rng *rand.Rand) []float64 {
	hidden, inputs := p.W.Dims()
	m := normal(rng, hidden, inputs)
	h := make([]float64, hidden)
	for range 1000 {
		for i := range h {
			y := p.B[i]
			for j, xj := range x {
				if p.Additive {
					y += (p.W.At(i, j) + m.At(i, j)) * xj
				} else {
					y += p.W.At(i, j) * (1 + m.At(i, j)) * xj
				}
			}
			h[i] = math.Tanh(y)
			for j, xj := range x {
				write := p.Eta.At(i, j)
				if p.ByH {
					write *= h[i]
				}
				if p.ByX {
					write *= xj
				}
				m.Set(i, j, p.Lambda.At(i, j)*m.At(i, j)+write)
			}
		}
	}
	return h
}

// TestEveryRestIsPredicted starts each kind of MPN from random memories: each run ends at a predicted stable root of
// each unit, and more than one is met where there are more.
func TestEveryRestIsPredicted(t *testing.T) {
	t.Parallel()
	kinds := map[string]Plastic{
		"hebbian": {ByH: true, ByX: true}, "presynaptic": {ByX: true}, "postsynaptic": {ByH: true},
		"additive": {ByH: true, ByX: true, Additive: true},
	}
	for name, p := range kinds {
		for _, uniform := range []bool{true, false} {
			rng := seeded(5)
			p.W, p.B = normal(rng, 10, 6), make([]float64, 10)
			p.Eta, p.Lambda = mat.NewDense(10, 6, nil), mat.NewDense(10, 6, nil)
			for i := range 10 {
				p.B[i] = 0.1 * rng.NormFloat64()
				for j := range 6 {
					p.Eta.Set(i, j, 0.1)
					p.Lambda.Set(i, j, 0.9)
					if !uniform {
						p.Eta.Set(i, j, 0.2+0.1*rng.Float64())
						p.Lambda.Set(i, j, 0.8+0.15*rng.Float64())
					}
				}
			}
			x := normal(rng, 1, 6).RawRowView(0)
			rest, err := p.FixedPoints(x)
			if err != nil {
				t.Fatal(err)
			}
			met := map[int]map[float64]bool{}
			for range 12 {
				for i, h := range iterate(p, x, rng) {
					k := slices.IndexFunc(rest.Units[i], func(r Root) bool { return math.Abs(r.H-h) < 1e-6 })
					if k < 0 || !rest.Units[i][k].Stable() {
						t.Errorf("%s, uniform %v: unit %d rests at %v, predicted %v", name, uniform, i, h,
							rest.Units[i])
						continue
					}
					if met[i] == nil {
						met[i] = map[float64]bool{}
					}
					met[i][rest.Units[i][k].H] = true
				}
			}
			both := 0
			for _, roots := range met {
				if len(roots) > 1 {
					both++
				}
			}
			if want := rest.Bistable(); both > want || name == "hebbian" && both == 0 {
				t.Errorf("%s, uniform %v: %d units met two states, of %d that have two", name, uniform, both, want)
			}
			if got := rest.Attractors(); got != math.Pow(2, float64(rest.Bistable())) {
				t.Errorf("%s: %v attractors with %d bistable units", name, got, rest.Bistable())
			}
		}
	}
}

// flipFlop returns the gates of a network of 12 units that holds three bits, each in four of them, mixed by signs.
func flipFlop(gates int) Gates {
	g := Gates{}
	for gate := range gates {
		drive, u := make([]float64, 12), mat.NewDense(12, 12, nil)
		for i := range 12 {
			if gates == 3 && gate < 2 {
				drive[i] = 2 // r and z: mostly open
				continue
			}
			for j := range 12 {
				if i/4 == j/4 {
					sign := float64(1 - 2*((i+j)%2))
					u.Set(i, j, sign*2/4)
				}
			}
		}
		g.Drive, g.U = append(g.Drive, drive), append(g.U, u)
	}
	return g
}

// Newton's method finds the 8 stable states of a memory of three bits, for an RNN and for a GRU.
func TestFlipFlop(t *testing.T) {
	t.Parallel()
	for name, cell := range map[string]Cell{"rnn": RNN{flipFlop(1)}, "gru": GRU{flipFlop(3)}} {
		t.Run(name, func(t *testing.T) {
			rng := seeded(6)
			var starts [][]float64
			for range 300 {
				h := make([]float64, 12)
				for bit := range 3 {
					level := 2*rng.Float64() - 1
					for i := range 4 {
						h[4*bit+i] = level*float64(1-2*(i%2)) + 0.02*rng.NormFloat64()
					}
				}
				starts = append(starts, h)
			}
			found, err := Search(cell, starts)
			if err != nil {
				t.Fatal(err)
			}
			stable := map[[3]bool]int{}
			for _, f := range found {
				near(t, name+": a step from a fixed point", cell.Step(f.H), f.H)
				if f.Stable() {
					stable[[3]bool{f.H[0] > 0, f.H[4] > 0, f.H[8] > 0}]++
				}
			}
			if len(stable) != 8 || len(found) > 27 {
				t.Errorf("%d fixed points, stable %v; want 8 stable of at most 27", len(found), stable)
			}
			for bits, n := range stable {
				if n != 1 {
					t.Errorf("%s: %v is held by %d points", name, bits, n)
				}
			}
		})
	}
}

// TestJacobians compares them with central differences.
func TestJacobians(t *testing.T) {
	t.Parallel()
	rng := seeded(8)
	for gates := 1; gates <= 3; gates += 2 {
		g, err := NewGates(normal(rng, 1, gates*4*2).RawRowView(0), normal(rng, 1, gates*16).RawRowView(0),
			normal(rng, 1, gates*4).RawRowView(0), []float64{0.3, -1}, 4)
		if err != nil {
			t.Fatal(err)
		}
		var cell Cell = RNN{g}
		if gates == 3 {
			cell = GRU{g}
		}
		h := normal(rng, 1, 4).RawRowView(0)
		jacobian := cell.Jacobian(h)
		for k := range h {
			const e = 1e-6
			plus, minus := slices.Clone(h), slices.Clone(h)
			plus[k], minus[k] = plus[k]+e, minus[k]-e
			after, before := cell.Step(plus), cell.Step(minus)
			for i := range h {
				if slope := (after[i] - before[i]) / (2 * e); math.Abs(slope-jacobian.At(i, k)) > 1e-8 {
					t.Errorf("%T: d%d/d%d is %v, by differences %v", cell, i, k, jacobian.At(i, k), slope)
				}
			}
		}
	}
}

// What cannot be computed is an error with a remedy.
func TestRefused(t *testing.T) {
	t.Parallel()
	one := mat.NewDense(1, 2, []float64{1, 2})
	same := mat.NewDense(2, 2, []float64{1, 2, 1, 2})
	bad := mat.NewDense(2, 1, []float64{1, math.NaN()})
	rng := seeded(9)
	_, noVariance := PCA(one, 0)
	_, equal := PCA(same, 0)
	_, notFinite := PCA(bad, 0)
	_, few := StratifiedFolds([]int{0, 0, 0, 1}, 2, rng)
	_, constant := StratifiedFolds([]int{0, 0, 0}, 2, rng)
	_, oneFold := StratifiedFolds([]int{0, 1}, 1, rng)
	_, unequal := CrossTemporal([]*mat.Dense{same}, []int{0}, DefaultDecoder, rng)
	_, flat := R2(same, []float64{3, 3})
	_, allHave := ROC([]float64{1, 2}, []bool{true, true})
	_, noDecay := Plastic{W: one, B: []float64{0}, Eta: one, Lambda: one}.FixedPoints([]float64{1, 1})
	_, sizes := Plastic{W: one, B: []float64{0}, Eta: one, Lambda: one}.FixedPoints([]float64{1})
	_, oneLabel := Selective([]float64{1, 2, 3}, []int{0, 0, 0})
	_, noTrials := Selective([]float64{1, 2}, []int{0, 1})
	_, noLabel := Selective([]float64{1, 2}, []int{0})
	_, zeros := Alignment([]float64{0, 0}, same)
	_, longer := Alignment([]float64{1}, same)
	_, ragged := Beside(same, one)
	_, none := Beside()
	_, apart := Explained(same, one)
	_, nothing := R2(same, nil)
	_, flatStates := Participation(same)
	_, gates := NewGates(nil, nil, nil, nil, 3)
	for want, err := range map[string]error{
		"use 2 or more": noVariance, "all observations are equal": equal, "must be finite": notFinite,
		"too few for 2 folds: use more trials or fewer folds": few, "use another condition": constant,
		"invalid folds 1: use 2": oneFold, "1 labels for 2 trials": unequal, "the variable is constant": flat,
		"same in all trials: use another": allHave, "lambda is 2": noDecay, "they do not fit": sizes,
		"do not fit 3 units": gates, "3 trials of 1 labels: use 2 labels or more": oneLabel,
		"2 trials of 2 labels": noTrials, "2 values for 1 labels": noLabel, "has no direction": zeros,
		"a vector of 1 and readout vectors of 2": longer, "blocks of 2 and 1 observations": ragged,
		"they have no variance":    flatStates,
		"no blocks: use 1 or more": none, "2 observations for 1 values": apart, "0 values: use 2 or more": nothing,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// The shares of a unit that says all of a label, one that says nothing, and one that is constant.
func TestSelectivity(t *testing.T) {
	t.Parallel()
	labels := []int{0, 1, 0, 1, 0, 1}
	for name, c := range map[string]struct {
		values []float64
		want   Selectivity
	}{
		"all":      {[]float64{1, 2, 1, 2, 1, 2}, Selectivity{1, math.Inf(1)}},
		"nothing":  {[]float64{1, 1, 2, 2, 3, 3}, Selectivity{}},
		"constant": {[]float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, Selectivity{}},
	} {
		if got, err := Selective(c.values, labels); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}

// A block whose values differ by rounding alone is not blown up.
func TestBesideRounding(t *testing.T) {
	t.Parallel()
	block := mat.NewDense(2, 2, []float64{0.3, 5, math.Nextafter(0.3, 1), 5})
	joined, err := Beside(block)
	if err != nil || !mat.Equal(joined, block) {
		t.Errorf("%v, %v", joined, err)
	}
}
