package plots

import (
	"fmt"
	"math"
)

// Period is a named stretch of a trial: steps Start <= t < End.
type Period struct {
	Name       string
	Start, End int
}

// Trial draws one trial on one axis of steps, in panels from top to bottom: each channel of the observations,
// the actions with the ground truth and the rewards, and the value of each action. Periods are shaded.
type Trial struct {
	Title       string
	XLabel      string      // of the steps, with their length
	Channels    []string    // names of the C channels
	Observed    [][]float64 // [C][T]
	Periods     []Period
	ActionNames []string    // names of the A actions
	Actions     []int       // the action taken at each step, [T]
	GroundTruth []int       // the right action at each step, [T]; empty: not drawn
	Rewards     []float64   // the reward for the action of each step, [T]; 0 is not drawn; empty: none
	Q           [][]float64 // the value of each action, [A][T]; empty: no panel
}

// Heading implements Chart.
func (t Trial) Heading() string { return t.Title }

// check returns an error where parts of the trial differ in length.
func (t Trial) check() error {
	steps := len(t.Actions)
	if steps == 0 || len(t.Observed) == 0 {
		return fmt.Errorf("chart %q: %w", t.Title, errEmpty)
	}
	if len(t.Channels) != len(t.Observed) {
		return fmt.Errorf("chart %q: %d names for %d channels", t.Title, len(t.Channels), len(t.Observed))
	}
	if len(t.Q) > 0 && len(t.Q) != len(t.ActionNames) {
		return fmt.Errorf("chart %q: values of %d actions, names of %d", t.Title, len(t.Q), len(t.ActionNames))
	}
	lengths := map[string]int{}
	for i, row := range t.Observed {
		lengths["channel "+t.Channels[i]] = len(row)
	}
	for i, row := range t.Q {
		lengths["Q of "+t.ActionNames[i]] = len(row)
	}
	if len(t.GroundTruth) > 0 {
		lengths["ground truth"] = len(t.GroundTruth)
	}
	if len(t.Rewards) > 0 {
		lengths["rewards"] = len(t.Rewards)
	}
	for name, n := range lengths {
		if n != steps {
			return fmt.Errorf("chart %q: %s has %d steps, the actions have %d", t.Title, name, n, steps)
		}
	}
	return t.checkNumbers(steps)
}

// checkNumbers returns an error where an action has no name or a period lies outside the trial.
func (t Trial) checkNumbers(steps int) error {
	for _, actions := range [][]int{t.Actions, t.GroundTruth} {
		for step, a := range actions {
			if a < 0 || a >= len(t.ActionNames) {
				return fmt.Errorf("chart %q: step %d has action %d of %d", t.Title, step, a, len(t.ActionNames))
			}
		}
	}
	for _, p := range t.Periods {
		if p.Start < 0 || p.End <= p.Start || p.End > steps {
			return fmt.Errorf("chart %q: period %q is %d to %d in a trial of %d steps", t.Title, p.Name, p.Start, p.End,
				steps)
		}
	}
	return nil
}

// panels is the number of panels.
func (t Trial) panels() int {
	n := len(t.Observed) + 1
	if len(t.Q) > 0 {
		n++
	}
	return n
}

// Options implements Chart.
func (t Trial) Options() (map[string]any, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	n := t.panels()
	var grids, xs, ys, series []any
	const first, all, gap = 9.0, 82.0, 2.0 // per cent of the chart's height
	for i, top := range t.tops() {
		last := i == n-1
		grids = append(grids, map[string]any{"left": 110, "right": 24, "top": percent(first + all*top[0]),
			"height": percent(all*(top[1]-top[0]) - gap)})
		x := map[string]any{"type": "value", "gridIndex": i, "min": -0.5, "max": float64(len(t.Actions)) - 0.5,
			"minInterval": 1,
			"splitLine":   hidden, "axisLabel": map[string]any{"show": last, "showMinLabel": false,
				"showMaxLabel": false},
			"axisLine": map[string]any{"onZero": false}, "axisTick": map[string]any{"show": last}}
		if last {
			x["name"], x["nameLocation"], x["nameGap"] = t.XLabel, "middle", 26
		}
		xs, ys = append(xs, x), append(ys, t.yAxis(i))
		series = append(series, t.panelSeries(i)...)
	}
	return map[string]any{"grid": grids, "xAxis": xs, "yAxis": ys, "series": series,
		"tooltip":     map[string]any{"trigger": "axis"},
		"axisPointer": map[string]any{"link": []any{map[string]any{"xAxisIndex": "all"}}},
		"legend":      map[string]any{"show": true, "top": 0, "data": t.legend()}}, nil
}

// tops are the upper and lower edge of each panel, as parts of the height of all.
func (t Trial) tops() [][2]float64 {
	heights := make([]float64, t.panels())
	total := 0.0
	for i := range heights {
		heights[i] = []float64{1, 1.8, 3}[min(max(0, i-len(t.Observed)+1), 2)]
		total += heights[i]
	}
	edges, top := make([][2]float64, len(heights)), 0.0
	for i, h := range heights {
		edges[i] = [2]float64{top / total, (top + h) / total}
		top += h
	}
	return edges
}

// headroomOfChannels is the room above a channel's highest number, in halves of its range.
const headroomOfChannels = 0.2

