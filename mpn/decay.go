package mpn

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// decays holds the factors by which M, and the write of each step, remain at each later step of a chunk of C steps.
type decays struct {
	steps int   // C
	each  *Node // the powers of every a_{s,t}, or 0 where s is padded, and then of every d_t, [K, B, C(C+1)/2 + C+1, 4]
}

// The powers of n valid steps, an index of the last axis of decays.
const (
	power      = iota // lambda^n
	writeSlope        // eta n lambda^(n-1)
	write             // eta lambda^n
	slope             // n lambda^(n-1)
)

// a returns a_{s,t} of the pairs [from, to), [K, B, to-from, 1].
func (d decays) a(from, to int) *Node { return d.of(write, from, to) }

// d returns d_t of the steps [from, to), [K, B, to-from, 1].
func (d decays) d(from, to int) *Node { return d.ofM(power, from, to) }

// ofM returns a power of d_t of the steps [from, to), [K, B, to-from, 1].
func (d decays) ofM(which, from, to int) *Node {
	_, pairs := pairsOf(d.steps)
	return d.of(which, pairs+from, pairs+to)
}

func (d decays) of(which, from, to int) *Node {
	return SliceAxis(steps(d.each, from, to), 3, AxisElem(which))
}

// pairsOf returns the range [from, to) of the pairs (0, t) to (t-1, t) in the order of pairs.
func pairsOf(t int) (from, to int) { return t * (t - 1) / 2, t * (t + 1) / 2 }

// newDecays computes the factors of a chunk of C steps, given valid [K, B, C] and the powers of 0 to C steps.
func newDecays(valid, powers *Node) decays {
	n := valid.Shape().Dimensions[2]
	between, base := pairTables(n)
	constant := func(of any) *Node { return ConvertDType(Const(valid.Graph(), of), valid.DType()) }
	count := Add(Einsum("kbc,cp->kbp", valid, constant(between)), constant(base))
	which := OneHot(ConvertDType(count, dtypes.Int32), n+1, valid.DType()) // [K, B, C(C+1)/2 + C+1, C+1]
	return decays{n, Einsum("kbpn,knr->kbpr", which, powers)}
}

// pairTables returns two constant tables for a chunk of n steps, whose columns are the pairs (s, t) and then every d_t.
// base [1, 1, n(n+1)/2 + n+1] plus valid times between [n, n(n+1)/2 + n+1] is the number of valid steps after s and
// before t, or before t, and more than n, which no power has, if s is padded.
func pairTables(n int) (between [][]float64, base [][][]float64) {
	_, pairs := pairsOf(n)
	between, base = make([][]float64, n), [][][]float64{{make([]float64, pairs+n+1)}}
	for p := range pairs {
		base[0][0][p] = float64(n + 1)
	}
	for r := range n {
		between[r] = make([]float64, pairs+n+1)
		for t := range n + 1 {
			from, _ := pairsOf(t)
			for s := range t {
				if s < r && r < t {
					between[r][from+s] = 1
				}
			}
			if r < t {
				between[r][pairs+t], between[r][from+r] = 1, -float64(n+1)
			}
		}
	}
	return between, base
}

// powersOf returns the powers of 0 to n valid steps, [K, n+1, 4], given eta and lambda [K]. It multiplies repeatedly
// because the derivative of a general power is NaN at 0^0.
func powersOf(eta, lambda *Node, n int) *Node {
	eta, lambda = InsertAxes(eta, -1), InsertAxes(lambda, -1)
	var each []*Node
	power, slope := OnesLike(lambda), ZerosLike(lambda)
	for j := range n + 1 {
		each = append(each, Concatenate([]*Node{power, Mul(eta, slope), Mul(eta, power), slope}, 1))
		power, slope = Mul(power, lambda), MulScalar(power, j+1)
	}
	return Stack(each, 1)
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

// total returns the gradients of eta and lambda, each [K] as zero is.
func (r rates) total(zero *Node) (byEta, byLambda *Node) {
	byEta, byLambda = zero, zero
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
	weights := SliceAxis(steps(d.each, 0, each.Shape().Dimensions[2]), 3, AxisRange(power, writeSlope+1))
	return Einsum("kbnr,kbnh->krh", weights, each)
}

// byDecay returns the gradient of lambda before its sum over H, [K, 1, H], given dL/dd for d_0..d_{C-1}. Summing each
// [K, B, C, H] over H gives dL/dd.
func (d decays) byDecay(each *Node) *Node {
	return Einsum("kbnr,kbnh->krh", d.ofM(slope, 0, d.steps), each)
}

// byLast returns the gradient of lambda before its sum over I and H, [K, I, H], given dL/dd_C. Summing each
// [K, B, I, H] over I and H gives dL/dd_C.
func (d decays) byLast(each *Node) *Node {
	return overBatch(Mul(d.ofM(slope, d.steps, d.steps+1), each))
}
