package plots

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
)

// seriesColors are those of Okabe & Ito (2008), told apart by colour-blind readers, without black and yellow,
// which vanish on a dark or a light page.
var seriesColors = []color.RGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	{0x00, 0x9e, 0x73, 0xff}, // green
	{0xcc, 0x79, 0xa7, 0xff}, // purple
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x56, 0xb4, 0xe9, 0xff}, // sky blue
}

// referenceColor is that of reference lines.
var referenceColor = color.RGBA{0x88, 0x88, 0x88, 0xff}

func seriesColor(i int) color.RGBA { return seriesColors[i%len(seriesColors)] }

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

const paletteSize = 64

// paletteFor is a diverging palette where numbers have both signs, else a sequential one.
func paletteFor(low float64) palette.Palette {
	var m palette.ColorMap = moreland.ExtendedKindlmann()
	if low < 0 {
		m = moreland.SmoothBlueRed()
	}
	m.SetMin(0)
	m.SetMax(1)
	return m.Palette(paletteSize)
}

func hexes(p palette.Palette) []string {
	var out []string
	for i, c := range p.Colors() {
		if i%7 == 0 {
			out = append(out, hex(c))
		}
	}
	return out
}
