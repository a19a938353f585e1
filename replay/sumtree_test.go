package replay

import (
	"math"
	"math/rand/v2"
	"testing"
)

// checkSumTree compares a tree with the naive list of its values: the values, every sum, and what is found at
// the given share of the total and at masses that no sound caller asks for.
func checkSumTree(t *testing.T, tree *sumTree, values []float64, share float64) {
	t.Helper()
	leaves := len(tree.nodes) / 2
	for k := 1; k < leaves; k++ {
		if tree.nodes[k] != tree.nodes[2*k]+tree.nodes[2*k+1] {
			t.Fatalf("node %d is %v, its children %v and %v", k, tree.nodes[k], tree.nodes[2*k], tree.nodes[2*k+1])
		}
	}
	total := 0.0
	for i, value := range values {
		if tree.Get(i) != value {
			t.Fatalf("value %d is %v, want %v", i, tree.Get(i), value)
		}
		total += value
	}
	if tree.Total() != total {
		t.Fatalf("total %v, want %v", tree.Total(), total)
	}
	if total == 0 {
		return
	}
	mass := share * total
	if found, want := tree.Find(mass), naiveFind(values, mass); found != want {
		t.Fatalf("mass %v of %v: found %d, want %d", mass, values, found, want)
	}
	for _, mass := range []float64{-1, total, total + 1, math.Inf(1), math.NaN()} {
		if found := tree.Find(mass); found >= len(values) || values[found] == 0 {
			t.Fatalf("mass %v of %v: found %d", mass, values, found)
		}
	}
}

func naiveFind(values []float64, mass float64) int {
	prefix := 0.0
	for i, value := range values {
		if prefix += value; prefix > mass {
			return i
		}
	}
	return -1
}

// TestSumTree sets whole numbers, many of them 0, whose sums are exact, in trees of many sizes, and finds at sums
// exactly (a quarter of the masses) and between them.
func TestSumTree(t *testing.T) {
	for n := 1; n <= 70; n++ {
		rng := rand.New(rand.NewPCG(uint64(n), 1))
		tree, values := newSumTree(n), make([]float64, n)
		for range 300 {
			i, value := rng.IntN(n), float64(max(0, rng.IntN(12)-4))
			tree.Set(i, value)
			values[i] = value
			share := rng.Float64()
			if total := tree.Total(); total > 0 && rng.IntN(4) == 0 {
				share = float64(rng.IntN(int(total))) / total
			}
			checkSumTree(t, tree, values, share)
		}
	}
}

// TestSumTreeRounding finds in trees of values of very unlike sizes, where sums are rounded: never one of 0.
func TestSumTreeRounding(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		n := 1 + rng.IntN(40)
		tree := newSumTree(n)
		for i := range n {
			if rng.IntN(2) == 0 {
				tree.Set(i, math.Exp(80*rng.Float64()-40))
			}
		}
		for range 200 {
			for _, share := range []float64{rng.Float64(), 1 - 0x1p-53} {
				if found := tree.Find(share * tree.Total()); tree.Total() > 0 && (found >= n || tree.Get(found) == 0) {
					t.Fatalf("share %v of %v: found %d", share, tree.values(), found)
				}
			}
		}
	}
}

// TestSumTreeValues writes values at once, as a snapshot does: the tree is the one made by setting each.
func TestSumTreeValues(t *testing.T) {
	for _, n := range []int{1, 2, 3, 8, 13} {
		tree, values := newSumTree(n), make([]float64, n)
		for i := range values {
			values[i] = float64(i % 3)
		}
		copy(tree.values(), values)
		tree.add()
		checkSumTree(t, tree, values, 0.5)
		if len(tree.nodes) >= 4*n && n > 1 {
			t.Errorf("%d values take %d nodes", n, len(tree.nodes))
		}
	}
}

func FuzzSumTree(f *testing.F) {
	f.Add(uint8(1), 0.5, []byte{0, 3, 0, 0})
	f.Add(uint8(13), 0.99, []byte{12, 1, 3, 255, 12, 0})
	f.Fuzz(func(t *testing.T, size uint8, share float64, sets []byte) {
		if size == 0 || !(share >= 0 && share < 1) {
			return
		}
		tree, values := newSumTree(int(size)), make([]float64, size)
		for ; len(sets) >= 2; sets = sets[2:] {
			i := int(sets[0]) % int(size)
			values[i] = float64(sets[1])
			tree.Set(i, values[i])
			checkSumTree(t, tree, values, share)
		}
	})
}