var hidden = map[string]any{"show": false}

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x) }

// yAxis is that of a panel: all channels share one range, so that they can be compared.
func (t Trial) yAxis(panel int) map[string]any {
	axis := map[string]any{"type": "value", "gridIndex": panel, "scale": true, "nameLocation": "middle", "nameGap": 56,
		"splitLine": hidden, "splitNumber": 2,
		"axisLine": map[string]any{"onZero": false}}
	switch c := len(t.Observed); {
	case panel < c:
		low, high := span(t.Observed)
		// names of periods stand above
		axis["name"], axis["min"], axis["max"] = t.Channels[panel], low, min(high+headroomOfChannels*(high/2-low/2),
			math.MaxFloat64)
		axis["nameRotate"], axis["nameGap"], axis["axisLabel"], axis["axisTick"] = 0, 12, hidden, hidden
		axis["nameTextStyle"] = map[string]any{"align": "right"}
	case panel == c:
		axis["type"], axis["data"], axis["splitLine"] = "category", t.ActionNames, map[string]any{"show": true}
	default:
		axis["name"] = "Q"
	}
	return axis
}

// span is the range of all finite numbers, and never empty.
func span(rows [][]float64) (low, high float64) {
	for _, row := range rows {
		for _, x := range row {
			if isFinite(x) {
				low, high = min(low, x), max(high, x)
			}
		}
	}
	if low == high {
		high = low + 1
	}
	return low, high
}

func (t Trial) legend() []string {
	names := []string{"action"}
	if len(t.GroundTruth) > 0 {
		names = append(names, "ground truth")
	}
	if len(t.Rewards) > 0 {
		names = append(names, "reward", "punishment")
	}
	for a := range t.Q {
		names = append(names, "Q("+t.ActionNames[a]+")")
	}
	return names
}

// panelSeries are the series of a panel; the first of each carries the shading of the periods.
func (t Trial) panelSeries(panel int) []any {
	var series []any
	add := func(kind, name string, i int, data any, more map[string]any) {
		s := map[string]any{"type": kind, "name": name, "xAxisIndex": panel, "yAxisIndex": panel, "data": data,
			"itemStyle": map[string]any{"color": hex(seriesColor(i))}}
		for k, v := range more {
			s[k] = v
		}
		series = append(series, s)
	}
	switch c := len(t.Observed); {
	case panel < c:
		add("line", t.Channels[panel], 0, points(t.Observed[panel]), map[string]any{"step": "middle", "symbol": "none",
			"areaStyle": map[string]any{"opacity": bandOpacity, "origin": "start"}})
	case panel == c:
		add("scatter", "action", 0, t.actionPoints(t.Actions), map[string]any{"symbolSize": 7, "z": 4})
		if len(t.GroundTruth) > 0 {
			add("scatter", "ground truth", 2, t.actionPoints(t.GroundTruth),
				map[string]any{"symbol": "circle", "symbolSize": 13,
					"itemStyle": map[string]any{"color": "transparent", "borderColor": hex(seriesColor(2)),
						"borderWidth": 2}})
		}
		if len(t.Rewards) > 0 {
			add("scatter", "reward", 4, t.rewardPoints(1), map[string]any{"symbol": "triangle", "symbolSize": 14,
				"z": 5})
			add("scatter", "punishment", 1, t.rewardPoints(-1),
				map[string]any{"symbol": "triangle", "symbolRotate": 180, "symbolSize": 14, "z": 5})
		}
	default:
		for a, q := range t.Q {
			add("line", "Q("+t.ActionNames[a]+")", a, points(q),
				map[string]any{"symbolSize": 4, "lineStyle": map[string]any{"width": 2}})
		}
	}
	series[0].(map[string]any)["markArea"] = t.shading(panel == 0)
	return series
}

// points are the pairs of step and value; "-" is ECharts' gap.
func points(row []float64) [][2]any {
	pairs := make([][2]any, len(row))
	for step, x := range row {
		pairs[step] = [2]any{step, "-"}
		if isFinite(x) {
			pairs[step][1] = x
		}
	}
	return pairs
}

func (t Trial) actionPoints(actions []int) [][2]any {
	pairs := make([][2]any, len(actions))
	for step, a := range actions {
		pairs[step] = [2]any{step, a}
	}
	return pairs
}

// rewardPoints are step, action and reward where the reward has the sign given.
func (t Trial) rewardPoints(sign float64) [][3]any {
	triples := [][3]any{}
	for step, r := range t.Rewards {
		if r*sign > 0 {
			triples = append(triples, [3]any{step, t.Actions[step], r})
		}
	}
	return triples
}

// shading marks every other period in grey, with names where asked.
func (t Trial) shading(named bool) map[string]any {
	areas := []any{}
	for i, p := range t.Periods {
		start := map[string]any{"name": p.Name, "xAxis": float64(p.Start) - 0.5,
			"itemStyle": map[string]any{"color": hex(referenceColor), "opacity": 0.14 * float64(i%2)}}
		areas = append(areas, []any{start, map[string]any{"xAxis": float64(p.End) - 0.5}})
	}
	return map[string]any{"silent": true, "data": areas, "label": map[string]any{"show": named, "position": "top",
		"distance": 2, "color": hex(referenceColor)}}
}
