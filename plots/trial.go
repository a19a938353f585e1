package plots

import (
	"fmt"
	"math"

	"engram/internal/numbers"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Period is a named part of a trial: steps Start <= t < End.
type Period struct {
	Name       string
	Start, End int
}

// Trial draws one trial in panels on a common axis of steps. From top to bottom these are each channel of the
// observations, the actions with the ground truth and the rewards, and the values of the actions. Periods are shaded.
type Trial struct {
	Title       string
	XLabel      string      // of the steps, with their length
	Channels    []string    // names of the C channels
	Observed    [][]float64 // [C][T]
	Periods     []Period
	ActionNames []string    // names of the A actions
	Actions     []int       // the action taken at each step, [T]
	GroundTruth []int       // the correct action at each step, [T]; may be empty
	Rewards     []float64   // the reward for the action of each step, [T]; 0 is not drawn; may be empty
	Q           [][]float64 // the value of each action, [A][T]; may be empty
}

// Heading implements Chart.
func (t Trial) Heading() string { return t.Title }

// check returns an error if parts of the trial differ in length.
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

// checkNumbers returns an error if an action has no name or a period lies outside the trial.
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

// panels returns the number of panels.
func (t Trial) panels() int {
	n := len(t.Observed) + 1
	if len(t.Q) > 0 {
		n++
	}
	return n
}

// Options implements Chart.
func (t Trial) Options() (map[string]any, error) { return plain(t.options()) }

func (t Trial) options() (options, error) {
	if err := t.check(); err != nil {
		return options{}, err
	}
	const first, all, gap = 9.0, 82.0, 2.0 // per cent of the chart's height
	o := options{Legend: legendOnTop(false, t.legend()...), Tooltip: atStep}
	var every []int
	for i, top := range t.tops() {
		o.Grid = append(o.Grid, opts.Grid{Left: "110", Right: "24", Top: percent(first + all*top[0]),
			Height: percent(all*(top[1]-top[0]) - gap)})
		o.XAxis, o.YAxis = append(o.XAxis, t.xAxis(i)), append(o.YAxis, t.yAxis(i))
		panel := t.panelSeries(i)
		for s := range panel {
			panel[s].XAxisIndex, panel[s].YAxisIndex = i, i
		}
		o.Series, every = append(o.Series, panel...), append(every, i)
	}
	o.AxisPointer = &opts.AxisPointer{Link: []opts.AxisPointerLink{{XAxisIndex: every}}}
	return o, nil
}

// xAxis returns the axis of steps of a panel. Only the axis of the last panel has labels.
func (t Trial) xAxis(panel int) axis {
	last := opts.Bool(panel == t.panels()-1)
	a := axis{XAxis: opts.XAxis{Type: "value", GridIndex: panel, Min: -0.5, Max: float64(len(t.Actions)) - 0.5,
		MinInterval: 1, SplitLine: &opts.SplitLine{Show: hidden}, AxisLine: atEdge,
		AxisTick:  &opts.AxisTick{Show: last},
		AxisLabel: &opts.AxisLabel{Show: last, ShowMinLabel: hidden, ShowMaxLabel: hidden, HideOverlap: shown}}}
	if *last {
		a.Name, a.NameLocation, a.NameGap = t.XLabel, "middle", 26
	}
	return a
}

// tops returns the upper and lower edge of each panel, as fractions of the total height.
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

// areaOpacity is the opacity of the area below a channel, which must be visible on a dark page, too.
const areaOpacity = 0.5

// headroomOfChannels is the space above the highest number of a channel, in halves of the range.
const headroomOfChannels = 0.2

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x) }

// yAxis returns the y axis of a panel. All channels share one range, so that they can be compared.
func (t Trial) yAxis(panel int) axis {
	a := scaled("value", "", 56)
	a.GridIndex, a.SplitNumber, a.SplitLine = panel, 2, &opts.SplitLine{Show: hidden}
	switch c := len(t.Observed); {
	case panel < c:
		low, high := span(t.Observed)
		a.Name, a.NameRotate, a.NameGap = t.Channels[panel], opts.Int(0), 12
		a.NameTextStyle = &opts.TextStyle{Align: "right"}
		// The names of periods stand above.
		a.Min, a.Max = low, min(high+headroomOfChannels*(high/2-low/2), math.MaxFloat64)
		a.AxisLabel, a.AxisTick = &opts.AxisLabel{Show: hidden}, &opts.AxisTick{Show: hidden}
	case panel == c:
		a.Type, a.Data, a.SplitLine = "category", t.ActionNames, &opts.SplitLine{Show: shown}
	default:
		a.Name = "Q"
	}
	return a
}

