package drqn

import (
	"math"
	"strings"
	"testing"
)

// The size of every cell is the one that a search through all sizes finds.
func TestMatched(t *testing.T) {
	t.Parallel()
	base, err := Preset("default")
	if err != nil {
		t.Fatal(err)
	}
	base.Task = "GoNogo"
	for _, cell := range CellNames() {
		c, err := Assemble(base, nil, map[string]string{"cell": cell})
		if err != nil {
			t.Fatal(err)
		}
		for _, parameters := range []int{1, 900, 9284} {
			best, distance := 0, math.Inf(1)
			for hidden := 1; hidden < 120; hidden++ {
				n, err := c.trainableWith(hidden)
				if err != nil {
					t.Fatal(err)
				}
				if d := math.Abs(float64(n - parameters)); d < distance {
					best, distance = hidden, d
				}
			}
			got, err := c.Matched(parameters)
			if err != nil || got.Hidden != best {
				t.Errorf("%s of %d parameters: %d hidden units, %v; want %d", cell, parameters, got.Hidden, err, best)
			}
		}
	}
	if _, err := base.Matched(math.MaxInt); err == nil || !strings.Contains(err.Error(), "use a smaller agent") {
		t.Errorf("error %v", err)
	}
}
