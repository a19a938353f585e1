package analysis

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// Every interval of one run is an error that can be told; its statistics are not, and neither are two equal runs.
func TestOneRunHasNoInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	one, two := [][]float64{{0.9, 0.8}}, [][]float64{{0.9, 0.8}, {0.9, 0.8}}
	for what, interval := range map[string]func(x [][]float64) (Interval, error){
		"stratified": func(x [][]float64) (Interval, error) { return StratifiedBootstrap(x, IQM, 100, rng) },
		"bootstrap":  func(x [][]float64) (Interval, error) { return Bootstrap(column(x, 0), Mean, 100, rng) },
		"of x":       func(x [][]float64) (Interval, error) { return ImprovementInterval(x, two, 100, rng) },
		"of y":       func(x [][]float64) (Interval, error) { return ImprovementInterval(two, x, 100, rng) },
		"profile": func(x [][]float64) (Interval, error) {
			band, err := ProfileBand(x, []float64{0.5}, 100, rng)
			return append(band, Interval{})[0], err
		},
	} {
		t.Run(what, func(t *testing.T) {
			if got, err := interval(one); !errors.Is(err, ErrOneRun) {
				t.Errorf("%s of one run: %+v, %v", what, got, err)
			}
			if got, err := interval(two); err != nil || got.Low != got.Point || got.High != got.Point {
				t.Errorf("%s of two equal runs: %+v, %v", what, got, err)
			}
		})
	}
	if _, err := Bootstrap(nil, IQM, 100, rng); !errors.Is(err, ErrEmpty) || errors.Is(err, ErrOneRun) {
		t.Errorf("of none: %v", err)
	}
	if iqm, err := IQM([][]float64{{0.9}}); err != nil || iqm != 0.9 {
		t.Errorf("the IQM of one run: %v, %v", iqm, err)
	}
}