// span returns the range of all finite numbers, which is never empty.
func span(rows [][]float64) (low, high float64) {
	for _, row := range rows {
		for _, x := range row {
			if numbers.Finite(x) {
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

// panelSeries returns the series of a panel. The first of them has the shading of the periods.
func (t Trial) panelSeries(panel int) (all []series) {
	line := func(name string, i int, data any) *series {
		all = append(all, series{SingleSeries: charts.SingleSeries{Type: "line", Name: name, Data: data,
			ItemStyle: filled(hex(seriesColor(i)))}})
		return &all[len(all)-1]
	}
	scatter := func(name, symbol string, size, z int, style *opts.ItemStyle, data any) {
		all = append(all, series{Z: z, SingleSeries: charts.SingleSeries{Type: "scatter", Name: name, Symbol: symbol,
			SymbolSize: size, ItemStyle: style, Data: data}})
	}
	switch c := len(t.Observed); {
	case panel < c:
		s := line(t.Channels[panel], 0, points(t.Observed[panel], t.most()))
		s.Step, s.Symbol = "middle", "none"
		s.AreaStyle = &opts.AreaStyle{Opacity: opts.Float(areaOpacity), Origin: "start"}
	case panel == c:
		scatter("action", "", 7, 4, filled(hex(seriesColor(0))), t.actionPoints(t.Actions))
		if len(t.GroundTruth) > 0 {
			ring := &opts.ItemStyle{Color: "transparent", BorderColor: hex(seriesColor(2)), BorderWidth: 2}
			scatter("ground truth", "circle", 13, 0, ring, t.actionPoints(t.GroundTruth))
		}
		if len(t.Rewards) > 0 {
			scatter("reward", "triangle", 14, 5, filled(hex(seriesColor(4))), t.rewardPoints(1))
			scatter("punishment", downwards, 14, 5, filled(hex(seriesColor(1))), t.rewardPoints(-1))
		}
	default:
		for a, q := range t.Q {
			s := line("Q("+t.ActionNames[a]+")", a, points(q, t.most()))
			s.SymbolSize, s.LineStyle = 4, &opts.LineStyle{Width: 2, Type: lineTypes[roundAt(0, a)]}
		}
	}
	all[0].MarkArea = t.shading(panel == 0)
	return all
}

// most returns how many steps of each row are drawn at most.
func (t Trial) most() int { return share(len(t.Observed) + len(t.Q) + 1) }

// points returns at most most pairs of step and value; "-" is ECharts' gap.
func points(row []float64, most int) [][2]any {
	var pairs [][2]any
	for _, step := range strongest(len(row), most, func(i int) float64 { return math.Abs(row[i]) }) {
		pair := [2]any{step, "-"}
		if numbers.Finite(row[step]) {
			pair[1] = row[step]
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

// acted returns the steps at which actions are drawn. In a long trial these are steps with rewards or with actions
// other than 0 wherever there are some.
func (t Trial) acted(actions []int) []int {
	return strongest(len(actions), t.most(), func(i int) float64 {
		return math.Abs(t.reward(i))*2 + float64(min(actions[i], 1))
	})
}

func (t Trial) actionPoints(actions []int) [][2]any {
	pairs := [][2]any{}
	for _, step := range t.acted(actions) {
		pairs = append(pairs, [2]any{step, actions[step]})
	}
	return pairs
}

// rewardPoints returns step, action and reward where the reward has the sign given.
func (t Trial) rewardPoints(sign float64) [][3]any {
	triples := [][3]any{}
	for _, step := range t.acted(t.Actions) {
		if r := t.Rewards[step]; r*sign > 0 {
			triples = append(triples, [3]any{step, t.Actions[step], r})
		}
	}
	return triples
}

// shading returns the shading of every second period, with the names of all periods if named is true.
func (t Trial) shading(named bool) *markArea { return shadedPeriods(t.Periods, named) }

// shadedPeriods returns the shading of every second period, with the names of all if named is true; nil of none.
func shadedPeriods(periods []Period, named bool) *markArea {
	if len(periods) == 0 {
		return nil
	}
	areas := &markArea{Silent: true, Label: &areaLabel{Label: opts.Label{Show: opts.Bool(named), Position: "top"},
		Distance: 2}}
	for i, p := range periods {
		start := opts.MarkAreaData{Name: p.Name, XAxis: float64(p.Start) - 0.5}
		start.ItemStyle = filled(hex(referenceColor))
		start.ItemStyle.Opacity = opts.Float(0.14 * float32(i%2))
		areas.Data = append(areas.Data, []opts.MarkAreaData{start, {XAxis: float64(p.End) - 0.5}})
	}
	return areas
}

// reward returns the reward of a step, or 0 if the trial has no rewards.
func (t Trial) reward(step int) float64 {
	if step >= len(t.Rewards) {
		return 0
	}
	return t.Rewards[step]
}
