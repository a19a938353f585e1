package plots

import (
	"cmp"
	"encoding/json"
	"fmt"
	"image/color"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
	"gonum.org/v1/plot/palette"
)

// options is the option object of ECharts, in the types of go-echarts. Where one of those lacks a field that a chart
// needs, a type of this file embeds it and adds the field. The object itself is ours because go-echarts' own accepts
// only go-echarts' types.
type options struct {
	Title        []opts.Title            `json:"title,omitempty"`
	Grid         []opts.Grid             `json:"grid,omitempty"`
	XAxis        []axis                  `json:"xAxis,omitempty"`
	YAxis        []axis                  `json:"yAxis,omitempty"`
	Parallel     *opts.ParallelComponent `json:"parallel,omitempty"`
	ParallelAxis []parallelAxis          `json:"parallelAxis,omitempty"`
	Legend       *opts.Legend            `json:"legend,omitempty"`
	Tooltip      *opts.Tooltip           `json:"tooltip,omitempty"`
	Toolbox      *opts.Toolbox           `json:"toolbox,omitempty"`
	AxisPointer  *opts.AxisPointer       `json:"axisPointer,omitempty"`
	VisualMap    *visualMap              `json:"visualMap,omitempty"`
	Timeline     *timeline               `json:"timeline,omitempty"`
	Series       []series                `json:"series"`
	Height       float64                 `json:"rem,omitempty"` // of the chart, in rem, for draw.js; 0: the usual height
}

// frames is the option object of a chart with a slider. Each frame replaces a part of the base.
type frames struct {
	Base    options   `json:"baseOption"`
	Options []options `json:"options"`
}

// series is a series of ECharts.
type series struct {
	charts.SingleSeries
	Z        int           `json:"z,omitempty"`
	Silent   bool          `json:"silent,omitempty"`
	Clip     bool          `json:"clip,omitempty"`
	Tooltip  *opts.Tooltip `json:"tooltip,omitempty"`
	MarkLine *markLine     `json:"markLine,omitempty"`
	MarkArea *markArea     `json:"markArea,omitempty"`
	Bar      types.Int     `json:"bar,omitempty"` // for draw.js: these are the intervals of bar Bar of Bars
	Bars     int           `json:"bars,omitempty"`
}

// axis is an x axis or a y axis. It embeds go-echarts' XAxis for both because YAxis lacks ticks.
type axis struct {
	opts.XAxis
	NameRotate    types.Int       `json:"nameRotate,omitempty"`
	NameTextStyle *opts.TextStyle `json:"nameTextStyle,omitempty"`
}

// parallelAxis is one of several parallel axes. Its Dim replaces that of go-echarts, which omits dimension 0.
type parallelAxis struct {
	opts.ParallelAxis
	Dim       int             `json:"dim"`
	Z         int             `json:"z"`
	NameGap   int             `json:"nameGap,omitempty"`
	Min       any             `json:"min,omitempty"`
	AxisLabel *opts.AxisLabel `json:"axisLabel,omitempty"`
}

// visualMap maps numbers to colours. Its bounds replace those of go-echarts, which are float32.
type visualMap struct {
	opts.VisualMap
	Min         *float64  `json:"min,omitempty"`
	Max         *float64  `json:"max,omitempty"`
	Precision   types.Int `json:"precision,omitempty"`
	Formatter   string    `json:"formatter,omitempty"`
	Dimension   types.Int `json:"dimension,omitempty"`
	SeriesIndex types.Int `json:"seriesIndex,omitempty"`
	Pieces      []piece   `json:"pieces,omitempty"`
}

// piece is the colour of one value.
type piece struct {
	opts.Piece
	Value int    `json:"value"`
	Label string `json:"label,omitempty"`
}

// timeline is the slider of a chart of several frames. draw.js puts a slider of the page in its place, which keys and
// screen readers reach.
type timeline struct {
	Name         string   `json:"name"` // of what the frames stand for
	AxisType     string   `json:"axisType"`
	Data         []string `json:"data"`
	CurrentIndex int      `json:"currentIndex"`
}

