package report

import (
	"errors"
	"fmt"
	"math"

	"engram/drqn"
)

// Contrast is the difference that a kind of trial makes in an agent: means over the trials of that kind minus means
// over the others.
type Contrast struct {
	Memory [][]float64 // difference of M [H][I] before the answer
	Hidden []float64   // difference of the cell's activity [H] at the answer
}

// MemoryContrast compares an MPN's trials whose right answer, at their last step, is the given one with all other
// trials. hidden is H. M is taken after the step before the last, because that is what the last step reads.
func MemoryContrast(traces []drqn.TrialTrace, hidden, answer int) (Contrast, error) {
	var means [2]struct {
		memory, hidden []float64
		count          float64
	}
	for _, t := range traces {
		last := len(t.Actions) - 1
		if last < 1 {
			return Contrast{}, fmt.Errorf("a trial of %d steps has no step before the answer", last+1)
		}
		if len(t.GroundTruth) == 0 {
			return Contrast{}, errors.New("the environment has no ground truth, by which a contrast divides its trials")
		}
		mean := &means[0]
		if t.GroundTruth[last] == answer {
			mean = &means[1]
		}
		mean.memory, mean.hidden = added(mean.memory, t.States[last-1]), added(mean.hidden, t.Hidden[last])
		mean.count++
	}
	if means[0].count == 0 || means[1].count == 0 {
		return Contrast{}, fmt.Errorf("%.0f of %d trials have the answer %d: the contrast needs both kinds",
			means[1].count, len(traces), answer)
	}
	less := func(of, without []float64) []float64 {
		d := make([]float64, len(of))
		for i := range d {
			d[i] = of[i]/means[1].count - without[i]/means[0].count
		}
		return d
	}
	c := Contrast{Hidden: less(means[1].hidden, means[0].hidden)}
	m := less(means[1].memory, means[0].memory)
	for i := range hidden {
		inputs := len(m) / hidden
		c.Memory = append(c.Memory, m[i*inputs:][:inputs])
	}
	return c, nil
}

// added returns sum + x; a nil sum counts as zero.
func added(sum []float64, x []float32) []float64 {
	if sum == nil {
		sum = make([]float64, len(x))
	}
	for i := range x {
		sum[i] += float64(x[i])
	}
	return sum
}

// Norm returns the Euclidean norm of the numbers.
func Norm[F float32 | float64](x ...F) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}
