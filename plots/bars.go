package plots

import (
	"fmt"
	"math"
)

// Bars draws lying bars with intervals, in named groups from top to bottom, such as cells compared on tasks.
type Bars struct {
	Title      string
	XLabel     string // with its unit
	Groups     []string
	Sets       []BarSet
	References []Reference // vertical lines
}

// BarSet is one bar in each group.
type BarSet struct {
	Name      string
	Values    []float64 // by group; NaN: no bar
	Low, High []float64 // of the interval; both nil: none
}

// Heading implements Chart.
func (b Bars) Heading() string { return b.Title }

// check returns an error where sets do not have a value for each group, or there is nothing to draw.
func (b Bars) check() error {
	any := false
	for _, s := range b.Sets {
		if len(s.Values) != len(b.Groups) {
			return fmt.Errorf("chart %q: %q has %d values for %d groups", b.Title, s.Name, len(s.Values), len(b.Groups))
		}
		if n := len(s.Low); n != len(s.High) || n > 0 && n != len(b.Groups) {
			return fmt.Errorf("chart %q: %q has intervals of %d low and %d high for %d groups", b.Title, s.Name, n,
				len(s.High), len(b.Groups))
		}
		for _, x := range s.Values {
			any = any || isFinite(x)
		}
	}
	for _, r := range b.References {
		if !isFinite(r.Y) {
			return fmt.Errorf("chart %q: reference %q is at %g: it has no place on the axis", b.Title, r.Name, r.Y)
		}
	}
	if !any {
		return fmt.Errorf("chart %q: %w", b.Title, errEmpty)
	}
	return nil
}

// interval is that of a bar; ok is false where there is none.
func (s BarSet) interval(group int) (low, high float64, ok bool) {
	if len(s.Low) == 0 {
		return math.NaN(), math.NaN(), false
	}
	low, high = s.Low[group], s.High[group]
	return low, high, isFinite(s.Values[group]) && isFinite(low) && isFinite(high)
}

// The gaps between bars and between groups, as ECharts takes them.
const barGap, groupGap = "10%", "30%"

// Options implements Chart.
func (b Bars) Options() (map[string]any, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	var series []any
	for i, s := range b.Sets {
		bars, intervals := make([]any, len(b.Groups)), [][3]float64{}
		for g, x := range s.Values {
			bars[g] = "-"
			if isFinite(x) {
				bars[g] = x
			}
			if low, high, ok := s.interval(g); ok {
				intervals = append(intervals, [3]float64{float64(g), low, high})
			}
		}
		series = append(series,
			map[string]any{"type": "bar", "name": s.Name, "data": bars, "barGap": barGap, "barCategoryGap": groupGap,
				"itemStyle": map[string]any{"color": hex(seriesColor(i)), "opacity": 0.75}},
			map[string]any{"type": "custom", "name": s.Name, "data": intervals, "bar": i, "bars": len(b.Sets),
				"barGap": barGap, "barCategoryGap": groupGap, "silent": true, "z": 5,
				"encode": map[string]any{"x": []int{1, 2},
					"y": 0}, "tooltip": map[string]any{"show": false},
				"itemStyle": map[string]any{"color": hex(referenceColor)}})
	}
	if len(b.References) > 0 {
		lines := markLine("xAxis", b.References)
		for _, line := range lines["data"].([]map[string]any) {
			line["label"].(map[string]any)["position"] = "start" // above, for the groups go down
		}
		series[0].(map[string]any)["markLine"] = lines
	}
	return map[string]any{"series": series, "rem": 7 + float64(len(b.Groups))*(1+0.9*float64(len(b.Sets))),
		"xAxis":   map[string]any{"type": "value", "name": b.XLabel, "nameLocation": "middle", "nameGap": 28},
		"yAxis":   map[string]any{"type": "category", "data": b.Groups, "inverse": true},
		"grid":    map[string]any{"left": 8, "right": 24, "top": 40, "bottom": 50, "containLabel": true},
		"legend":  map[string]any{"show": len(b.Sets) > 1, "top": 0},
		"tooltip": map[string]any{"show": true}}, nil
}