// markLine has reference lines. Precision -1 draws them where they are; by default ECharts rounds to two digits.
type markLine struct {
	opts.MarkLines
	Precision int  `json:"precision"`
	Silent    bool `json:"silent"`
}

// referenceItem is one reference line.
type referenceItem struct {
	opts.MarkLineNameXAxisItem
	YAxis any         `json:"yAxis,omitempty"`
	Label *opts.Label `json:"label,omitempty"`
}

// markArea shades areas.
type markArea struct {
	opts.MarkAreas
	Silent bool       `json:"silent"`
	Label  *areaLabel `json:"label,omitempty"`
}

// areaLabel is the name at a shaded area.
type areaLabel struct {
	opts.Label
	Distance int `json:"distance"`
}

// plain converts options to plain JSON values, of a chart that can be saved as a picture. It returns err if that is not
// nil.
func plain[T options | frames](o T, err error) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	switch v := any(&o).(type) {
	case *options:
		v.Toolbox = cmp.Or(v.Toolbox, saving)
	case *frames:
		v.Base.Toolbox = cmp.Or(v.Base.Toolbox, saving)
	}
	encoded, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("options of a chart: %w", err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		return nil, fmt.Errorf("options of a chart: %w", err)
	}
	return decoded, nil
}

// Parts that many charts share.
var (
	shown, hidden = opts.Bool(true), opts.Bool(false)

	onHover   = &opts.Tooltip{Show: shown}
	atStep    = &opts.Tooltip{Show: shown, Trigger: "axis"}
	noTooltip = &opts.Tooltip{Show: hidden}
	byName    = &opts.Tooltip{Formatter: "{b}"} // shows only the name of the item

	// saving has the button that saves a chart as a picture.
	saving = &opts.Toolbox{Show: shown, Feature: &opts.ToolBoxFeature{SaveAsImage: saveButton}}

	saveButton = &opts.ToolBoxFeatureSaveAsImage{Show: shown, Title: "save"}

	atEdge = &opts.AxisLine{OnZero: hidden} // the axis stays at the edge when the other axis has numbers of both signs
)

// margins returns the only grid of a chart, with its distances from the edges in pixels.
func margins(left, right, top, bottom int) []opts.Grid {
	return []opts.Grid{{Left: strconv.Itoa(left), Right: strconv.Itoa(right), Top: strconv.Itoa(top),
		Bottom: strconv.Itoa(bottom)}}
}

// legendOnTop returns a legend above the chart for the series named, or for all if there are no names. greyMarks draws
// the marks of the legend in grey: dark marks stand out on coloured cells, but not on a dark page.
func legendOnTop(greyMarks bool, names ...string) *opts.Legend {
	l := &opts.Legend{Show: shown, Top: "0"}
	if names != nil {
		l.Data = names
	}
	if greyMarks {
		l.ItemStyle = &opts.ItemStyle{Color: hex(referenceColor)}
	}
	return l
}

// axisNamed returns an axis with its name at its middle, gap pixels away. Labels that would overlap are omitted.
func axisNamed(kind, name string, gap int) axis {
	return axis{XAxis: opts.XAxis{Type: kind, Name: name, NameLocation: "middle", NameGap: gap,
		AxisLabel: &opts.AxisLabel{HideOverlap: shown}}}
}

// categories returns an axis of named places. On an upright axis the first place is on top.
func categories(name string, gap int, names []string, upright bool) axis {
	a := axisNamed("category", name, gap)
	a.Data = names
	if upright {
		a.Inverse = shown
	}
	return a
}

// filled returns the style of marks or areas in a colour.
func filled(color string) *opts.ItemStyle { return &opts.ItemStyle{Color: color} }

