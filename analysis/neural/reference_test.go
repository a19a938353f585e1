package neural

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// reference is testdata/neural.json, which neural_reference.py makes with scikit-learn, SciPy and NumPy.
type reference struct {
	Tall, Wide struct {
		X, Components, Projected   [][]float64
		Mean, Variances, Explained []float64
		Participation              float64
	}
	Two, Three struct {
		X            [][][]float64
		Labels, Fold []int
		Ridge        float64
		Accuracy     [][]float64
	}
	R2 []struct {
		X  [][]float64
		Y  []float64
		R2 float64
	}
	ROC struct {
		Values []float64
		Has    []bool
		Area   float64
	}
	Rank struct {
		M        [][]float64
		Rank     int
		Sparsity float64
	}
	Wilson  [][4]float64
	Plastic []struct {
		W, Eta, Lambda, Roots, Radius [][]float64
		B, X                          []float64
	}
	Explained []struct {
		X, Y  [][]float64
		Share float64
	}
	Selective []struct {
		Values   []float64
		Labels   []int
		F, Share float64
	}
	Alignment []struct {
		V         []float64
		Readout   [][]float64
		Alignment float64
	}
	Beside struct {
		Blocks [][][]float64
		Joined [][]float64
	}
	GRU struct {
		W, U, B, X, Start, After, Point []float64
		Radius                          float64
	}
}

func readReference(t *testing.T) (r reference) {
	t.Helper()
	data, err := os.ReadFile("testdata/neural.json")
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

// near fails unless the numbers are those wanted, to 1e-8.
func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-8) {
			t.Errorf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func nearRows(t *testing.T, what string, got *mat.Dense, want [][]float64) {
	t.Helper()
	for i, row := range want {
		near(t, what, got.RawRowView(i), row)
	}
}

func TestPCAIsScikitLearns(t *testing.T) {
	t.Parallel()
	r := readReference(t)
	for name, want := range map[string]struct {
		x, components, projected   [][]float64
		mean, variances, explained []float64
		participation              float64
	}{
		"more observations": {r.Tall.X, r.Tall.Components, r.Tall.Projected, r.Tall.Mean, r.Tall.Variances,
			r.Tall.Explained, r.Tall.Participation},
		"more columns": {r.Wide.X, r.Wide.Components, r.Wide.Projected, r.Wide.Mean, r.Wide.Variances,
			r.Wide.Explained, r.Wide.Participation},
	} {
		t.Run(name, func(t *testing.T) {
			x := dense(want.x)
			p, err := PCA(x, 0)
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+": mean", p.Mean, want.mean)
			near(t, name+": variances", p.Variances, want.variances)
			near(t, name+": explained", p.Explained(), want.explained)
			near(t, name+": participation ratio", []float64{ParticipationRatio(p.Variances)},
				[]float64{want.participation})
			ratio, err := Participation(x)
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+": participation ratio without components", []float64{ratio}, []float64{want.participation})
			nearRows(t, name+": components", p.Components, want.components)
			nearRows(t, name+": projected", p.ProjectAll(x), want.projected)
			if first, err := PCA(x, 2); err != nil || len(first.Variances) != 2 || first.Total != p.Total {
				t.Errorf("%s: the first two of them: %+v, %v", name, first, err)
			}
		})
	}
}

func TestDecodingIsScikitLearns(t *testing.T) {
	t.Parallel()
	r := readReference(t)
	for name, want := range map[string]struct {
		x            [][][]float64
		labels, fold []int
		ridge        float64
		accuracy     [][]float64
	}{
		"two labels":   {r.Two.X, r.Two.Labels, r.Two.Fold, r.Two.Ridge, r.Two.Accuracy},
		"three labels": {r.Three.X, r.Three.Labels, r.Three.Fold, r.Three.Ridge, r.Three.Accuracy},
	} {
		t.Run(name, func(t *testing.T) {
			var x []*mat.Dense
			for _, at := range want.x {
				x = append(x, dense(at))
			}
			d, err := crossTemporal(x, want.fold, Decoder{Folds: 4, Ridge: want.ridge}, targets([][]int{want.labels}))
			if err != nil {
				t.Fatal(err)
			}
			for step := range want.accuracy {
				near(t, name, d.Accuracy[step], want.accuracy[step])
			}
		})
	}
}

func TestTuningIsScikitLearns(t *testing.T) {
	t.Parallel()
	r := readReference(t)
	for _, want := range r.R2 {
		got, err := R2(dense(want.X), want.Y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "r2", []float64{got}, []float64{want.R2})
	}
	for _, want := range r.Explained {
		got, err := Explained(dense(want.X), dense(want.Y))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "share of the variance explained", []float64{got}, []float64{want.Share})
	}
	for _, want := range r.Selective {
		got, err := Selective(want.Values, want.Labels)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "selectivity", []float64{got.Share, got.F}, []float64{want.Share, want.F})
	}
	for _, want := range r.Alignment {
		got, err := Alignment(want.V, dense(want.Readout))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "alignment", []float64{got}, []float64{want.Alignment})
	}
	joined, err := Beside(dense(r.Beside.Blocks[0]), dense(r.Beside.Blocks[1]))
	if err != nil {
		t.Fatal(err)
	}
	nearRows(t, "blocks side by side", joined, r.Beside.Joined)
	area, err := ROC(r.ROC.Values, r.ROC.Has)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "area under the ROC", []float64{area}, []float64{r.ROC.Area})
	m := dense(r.Rank.M)
	if rank, err := Rank(m); err != nil || rank != r.Rank.Rank {
		t.Errorf("rank %d, %v, want %d", rank, err, r.Rank.Rank)
	}
	near(t, "sparsity", []float64{Sparsity(m.RawMatrix().Data)}, []float64{r.Rank.Sparsity})
	for _, w := range r.Wilson {
		low, high := Wilson(int(w[0]), int(w[1]))
		near(t, "Wilson's interval", []float64{low, high}, w[2:])
	}
}

func TestFixedPointsAreSciPys(t *testing.T) {
	t.Parallel()
	r := readReference(t)
	for _, want := range r.Plastic {
		p := Plastic{W: dense(want.W), B: want.B, Eta: dense(want.Eta), Lambda: dense(want.Lambda), ByH: true,
			ByX: true}
		rest, err := p.FixedPoints(want.X)
		if err != nil {
			t.Fatal(err)
		}
		for i, roots := range rest.Units {
			var h, radius []float64
			for _, root := range roots {
				h, radius = append(h, root.H), append(radius, root.Radius)
			}
			near(t, "roots", h, want.Roots[i])
			near(t, "radius", radius, want.Radius[i])
		}
	}
	gates, err := NewGates(r.GRU.W, r.GRU.U, r.GRU.B, r.GRU.X, len(r.GRU.Start))
	if err != nil {
		t.Fatal(err)
	}
	gru := GRU{gates}
	near(t, "a step of the GRU", gru.Step(r.GRU.Start), r.GRU.After)
	found, err := Search(gru, [][]float64{r.GRU.Start, r.GRU.Point})
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	near(t, "fixed point of the GRU", found[len(found)-1].H, r.GRU.Point)
	if math.Abs(found[len(found)-1].Radius-r.GRU.Radius) > 1e-5 { // SciPy's by finite differences
		t.Errorf("radius %v, want %v", found[len(found)-1].Radius, r.GRU.Radius)
	}
}
