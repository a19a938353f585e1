package plots

import (
	"image/color"
	"math"
	"testing"
)

// luminance returns the relative luminance of a colour as WCAG 2.2 defines it.
func luminance(c color.Color) float64 {
	linear := func(x uint32) float64 {
		v := float64(x) / 0xffff
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestLinesStandOutOnBothPages checks a contrast of 3:1, WCAG's least for graphics, on both pages of assets/page.html.
func TestLinesStandOutOnBothPages(t *testing.T) {
	t.Parallel()
	for _, page := range []color.RGBA{{0xff, 0xff, 0xff, 0xff}, {0x15, 0x18, 0x1c, 0xff}} {
		for i, c := range lineColors.Colors() {
			if got := contrast(page, c); got < 3 {
				t.Errorf("colour %d, %s, on %s has a contrast of %.2f", i, hex(c), hex(page), got)
			}
		}
		if got := contrast(page, referenceColor); got < 3 {
			t.Errorf("reference lines on %s have a contrast of %.2f", hex(page), got)
		}
	}
}
