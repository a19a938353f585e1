package plots_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"engram/plots"
)

func lines() plots.Lines {
	return plots.Lines{Title: "learning", XLabel: "updates", YLabel: "reward per trial",
		Series: []plots.Series{
			{Name: "greedy", X: []float64{0, 1, 2, 3, 4}, Y: []float64{0.125, 0.25, math.NaN(), 0.5, 0.5},
				Low: []float64{0, 0.2, 0, 0.4, 0.4}, High: []float64{0.3, 0.4, 0, 0.6, 0.6}},
			{Name: "exploring", X: []float64{0, 4}, Y: []float64{0.0625, 0.375}, Points: true}},
		References: []plots.Reference{{Name: "oracle", Y: 0.75}}}
}

func heatmap(frames int) plots.Heatmap {
	h := plots.Heatmap{Title: "M", XLabel: "input", YLabel: "hidden"}
	for i := range frames {
		h.Matrices = append(h.Matrices, [][]float64{{float64(i), -1.5, 0.25}, {math.Inf(1), 2, 0}})
		h.Frames = append(h.Frames, string(rune('a'+i)))
	}
	return h
}

func trial() plots.Trial {
	return plots.Trial{Title: "trial", XLabel: "step (100 ms)", Channels: []string{"fixation", "go"},
		Observed: [][]float64{{1, 1, 0}, {0, 1, math.NaN()}}, Periods: []plots.Period{{Name: "cue", Start: 0, End: 2},
			{Name: "decision", Start: 2, End: 3}},
		ActionNames: []string{"wait", "press"}, Actions: []int{0, 0, 1}, GroundTruth: []int{0, 0, 1},
		Rewards: []float64{0, -0.1, 1},
		Q:       [][]float64{{0.5, 0.5, 0.25}, {0.125, 0.25, 0.875}}}
}

func course() plots.Course {
	l := lines()
	l.Title = "course"
	return plots.Course{Lines: l, Periods: []plots.Period{{Name: "cue", Start: 0, End: 2},
		{Name: "decision", Start: 2, End: 5}}}
}

func strips() plots.Strips {
	return plots.Strips{Title: "windows", XLabel: "step", Windows: [][]plots.Cell{
		{{Padded: true, BurnIn: true}, {Padded: true}, {Episode: 7, BurnIn: true},
			{Episode: 7, Loss: true, Rewarded: true}},
		{{Episode: 9, BurnIn: true}, {Episode: 9, BurnIn: true}, {Episode: 9, Loss: true}, {Episode: 9, Loss: true}}}}
}

// logMatrix returns a heatmap with colours by the logarithm, and an exact zero.
func logMatrix() plots.Heatmap {
	return plots.Heatmap{Title: "gradient", Values: "norm", Log: true,
		Matrices: [][][]float64{{{1e-3, 0}, {2e-5, 0.5}}}}
}

// charts returns at least one chart of each kind.
func charts() map[string]plots.Chart {
	logarithmic := lines()
	logarithmic.LogY = true
	silent := trial()
	silent.Q, silent.GroundTruth, silent.Rewards, silent.Periods = nil, nil, nil, nil
	all := map[string]plots.Chart{"lines": lines(), "log": logarithmic, "one matrix": heatmap(1),
		"log matrix": logMatrix(), "matrices": heatmap(20), "trial": trial(), "bare trial": silent, "strips": strips()}
	all["course"] = course()
	maps.Copy(all, comparisons())
	return all
}

func options(t *testing.T, c plots.Chart) map[string]any {
	t.Helper()
	raw, err := c.Options()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func svg(t *testing.T, c plots.Chart) string {
	t.Helper()
	picture, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	return string(picture)
}

func TestPicturesAreXML(t *testing.T) {
	t.Parallel()
	for name, chart := range charts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			picture := svg(t, chart)
			for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
				_, err := decoder.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
				t.Error("a coordinate is not a number")
			}
			if again := svg(t, chart); again != picture {
				t.Error("drawn twice, it differs")
			}
		})
	}
}

