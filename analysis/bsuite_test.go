package analysis

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestMemoryScoreByHand(t *testing.T) {
	for _, c := range []struct {
		name   string
		rows   []MemoryRow
		regret float64 // of length 1
		score  float64
	}{
		{"perfect", []MemoryRow{{1, 100, 100}}, 0, 1},
		{"guessing", []MemoryRow{{1, 100, 50}}, 1, 0},
		{"always wrong", []MemoryRow{{1, 100, 0}}, 2, 0},
		{"on the threshold", []MemoryRow{{1, 8, 5}}, 0.75, 0}, // 2 * 3/8
		{"just below it", []MemoryRow{{1, 10_000, 6251}}, 0.7498, 1},
		{"1 of 4 lengths", []MemoryRow{{1, 10, 9}, {2, 10, 5}, {5, 10, 6}, {30, 10, 4}}, 0.2, 0.25},
		{"the last row of a run counts", []MemoryRow{{1, 10, 5}, {1, 100, 90}, {1, 50, 25}}, 0.2, 1},
		// Runs of 10/10 and 4/10: (0 + 6)/0.5 = 12, of two runs 6, of ten episodes 0.6.
		{"runs of a length are averaged", []MemoryRow{{1, 10, 10}, {1, 10, 4}}, 0.6, 1},
		{"a run that is behind does not count", []MemoryRow{{1, 9, 0}, {1, 10, 8}}, 0.4, 1},
		{"lengths of different progress", []MemoryRow{{1, 10, 8}, {2, 20, 11}}, 0.4, 0.5},
		{"episodes after 10,000 do not count", []MemoryRow{{1, 20_000, 20_000}, {1, 10_000, 5000}}, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			regrets, err := MemoryRegrets(c.rows)
			near(t, c.name+": regret", must(t, regrets, err)[1], c.regret, 1e-15)
			score, err := MemoryScore(c.rows)
			near(t, c.name+": score", must(t, score, err), c.score, 0)
		})
	}
}

// TestMemoryScoreIsBSuites compares with testdata/bsuite.json, which bsuite_reference.py makes with the Python package.
func TestMemoryScoreIsBSuites(t *testing.T) {
	data, err := os.ReadFile("testdata/bsuite.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Episodes  int
		Threshold float64
		Cases     []struct {
			Name    string
			Rows    [][3]int
			Regrets map[string]float64
			Score   float64
		}
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if r.Episodes != MemoryEpisodes || r.Threshold != MemoryThreshold || len(r.Cases) != 7 {
		t.Fatalf("%d episodes, threshold %v, %d cases", r.Episodes, r.Threshold, len(r.Cases))
	}
	for _, c := range r.Cases {
		var rows []MemoryRow
		for _, row := range c.Rows {
			rows = append(rows, MemoryRow{row[0], row[1], row[2]})
		}
		got, err := MemoryRegrets(rows)
		if regrets := must(t, got, err); len(regrets) != len(c.Regrets) || len(regrets) == 0 {
			t.Errorf("%s: %d lengths, want %d", c.Name, len(regrets), len(c.Regrets))
		} else {
			for length, regret := range regrets {
				want, ok := c.Regrets[strconv.Itoa(length)]
				if !ok {
					t.Errorf("%s: bsuite has no length %d", c.Name, length)
				}
				near(t, c.Name+": regret", regret, want, 1e-15)
			}
		}
		score, err := MemoryScore(rows)
		near(t, c.Name+": score", must(t, score, err), c.Score, 1e-15)
	}
}

func TestBadMemoryRows(t *testing.T) {
	for _, c := range []struct {
		rows  []MemoryRow
		cause error
		says  string
	}{
		{nil, ErrEmpty, "no rows"},
		{[]MemoryRow{{1, 10, 5}, {2, 0, 0}}, ErrCount, "row 1 has 0 perfect of 0 episodes"},
		{[]MemoryRow{{1, 10, 11}}, ErrCount, "row 0 has 11 perfect of 10 episodes"},
		{[]MemoryRow{{1, 10, -1}}, ErrCount, "row 0 has -1 perfect of 10 episodes"},
		{[]MemoryRow{{3, 9000, 5000}, {3, 20_000, 9000}}, ErrEmpty, "length 3 has no row at episode 10000"},
	} {
		score, err := MemoryScore(c.rows)
		if !errors.Is(err, c.cause) || !strings.HasPrefix(err.Error(), "analysis: ") ||
			!strings.Contains(err.Error(), c.says) || score != 0 {
			t.Errorf("%v gives %v and the error %v, want %v: ... %s", c.rows, score, err, c.cause, c.says)
		}
	}
}
