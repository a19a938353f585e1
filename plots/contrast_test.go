package plots

import (
	"encoding/json"
	"image/color"
	"math"
	"strings"
	"testing"
)

// luminance returns the relative luminance of a colour as WCAG 2.2 defines it.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(uint8(r>>8)) + 0.7152*linear(uint8(g>>8)) + 0.0722*linear(uint8(b>>8))
}

// linear returns the light of a channel of sRGB.
func linear(x uint8) float64 {
	v := float64(x) / 0xff
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// pages are those of assets/page.html, and of JupyterLab's dark theme.
var pages = []color.RGBA{{0xff, 0xff, 0xff, 0xff}, {0x15, 0x18, 0x1c, 0xff}, {0x11, 0x11, 0x11, 0xff},
	{0x21, 0x21, 0x21, 0xff}}

// TestColoursStandOutOnEveryPage checks a contrast of 3:1, WCAG's least for what is drawn.
func TestColoursStandOutOnEveryPage(t *testing.T) {
	t.Parallel()
	drawn := append(lineColors.Colors(), referenceColor)
	for _, c := range seriesColors {
		drawn = append(drawn, c)
	}
	for _, page := range pages {
		for _, c := range drawn {
			if got := contrast(page, c); got < 3 {
				t.Errorf("%s on %s has a contrast of %.2f", hex(c), hex(page), got)
			}
		}
	}
}

// seenBy are matrices on linear red, green and blue: what readers without cones of one kind see (Machado, Oliveira &
// Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1).
var seenBy = map[string][3][3]float64{
	"everybody": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopes": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216},
		{-0.003882, -0.048116, 1.051998}},
	"deuteranopes": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413},
		{-0.011820, 0.042940, 0.968881}},
	"tritanopes": {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602},
		{0.004733, 0.691367, 0.303900}},
}

// times multiplies a matrix by a vector.
func times(m [3][3]float64, v [3]float64) (out [3]float64) {
	for i, row := range m {
		out[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return out
}

// oklab returns a colour as readers see it, in Ottosson's Oklab, in which distances are those of perception.
func oklab(c color.RGBA, eyes [3][3]float64) [3]float64 {
	lms := times([3][3]float64{{0.4122214708, 0.5363325363, 0.0514459929}, {0.2119034982, 0.6806995451, 0.1073969566},
		{0.0883024619, 0.2817188376, 0.6299787005}}, times(eyes, [3]float64{linear(c.R), linear(c.G), linear(c.B)}))
	for i, x := range lms {
		lms[i] = math.Cbrt(max(0, x))
	}
	return times([3][3]float64{{0.2104542553, 0.7936177850, -0.0040720468},
		{1.9779984951, -2.4285922050, 0.4505937099}, {0.0259040371, 0.7827717662, -0.8086757660}}, lms)
}

// Okabe & Ito's own colours are 0.076 apart or more, and three quarters of that are asked. An
// orange that was only darkened until it stands out on white (#a87400) would be 0.02 from another colour.
func TestColoursAreToldApart(t *testing.T) {
	t.Parallel()
	for reader, eyes := range seenBy {
		for i, a := range seriesColors {
			for _, b := range seriesColors[:i] {
				x, y := oklab(a, eyes), oklab(b, eyes)
				if d := math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2]); d < 0.057 {
					t.Errorf("to %s %s and %s have a distance of %.3f", reader, hex(a), hex(b), d)
				}
			}
		}
	}
}

// Each mark stands out on every cell, has a form of its own, and the same one in the legend.
func TestMarksOfStrips(t *testing.T) {
	t.Parallel()
	for _, cell := range append([]color.RGBA{paddedColor}, stripColors...) {
		if got := contrast(cell, markColor); got < 3 {
			t.Errorf("marks on %s have a contrast of %.2f", hex(cell), got)
		}
	}
	symbols, drawn := map[string]string{}, map[any]string{}
	for i, m := range marks {
		if other, taken := symbols[m.symbol]; taken || m.size < 8 {
			t.Errorf("%s has the form of %q, and %d pixels", m.name, other, m.size)
		}
		if other, taken := drawn[glyphs[i]]; taken {
			t.Errorf("in the picture %s has the form of %s", m.name, other)
		}
		symbols[m.symbol], drawn[glyphs[i]] = m.name, m.name
	}
	o, err := (Strips{Title: "t", Windows: [][]Cell{{{Padded: true}, {BurnIn: true}, {Loss: true}, {Rewarded: true}}}}).
		Options()
	if err != nil {
		t.Fatal(err)
	}
	legend, err := json.Marshal(o["legend"])
	if err != nil || strings.Contains(string(legend), `"icon"`) { // without one, ECharts shows the series' own symbol
		t.Errorf("the legend has other forms than the cells: %s, %v", legend, err)
	}
	for _, s := range o["series"].([]any) {
		if s := s.(map[string]any); s["type"] == "scatter" && symbols[s["symbol"].(string)] != s["name"] {
			t.Errorf("the mark %v has the form %v", s["name"], s["symbol"])
		}
	}
}
