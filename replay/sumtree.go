package replay

import "math/bits"

// sumTree holds n values of 0 or more and the sums of all its subtrees, so that a value is set, and found by a
// mass drawn, in O(log n). Node k has the children 2k and 2k+1; node 1 is the root, and value i is the leaf
// len(nodes)/2 + i. A sum is always its two children added anew: rounding does not build up.
type sumTree struct {
	nodes []float64 // [2 * n rounded up to a power of two]; node 0 is unused
	n     int
}

// newSumTree makes a tree of n values, 1 or more, all 0.
func newSumTree(n int) *sumTree {
	return &sumTree{nodes: make([]float64, sumTreeNodes(n)), n: n}
}

// sumTreeNodes returns the number of nodes of a tree of n values.
func sumTreeNodes(n int) int { return 2 << bits.Len(uint(n-1)) }

// Set sets value i, which must be finite and 0 or more.
func (t *sumTree) Set(i int, value float64) {
	k := len(t.nodes)/2 + i
	t.nodes[k] = value
	for k /= 2; k > 0; k /= 2 {
		t.nodes[k] = t.nodes[2*k] + t.nodes[2*k+1]
	}
}

// Get returns value i.
func (t *sumTree) Get(i int) float64 { return t.nodes[len(t.nodes)/2+i] }

// Total returns the sum of all values.
func (t *sumTree) Total() float64 { return t.nodes[1] }

// Find returns the first i for which values 0 to i sum to more than mass, 0 <= mass < Total(). So a uniform mass
// finds i in proportion to its value. A value of 0 is never found, whatever is rounded and whatever the mass,
// while Total() is more than 0.
func (t *sumTree) Find(mass float64) int {
	mass = max(mass, 0)
	k := 1
	for k < len(t.nodes)/2 {
		k *= 2
		if left := t.nodes[k]; !(mass < left) && t.nodes[k+1] > 0 {
			mass -= left
			k++
		}
	}
	return k - len(t.nodes)/2
}

// values returns the n values, in the tree's memory. A caller that writes them must call add.
func (t *sumTree) values() []float64 { return t.nodes[len(t.nodes)/2:][:t.n] }

// add computes all sums anew.
func (t *sumTree) add() {
	for k := len(t.nodes)/2 - 1; k > 0; k-- {
		t.nodes[k] = t.nodes[2*k] + t.nodes[2*k+1]
	}
}
