package suite

import (
	"math"
	"testing"
)

func TestShares(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	chart := Shares([]Row{
		{Task: "A", Agent: "mpn", IQM: number(1), Low: number(0.9), High: number(1.1)}, {Task: "A", Agent: "gru"},
		{Task: "B", Agent: "mpn", IQM: number(0.5), Low: number(0.4), High: number(0.6)}, {Task: "B", Agent: "gru",
			IQM: number(0.7), Low: number(0.6), High: number(0.8)}})
	if len(chart.Groups) != 2 || len(chart.Sets) != 2 || chart.Sets[1].Name != "gru" {
		t.Fatalf("%+v", chart)
	}
	mpn, gru := chart.Sets[0], chart.Sets[1]
	if mpn.Values[1] != 0.5 || mpn.Low[0] != 0.9 || mpn.High[1] != 0.6 || gru.Values[1] != 0.7 {
		t.Errorf("bars stand in other places: %+v", chart.Sets)
	}
	if !math.IsNaN(gru.Values[0]) {
		t.Errorf("an agent without a run on a task has %v there", gru.Values[0])
	}
	if _, err := chart.SVG(); err != nil {
		t.Error(err)
	}
}
