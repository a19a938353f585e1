package cmd

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestBench(t *testing.T) {
	t.Parallel()
	var report benchReport
	args := []string{"bench", "--json", "--backend", "go", "--rounds", "2", "--only",
		"sample|push|prioritized|act|memory"}
	if err := json.Unmarshal([]byte(ok(t, args...)), &report); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range report.Rows {
		names = append(names, row.Name)
		if row.Median <= 0 || row.Low > row.Median || row.Median > row.High || row.Name != "memory" &&
			len(row.Rounds) != 2 {
			t.Errorf("%+v", row)
		}
		if row.Name != "memory" && (row.Allocs == nil || *row.Allocs != 0) {
			t.Errorf("%s allocates", row.Name)
		}
	}
	if slices.Sort(names); !slices.Equal(names, []string{"act", "act", "memory", "prioritized", "push", "sample"}) ||
		report.Machine == "" {
		t.Errorf("rows %v on %q", names, report.Machine)
	}
}
