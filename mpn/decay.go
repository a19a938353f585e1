package mpn

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// decays holds the factors by which M, and the write of each step, remain at each later step of a chunk of C steps.
type decays struct {
	steps int   // C
	a     *Node // a_{s,t} of the pairs s < t <= C, [K, B, C(C+1)/2, 1]
	d     *Node // d_t, t = 0..C, [K, B, C+1, 1]

	eta    *Node // [K, 1, 1, 1]
	writes *Node // 1 if step s of the pair is valid, else 0, [K, B, C(C+1)/2, 1]
	power  *Node // lambda^n for every a_{s,t} and then for every d_t, [K, B, C(C+1)/2 + C+1, 1]
	slope  *Node // n lambda^(n-1) for the same
}

// pairsOf returns the range [from, to) of the pairs (0, t) to (t-1, t) in the order of pairs.
func pairsOf(t int) (from, to int) { return t * (t - 1) / 2, t * (t + 1) / 2 }

// newDecays computes the factors of a chunk, given valid [K, B, C], eta [K] and lambda [K].
func newDecays(valid, eta, lambda *Node) decays {
	n := valid.Shape().Dimensions[2]
	_, pairs := pairsOf(n)
	between, writer := pairTables(n)
	table := func(of [][]float64) *Node { return ConvertDType(Const(valid.Graph(), of), valid.DType()) }
	count := ConvertDType(Einsum("kbc,cp->kbp", valid, table(between)), dtypes.Int32)
	which := OneHot(count, n+1, valid.DType()) // [K, B, C(C+1)/2 + C+1, C+1]
	look := func(in *Node) *Node { return ReduceAndKeep(Mul(which, InsertAxes(in, 1, 1)), ReduceSum, -1) }
	powers, slopes := powersOf(lambda, n)
	d := decays{
		steps: n, eta: InsertAxes(eta, -1, -1, -1), power: look(powers), slope: look(slopes),
		writes: InsertAxes(Einsum("kbc,cp->kbp", valid, table(writer)), -1),
	}
	d.a = Mul(Mul(d.eta, d.writes), steps(d.power, 0, pairs))
	d.d = steps(d.power, pairs, pairs+n+1)
	return d
}

// pairTables returns two constant tables of 0 and 1 for a chunk of n steps. between [n, n(n+1)/2 + n+1] marks, for each
// pair (s, t), the steps after s and before t, and then, for each d_t, the steps before t. writer [n, n(n+1)/2] marks
// step s of each pair.
func pairTables(n int) (between, writer [][]float64) {
	_, pairs := pairsOf(n)
	between, writer = make([][]float64, n), make([][]float64, n)
	for r := range n {
		between[r], writer[r] = make([]float64, pairs+n+1), make([]float64, pairs)
		for t := range n + 1 {
			from, _ := pairsOf(t)
			for s := range t {
				if s < r && r < t {
					between[r][from+s] = 1
				}
			}
			if r < t {
				between[r][pairs+t], writer[r][from+r] = 1, 1
			}
		}
	}
	return between, writer
}

// powersOf returns lambda^j and j lambda^(j-1) for j = 0..n, each [K, n+1]. It multiplies repeatedly because the
// derivative of a general power is NaN at 0^0.
func powersOf(lambda *Node, n int) (powers, slopes *Node) {
	lambda = InsertAxes(lambda, -1)
	power, slope := []*Node{OnesLike(lambda)}, []*Node{ZerosLike(lambda)}
	for j := 1; j <= n; j++ {
		slope = append(slope, MulScalar(power[j-1], j))
		power = append(power, Mul(power[j-1], lambda))
	}
	return Concatenate(power, 1), Concatenate(slope, 1)
}

// rates holds the terms of the gradients of eta and lambda before their last sums; nil means zero.
type rates struct {
	writes *Node // of eta and of lambda, [K, 2, H]
	decay  *Node // of lambda, [K, 1, H]
	last   *Node // of lambda, [K, I, H]
}

// add returns the sum of both.
func (r rates) add(other rates) rates {
	return rates{sum(r.writes, other.writes), sum(r.decay, other.decay), sum(r.last, other.last)}
}

// total returns the gradients of eta and lambda, each [K]; eta is as they are.
func (r rates) total(eta *Node) (byEta, byLambda *Node) {
	byEta, byLambda = ZerosLike(eta), ZerosLike(eta)
	if r.writes != nil {
		both := ReduceSum(r.writes, 2)
		byEta, byLambda = Squeeze(SliceAxis(both, 1, AxisElem(0)), 1), Squeeze(SliceAxis(both, 1, AxisElem(1)), 1)
	}
	for _, term := range []*Node{r.decay, r.last} {
		if term != nil {
			byLambda = Add(byLambda, ReduceSum(term, 1, 2))
		}
	}
	return byEta, byLambda
}

// byWrites returns the gradients of eta and lambda before their sum over H, [K, 2, H], given dL/da for the first n
// entries of a. Summing each [K, B, n, H] over H gives dL/da. The sum over H comes last because XLA's CPU backend does
// not vectorise sums over the last axis.
func (d decays) byWrites(each *Node) *Node {
	n := each.Shape().Dimensions[2]
	writes := steps(d.writes, 0, n)
	weights := Concatenate([]*Node{Mul(writes, steps(d.power, 0, n)), Mul(Mul(writes, d.eta), steps(d.slope, 0, n))}, 3)
	return Einsum("kbnr,kbnh->krh", weights, each)
}

// byDecay returns the gradient of lambda before its sum over H, [K, 1, H], given dL/dd for d_0..d_{C-1}. Summing each
// [K, B, C, H] over H gives dL/dd.
func (d decays) byDecay(each *Node) *Node {
	_, pairs := pairsOf(d.steps)
	return Einsum("kbnr,kbnh->krh", steps(d.slope, pairs, pairs+d.steps), each)
}

// byLast returns the gradient of lambda before its sum over I and H, [K, I, H], given dL/dd_C. Summing each
// [K, B, I, H] over I and H gives dL/dd_C.
func (d decays) byLast(each *Node) *Node {
	_, pairs := pairsOf(d.steps)
	return overBatch(Mul(steps(d.slope, pairs+d.steps, pairs+d.steps+1), each))
}