func TestPicturesNameWhatTheyDraw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		chart plots.Chart
		texts []string
	}{
		{lines(), []string{"reward per trial", "oracle", "exploring"}},
		{heatmap(1), []string{"hidden"}},
		{heatmap(20), []string{"t"}},
		{logMatrix(), []string{"1e-5", "norm"}},
		{trial(), []string{"fixation", "press", "decision", "Q(press)", "punishment"}},
		{course(), []string{"cue", "decision", "exploring", "oracle"}},
		{strips(), []string{"padded", "rewarded"}},
		{bars(), []string{"ReadySetGo", "frozen", "solved"}},
		{panels(), []string{"right task", "exploring"}},
		{parallel(), []string{"learning rate", "0.01"}},
		{psychometric(), []string{"coherence (%)", "agent"}},
		{phase(), []string{"nogo", "PC 2"}},
		{raster(), []string{"press", "punishment"}},
	} {
		picture := svg(t, c.chart)
		for _, text := range c.texts {
			if !strings.Contains(picture, ">"+text+"</text>") {
				t.Errorf("%s is nowhere written in %q", text, c.chart.Heading())
			}
		}
	}
}

// The interactive form carries the numbers themselves.
func TestOptionsHoldTheData(t *testing.T) {
	t.Parallel()
	const cells = `[{"value":[0,0,0]},{"value":[1,0,-1.5]},{"value":[2,0,0.25]},{"value":[1,1,2]},{"value":[2,1,0]}]`
	const greedy = `[{"value":[0,0.125]},{"value":[1,0.25]},{"value":["-","-"]},{"value":[3,0.5]},{"value":[4,0.5]}]`
	for _, c := range []struct {
		name  string
		chart plots.Chart
		path  []any
		want  string
	}{
		{"the first band", lines(), []any{"series", 0, "data"}, `[[0,0.3],[1,0.4],[1,0.2],[0,0]]`},
		{"a curve after both bands", lines(), []any{"series", 2, "data"}, greedy},
		{"marks", lines(), []any{"series", 3, "name"}, `"exploring"`},
		{"a matrix", heatmap(1), []any{"series", 0, "data"}, cells},
		{"0 in the middle, below", heatmap(1), []any{"visualMap", "min"}, `-2`},
		{"0 in the middle, above", heatmap(1), []any{"visualMap", "max"}, `2`},
		{"the last frame", heatmap(3), []any{"options", 2, "series", 0, "data", 0, "value"}, `[0,0,2]`},
		{"the frame shown", heatmap(3), []any{"baseOption", "timeline", "currentIndex"}, `2`},
		{"the last of four panels", trial(), []any{"xAxis", 3, "gridIndex"}, `3`},
		{"padded", strips(), []any{"series", 1, "data"}, `[[0,0],[1,0]]`},
		{"burn-in", strips(), []any{"series", 2, "data"}, `[[2,0],[0,1],[1,1]]`},
		{"loss", strips(), []any{"series", 3, "data"}, `[[3,0],[2,1],[3,1]]`},
		{"rewarded", strips(), []any{"series", 4, "data"}, `[[3,0]]`},
		{"a padded cell", strips(), []any{"series", 0, "data", 0}, `{"name":"padded","value":[0,0,-1]}`},
		{"a cell", strips(), []any{"series", 0, "data", 2}, `{"name":"episode 7","value":[2,0,0]}`},
		{"the next episode", strips(), []any{"series", 0, "data", 4}, `{"name":"episode 9","value":[0,1,1]}`},
		{"a cell's name", strips(), []any{"series", 0, "tooltip"}, `{"formatter":"{b}"}`},
		{"bars", bars(), []any{"series", 0, "data"}, `[1,0.75]`},
		{"intervals", bars(), []any{"series", 1, "data"}, `[[0,0.875,1.125],[1,0.5,0.875]]`},
		{"a missing bar", bars(), []any{"series", 2, "data"}, `[0.5,"-"]`},
		{"a missing interval", bars(), []any{"series", 3, "data"}, `[[0,0.25,0.625]]`},
		{"whose intervals", bars(), []any{"series", 3, "bar"}, `1`},
		{"an upright reference", bars(), []any{"series", 0, "markLine", "data", 0, "xAxis"}, `0.95`},
		{"not rounded by ECharts", bars(), []any{"series", 0, "markLine", "precision"}, `-1`},
		{"not rounded to 0", references(), []any{"series", 0, "markLine", "precision"}, `-1`},
		{"a reference", references(), []any{"series", 0, "markLine", "data", 1, "yAxis"}, `1e-9`},
		// The first panel has two bands and two curves.
		{"a panel's series", panels(), []any{"series", 4, "xAxisIndex"}, `1`},
		{"a panel's data", panels(), []any{"series", 6, "data", 1, "value"}, `[1,0.25]`},
		{"a panel's axis", panels(), []any{"xAxis", 1, "gridIndex"}, `1`},
		{"a panel's title", panels(), []any{"title", 1, "text"}, `"right task"`},
		{"the panels' legend", panels(), []any{"legend", "data"}, `["greedy","exploring"]`},
		{"the panels' range", panels(), []any{"yAxis", 0, "max"},
			compact(t, dig(options(t, panels()), "yAxis", 1, "max"))},
		{"known lines", parallel(), []any{"series", 0, "data"}, `[[0.0001,0.5,0.25],[0.01,-0.5,0.5]]`},
		{"unknown lines", parallel(), []any{"series", 1, "data"}, `[[0.001,0,"-"]]`},
		{"a logarithmic axis", parallel(), []any{"parallelAxis", 0, "type"}, `"log"`},
		{"the first dimension", parallel(), []any{"parallelAxis", 0, "dim"}, `0`},
		{"the dimension of colours", parallel(), []any{"visualMap", "dimension"}, `2`},
		{"the name of y", psychometric(), []any{"yAxis", 0, "name"}, `"probability of \"right\""`},
		{"shares", psychometric(), []any{"series", 3, "data"},
			`[{"value":[-10,0]},{"value":[0,0.5]},{"value":[10,1]},{"value":["-","-"]}]`},
		{"a path's begin", phase(), []any{"series", 0, "data", 0, "symbol"}, `"emptyCircle"`},
		{"a path's end", phase(), []any{"series", 0, "data", 2, "symbol"}, `"triangle"`},
		{"a path's step", phase(), []any{"series", 0, "data", 2, "value"}, `[0.5,2,2]`},
		{"an action", raster(), []any{"series", 0, "data", 4, "value"}, `[2,1,1]`},
		{"rewards", raster(), []any{"series", 1, "data"}, `[[1,0]]`},
		{"punishments", raster(), []any{"series", 2, "data"}, `[[0,1],[2,1]]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := compact(t, dig(options(t, c.chart), c.path...)); got != c.want {
				t.Errorf("%q has %s at %v, want %s", c.chart.Heading(), got, c.path, c.want)
			}
		})
	}
}

// Each chart has as many series, panels and frames as there are to draw.
func TestOptionsHoldAllParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		chart plots.Chart
		part  string
		want  int
	}{
		{"two bands, because the gap parts the first, and two series", lines(), "series", 4},
		{"frames", heatmap(3), "options", 3},
		{"two channels, actions and values", trial(), "grid", 4},
		{"panels", panels(), "grid", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := len(dig(options(t, c.chart), c.part).([]any)); got != c.want {
				t.Errorf("%s: %d, want %d", c.name, got, c.want)
			}
		})
	}
}

// textStyles are the objects of ECharts that style text.
var textStyles = []string{"label", "axisLabel", "textStyle", "nameTextStyle"}

// Text on the page has the colour of the theme: no one colour can be read on white and on dark, too.
func TestTextHasTheColourOfTheTheme(t *testing.T) {
	t.Parallel()
	var walk func(t *testing.T, path string, o any)
	walk = func(t *testing.T, path string, o any) {
		switch o := o.(type) {
		case map[string]any:
			for key, value := range o {
				style, ok := value.(map[string]any)
				if ok && slices.Contains(textStyles, key) && style["color"] != nil {
					t.Errorf("%s.%s has the colour %v", path, key, style["color"])
				}
				walk(t, path+"."+key, value)
			}
		case []any:
			for _, value := range o {
				walk(t, path, value)
			}
		}
	}
	for name, chart := range charts() {
		walk(t, name, options(t, chart))
	}
}

func compact(t *testing.T, x any) string {
	t.Helper()
	encoded, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(encoded))
}

// A logarithmic axis leaves out what has no place on it.
func TestLogarithmicAxisSkipsZero(t *testing.T) {
	t.Parallel()
	l := plots.Lines{Title: "loss", LogY: true,
		Series: []plots.Series{{Name: "loss", X: []float64{0, 1, 2}, Y: []float64{0, 0.5, -1}}}}
	o := options(t, l)
	if got, want := compact(t,
		o["series"].([]any)[0].(map[string]any)["data"]),
		`[{"value":["-","-"]},{"value":[1,0.5]},{"value":["-","-"]}]`; got != want {
		t.Errorf("data %s, want %s", got, want)
	}
	wide := plots.Lines{Title: "rounding", LogY: true,
		Series: []plots.Series{{Name: "apart", X: []float64{0, 1}, Y: []float64{6e-8, 0.03}}}}
	if picture := svg(t, wide); strings.Contains(picture, "9999") || !strings.Contains(picture, ">1e-05</text>") {
		t.Error("the powers of ten are not written as such")
	}
	if low := o["yAxis"].([]any)[0].(map[string]any)["min"]; low != 0.1 {
		t.Errorf("the axis begins at %v, want the power of ten below 0.5", low)
	}
	if kind := o["yAxis"].([]any)[0].(map[string]any)["type"]; kind != "log" {
		t.Errorf("axis %v, want log", kind)
	}
}

// Colours by the logarithm: an exact zero has none, and the scale is written in powers of 10.
func TestLogarithmicColours(t *testing.T) {
	t.Parallel()
	h := plots.Heatmap{Title: "gradient", Values: "norm", Log: true, Matrices: [][][]float64{{{1, 0}, {0.02, 100}}}}
	o := options(t, h)
	data := compact(t, o["series"].([]any)[0].(map[string]any)["data"])
	want := `[{"name":"1","value":[0,0,0]},{"name":"0.02","value":[0,1,-1.6989700043360187]},` +
		`{"name":"100","value":[1,1,2]}]`
	if data != want {
		t.Errorf("cells %s, want %s", data, want)
	}
	scale := o["visualMap"].(map[string]any)
	if scale["min"] != -2.0 || scale["max"] != 2.0 || scale["formatter"] != "1e{value}" {
		t.Errorf("the colours run from %v to %v, want -2 to 2: %v", scale["min"], scale["max"], scale["formatter"])
	}
	picture := svg(t, h)
	for _, text := range []string{"1e-2", "1e2", "norm"} {
		if !strings.Contains(picture, ">"+text+"</text>") {
			t.Errorf("%s is nowhere written", text)
		}
	}
}

func TestImpossibleChartsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names string
		spoil func() plots.Chart
	}{
		{"nothing to draw", func() plots.Chart { return plots.Lines{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Heatmap{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Trial{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Strips{Title: "x"} }},
		{`"greedy" has 4 x`, func() plots.Chart { l := lines(); l.Series[0].X = l.Series[0].X[:4]; return l }},
		{`band of 4 low`, func() plots.Chart { l := lines(); l.Series[0].Low = l.Series[0].Low[:4]; return l }},
		{`"oracle" is at NaN`, func() plots.Chart { l := lines(); l.References[0].Y = math.NaN(); return l }},
		{`"oracle" is at 0`, func() plots.Chart { l := lines(); l.References[0].Y = 0; l.LogY = true; return l }},
		{"matrix 1 has 1 rows", func() plots.Chart { h := heatmap(2); h.Matrices[1] = h.Matrices[1][:1]; return h }},
		{"row 1 of matrix 0 has 2",
			func() plots.Chart { h := heatmap(1); h.Matrices[0][1] = h.Matrices[0][1][:2]; return h }},
		{"nothing to draw", func() plots.Chart { h := logMatrix(); h.Matrices = [][][]float64{{{0, 0}}}; return h }},
		{"1 names for 2 matrices", func() plots.Chart { h := heatmap(2); h.Frames = h.Frames[:1]; return h }},
		{"3 for 2 rows", func() plots.Chart { h := heatmap(1); h.Rows = []string{"a", "b", "c"}; return h }},
		{"1 names for 2 channels", func() plots.Chart { tr := trial(); tr.Channels = tr.Channels[:1]; return tr }},
		{"values of 1 actions", func() plots.Chart { tr := trial(); tr.Q = tr.Q[:1]; return tr }},
		{"channel go has 2 steps",
			func() plots.Chart { tr := trial(); tr.Observed[1] = tr.Observed[1][:2]; return tr }},
		{"rewards has 2 steps", func() plots.Chart { tr := trial(); tr.Rewards = tr.Rewards[:2]; return tr }},
		{"action 2 of 2", func() plots.Chart { tr := trial(); tr.Actions[1] = 2; return tr }},
		{`period "decision" is 2 to 4`, func() plots.Chart { tr := trial(); tr.Periods[1].End = 4; return tr }},
		{"window 1 has 3 steps", func() plots.Chart { s := strips(); s.Windows[1] = s.Windows[1][:3]; return s }},
		{"nothing to draw", func() plots.Chart { return plots.Bars{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Panels{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Parallel{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Psychometric{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Phase{Title: "x"} }},
		{"nothing to draw", func() plots.Chart { return plots.Raster{Title: "x"} }},
		{`"mpn" has 1 values for 2 groups`,
			func() plots.Chart { b := bars(); b.Sets[0].Values = b.Sets[0].Values[:1]; return b }},
		{"intervals of 1 low", func() plots.Chart { b := bars(); b.Sets[0].Low = b.Sets[0].Low[:1]; return b }},
		{`"solved" is at NaN`, func() plots.Chart { b := bars(); b.References[0].Y = math.NaN(); return b }},
		{`"greedy" has 4 x`, func() plots.Chart {
			p := panels()
			p.Panels[1].Series[0].X = p.Panels[1].Series[0].X[:4]
			return p
		}},
		{"invalid number of columns -1: use 1 or more, or 0 for 3",
			func() plots.Chart { p := panels(); p.Columns = -1; return p }},
		{"point 1 has 2 numbers for 3 axes",
			func() plots.Chart { p := parallel(); p.Points[1] = p.Points[1][:2]; return p }},
		{`point 0 is at 0 on "learning rate"`, func() plots.Chart { p := parallel(); p.Points[0][0] = 0; return p }},
		{`point 0 is at 2 on "cell"`, func() plots.Chart {
			p := parallel()
			p.Axes[1], p.Points = plots.Axis{Name: "cell", Choices: []string{"mpn", "gru"}}, [][]float64{{0.1, 2, 1}}
			return p
		}},
		{`point 0 is at NaN on "eta"`, func() plots.Chart { p := parallel(); p.Points[0][1] = math.NaN(); return p }},
		{"3 counts", func() plots.Chart {
			p := psychometric()
			p.Observed[0].Chosen = p.Observed[0].Chosen[:3]
			return p
		}},
		{"11 answers in 10 trials", func() plots.Chart { p := psychometric(); p.Observed[0].Chosen[0] = 11; return p }},
		{`point 1 of "nogo" is not finite`,
			func() plots.Chart { p := phase(); p.Paths[1].Y[1] = math.Inf(1); return p }},
		{`"go" has 2 x`, func() plots.Chart { p := phase(); p.Paths[0].X = p.Paths[0].X[:2]; return p }},
		{`"go": nothing to draw`, func() plots.Chart { p := phase(); p.Paths[0] = plots.Path{Name: "go"}; return p }},
		{"trial 1 has 3 actions and 2 rewards",
			func() plots.Chart { r := raster(); r.Trials[1].Rewards = r.Trials[1].Rewards[:2]; return r }},
		{"action 2 of 2 at step 1", func() plots.Chart { r := raster(); r.Trials[0].Actions[1] = 2; return r }},
	} {
		chart := c.spoil()
		t.Run(fmt.Sprintf("%T %s", chart, c.names), func(t *testing.T) {
			t.Parallel()
			_, drawn := chart.SVG()
			_, made := chart.Options()
			for _, err := range []error{drawn, made} {
				if err == nil || !strings.Contains(err.Error(), c.names) ||
					!strings.Contains(err.Error(), chart.Heading()) {
					t.Errorf("error %v does not name %q of chart %q", err, c.names, chart.Heading())
				}
			}
		})
	}
}
