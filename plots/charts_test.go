package plots_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"math"
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

func TestPicturesAreXMLWithTheirText(t *testing.T) {
	for name, chart := range charts() {
		picture := svg(t, chart)
		decoder := xml.NewDecoder(strings.NewReader(picture))
		for {
			_, err := decoder.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
			t.Errorf("%s: a coordinate is not a number", name)
		}
		if again := svg(t, chart); again != picture {
			t.Errorf("%s: drawn twice, it differs", name)
		}
	}
	for text, chart := range map[string]plots.Chart{"reward per trial": lines(), "oracle": lines(),
		"exploring": lines(), "hidden": heatmap(1), "t": heatmap(20),
		"fixation": trial(), "press": trial(), "decision": trial(), "Q(press)": trial(), "punishment": trial(), "padded": strips(), "rewarded": strips()} {
		if !strings.Contains(svg(t, chart), ">"+text+"</text>") {
			t.Errorf("%s is nowhere written in %q", text, chart.Heading())
		}
	}
}

// The interactive form carries the numbers themselves.
func TestOptionsHoldTheData(t *testing.T) {
	series := func(o map[string]any) []any { return o["series"].([]any) }
	all := series(options(t, lines()))
	if len(all) != 4 { // two bands, since the gap parts the first, and two series
		t.Fatalf("%d series of lines, want 4", len(all))
	}
	want := `[[0,0.3],[1,0.4],[1,0.2],[0,0]]`
	if got := compact(t, all[0].(map[string]any)["data"]); got != want {
		t.Errorf("the first band is %s, want %s", got, want)
	}
	data := compact(t, all[2].(map[string]any)["data"])
	if want := `[{"value":[0,0.125]},{"value":[1,0.25]},{"value":["-","-"]},{"value":[3,0.5]},{"value":[4,0.5]}]`; data != want {
		t.Errorf("greedy is %s, want %s", data, want)
	}
	h := options(t, heatmap(1))
	if got, want := compact(t,
		series(h)[0].(map[string]any)["data"]),
		`[{"value":[0,0,0]},{"value":[1,0,-1.5]},{"value":[2,0,0.25]},{"value":[1,1,2]},{"value":[2,1,0]}]`; got != want {
		t.Errorf("the matrix is %s, want %s", got, want)
	}
	scale := h["visualMap"].(map[string]any)
	if scale["min"] != -2.0 || scale["max"] != 2.0 {
		t.Errorf("the colours run from %v to %v, want -2 to 2: 0 is the middle", scale["min"], scale["max"])
	}
	frames := options(t, heatmap(3))
	if n := len(frames["options"].([]any)); n != 3 {
		t.Errorf("%d frames, want 3", n)
	}
	if n := len(options(t, trial())["grid"].([]any)); n != 4 {
		t.Errorf("%d panels, want two channels, actions and values", n)
	}
	marks := series(options(t, strips()))
	for i, want := range map[int]string{1: `[[0,0],[1,0]]`, 2: `[[2,0],[0,1],[1,1]]`, 3: `[[3,0],[2,1],[3,1]]`,
		4: `[[3,0]]`} {
		mark := marks[i].(map[string]any)
		if got := compact(t, mark["data"]); got != want {
			t.Errorf("%v stands on %s, want %s", mark["name"], got, want)
		}
	}
	cells := compact(t, marks[0].(map[string]any)["data"])
	for _, want := range []string{`{"name":"padded","value":[0,0,-1]}`, `{"name":"episode 7","value":[2,0,0]}`,
		`{"name":"episode 9","value":[0,1,1]}`} {
		if !strings.Contains(cells, want) {
			t.Errorf("cells %s lack %s", cells, want)
		}
	}
	if got := compact(t, marks[0].(map[string]any)["tooltip"]); got != `{"formatter":"{b}"}` {
		t.Errorf("a cell is named by %s", got)
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
	h := plots.Heatmap{Title: "gradient", Values: "norm", Log: true, Matrices: [][][]float64{{{1, 0}, {0.02, 100}}}}
	o := options(t, h)
	data := compact(t, o["series"].([]any)[0].(map[string]any)["data"])
	if want := `[{"name":"1","value":[0,0,0]},{"name":"0.02","value":[0,1,-1.6989700043360187]},{"name":"100","value":[1,1,2]}]`; data != want {
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
	} {
		chart := c.spoil()
		_, drawn := chart.SVG()
		_, made := chart.Options()
		for _, err := range []error{drawn, made} {
			if err == nil || !strings.Contains(err.Error(), c.names) ||
				!strings.Contains(err.Error(), chart.Heading()) {
				t.Errorf("error %v does not name %q of chart %q", err, c.names, chart.Heading())
			}
		}
	}
}
