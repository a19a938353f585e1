package plots

import (
	"fmt"
	"image/color"

	"github.com/go-echarts/go-echarts/v2/opts"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
)

// seriesColors are the colours of Okabe & Ito (2008), which colour-blind readers can tell apart, except black and
// yellow, which are invisible on a dark or a light page. Orange and sky blue are too pale for a white page: a brown and
// a stronger blue of their hues take their places.
var seriesColors = []color.RGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	{0x00, 0x9e, 0x73, 0xff}, // green
	{0xcc, 0x79, 0xa7, 0xff}, // purple
	{0x8c, 0x65, 0x48, 0xff}, // brown
	{0x01, 0x99, 0xe9, 0xff}, // bright blue
}

// referenceColor is the colour of reference lines. It is too pale for text on a white page.
var referenceColor = color.RGBA{0x88, 0x88, 0x88, 0xff}

func seriesColor(i int) color.RGBA { return seriesColors[i%len(seriesColors)] }

// colorAt returns the colour of number place, from 1, or if that is 0 the colour of position i.
func colorAt(place, i int) color.RGBA {
	if place > 0 {
		return seriesColor(place - 1)
	}
	return seriesColor(i)
}

// roundAt returns how often all colours were used before number place, from 1, or if that is 0 before position i. In
// each round curves have other dashes and marks, and bars another filling; after the last one they come again.
func roundAt(place, i int) int {
	if place > 0 {
		i = place - 1
	}
	return i / len(seriesColors) % len(lineTypes)
}

// lineTypes and symbols are those of ECharts for the curves and marks of each round; "" is a solid line.
var (
	lineTypes = []string{"", "dashed", "dotted"}
	symbols   = []string{"circle", "rect", "triangle"}
)

// barStyle returns the filling of a bar: full in the first round, then pale within an outline, then none.
func barStyle(c color.RGBA, round int) *opts.ItemStyle {
	if round == 0 {
		return filled(hex(c))
	}
	return &opts.ItemStyle{Color: fmt.Sprintf("%s%02x", hex(c), barFilling[round]), BorderColor: hex(c), BorderWidth: 2}
}

// barFilling is the opacity of a bar's filling in each round, of 255.
var barFilling = []uint8{0xff, 0x50, 0x00}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

const paletteSize = 64

// cividis are stops of the palette of Nuñez, Anderton & Renslow (2018), doi:10.1371/journal.pone.0199239: its
// lightness rises evenly, also to colour-blind readers, and neither end vanishes on a dark or a light page.
var cividis = stops{{0x00, 0x22, 0x4e, 0xff}, {0x35, 0x45, 0x6c, 0xff}, {0x66, 0x69, 0x70, 0xff},
	{0x94, 0x8e, 0x77, 0xff}, {0xc8, 0xb8, 0x66, 0xff}, {0xfe, 0xe8, 0x38, 0xff}}

// lineColors are those of thin lines on the page itself: each stands out on a light page and on a dark one.
var lineColors = stops{{0x2f, 0x7f, 0xd1, 0xff}, {0x8a, 0x7f, 0xa0, 0xff}, {0xd1, 0x60, 0x1f, 0xff}}

// stops is a palette of colours at even distances, linear in between.
type stops []color.RGBA

// Colors implements palette.Palette.
func (s stops) Colors() []color.Color {
	colors := make([]color.Color, paletteSize)
	for i := range colors {
		place := float64(i) / (paletteSize - 1) * float64(len(s)-1)
		below := min(int(place), len(s)-2)
		a, b, part := s[below], s[below+1], place-float64(below)
		mix := func(a, b uint8) uint8 { return uint8(float64(a)*(1-part) + float64(b)*part + 0.5) }
		colors[i] = color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
	}
	return colors
}

// paletteFor returns a diverging palette if numbers have both signs, and a sequential one otherwise.
func paletteFor(low float64) palette.Palette {
	if low >= 0 {
		return cividis
	}
	m := moreland.SmoothBlueRed()
	m.SetMin(0)
	m.SetMax(1)
	return m.Palette(paletteSize)
}

// hexes returns every ninth colour of a palette, including the first and the last.
func hexes(p palette.Palette) []string {
	var out []string
	for i, c := range p.Colors() {
		if i%((paletteSize-1)/7) == 0 {
			out = append(out, hex(c))
		}
	}
	return out
}