// referenceLines returns reference lines across an axis, "xAxis" or "yAxis". Their labels have the text colour of the
// theme. They stand alternately at the positions given, so that labels of neighbouring lines do not overlap.
func referenceLines(axis string, references []Reference, positions ...string) *markLine {
	if len(references) == 0 {
		return nil
	}
	lines := &markLine{Precision: -1, Silent: true}
	lines.Symbol = []string{"none", "none"}
	lines.Label = &opts.Label{Formatter: "{b}", Position: positions[0]}
	lines.LineStyle = &opts.LineStyle{Type: "dashed", Color: hex(referenceColor)}
	for i, r := range references {
		item := referenceItem{}
		item.Name = r.Name
		if axis == "xAxis" {
			item.XAxis = r.Y
		} else {
			item.YAxis = r.Y
		}
		if position := positions[i%len(positions)]; position != positions[0] {
			item.Label = &opts.Label{Position: position}
		}
		lines.Data = append(lines.Data, item)
	}
	return lines
}

// outlineSeries returns a custom series, which ECharts has instead of bands: draw.js fills the polygon with the given
// corners.
func outlineSeries(name string, corners [][2]float64, style *opts.ItemStyle) series {
	return series{SingleSeries: charts.SingleSeries{Type: "custom", Name: name, Data: corners, ItemStyle: style,
		Encode: &opts.Encode{X: 0, Y: 1}}, Silent: true, Clip: true, Z: 1, Tooltip: noTooltip}
}

// intervalSeries returns a custom series, which ECharts has instead of error bars: draw.js draws intervals
// [group, low, high] on bar i of n in each group.
func intervalSeries(name string, intervals [][3]float64, i, n int) series {
	return series{SingleSeries: charts.SingleSeries{Type: "custom", Name: name, Data: intervals, BarGap: barGap,
		BarCategoryGap: groupGap,
		Encode:         &opts.Encode{X: []int{1, 2}, Y: 0}}, Silent: true, Z: 5, Tooltip: noTooltip,
		Bar: opts.Int(i), Bars: n}
}

// withheldSeries returns a series without data whose name in the legend says that n more are not drawn, unless n is 0.
func withheldSeries(kind string, n int) []series {
	if n == 0 {
		return nil
	}
	return []series{{SingleSeries: charts.SingleSeries{Type: kind, Name: withheldText(n)}}}
}

// cellSeries returns coloured cells. The name of a cell shows when the pointer is on it.
func cellSeries(name string, cells []opts.HeatMapData, style *opts.ItemStyle) series {
	return series{Tooltip: byName, SingleSeries: charts.SingleSeries{Type: "heatmap", Name: name, Data: cells,
		ItemStyle: style}}
}

// marksOnCells returns marks on top of cells.
func marksOnCells(name, symbol string, size int, places [][2]int) series {
	return series{Silent: true, Z: 4, SingleSeries: charts.SingleSeries{Type: "scatter", Name: name, Symbol: symbol,
		SymbolSize: size, SymbolKeepAspect: shown, Data: places, ItemStyle: filled(hex(markColor))}}
}

// downwards is a triangle that points down, in the legend too, which ignores symbolRotate.
const downwards = "path://M0,0L10,0L5,10Z"

// pieceOf returns the colour of the cells that have a value.
func pieceOf(value int, label string, c color.Color) piece {
	return piece{Piece: opts.Piece{Color: hex(c)}, Value: value, Label: label}
}

// ofCells applies colours to the cells of the first series, by the third number of each cell.
func ofCells(colours *visualMap) *visualMap {
	colours.Dimension, colours.SeriesIndex = opts.Int(2), opts.Int(0)
	return colours
}

// colourBar returns a bar beside the chart with the colours of numbers from low to high.
func colourBar(low, high float64, decimals int, p palette.Palette) *visualMap {
	return &visualMap{Min: &low, Max: &high, Precision: opts.Int(decimals), VisualMap: opts.VisualMap{
		Type: "continuous", Calculable: shown, Right: "0", Top: "middle",
		InRange: &opts.VisualMapInRange{Color: hexes(p)}}}
}
