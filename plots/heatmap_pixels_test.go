package plots

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"regexp"
	"testing"
)

// imagesOf returns the images in a static picture.
func imagesOf(t *testing.T, c Chart) (images []image.Image) {
	t.Helper()
	svg, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(svg, []byte("NaN")) {
		t.Error("the picture has a number that is NaN")
	}
	for _, found := range regexp.MustCompile(`base64,([^"]+)"`).FindAllSubmatch(svg, -1) {
		data, err := base64.StdEncoding.DecodeString(string(found[1]))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, picture)
	}
	return images
}

// TestHeatmapPixels checks that the static picture has each cell of the matrix at its place, in its value's colour,
// and a legend of all colours, whatever the numbers beside it.
func TestHeatmapPixels(t *testing.T) {
	t.Parallel()
	for _, high := range []float64{1, 0.99, 0.4567, 99.5, 1234.5, 1e-7} {
		const rows, columns = 5, 7
		m := make([][]float64, rows)
		for r := range m {
			for c := range columns {
				m[r] = append(m[r], high*float64((3*r+5*c)%(rows*columns))/float64(rows*columns-1))
			}
		}
		images := imagesOf(t, Heatmap{Title: "A", XLabel: "step", YLabel: "unit", Values: "lambda_t",
			Matrices: [][][]float64{m}})
		if len(images) != 2 {
			t.Fatalf("%g: %d images, want the legend and the matrix", high, len(images))
		}
		legend, cells := images[0], images[1]
		if size := cells.Bounds().Size(); size != image.Pt(columns, rows) || legend.Bounds().Size().Y != paletteSize {
			t.Fatalf("%g: %v cells, %v colours", high, size, legend.Bounds())
		}
		low, most := m[0][0], m[0][0]
		for _, row := range m {
			for _, v := range row {
				low, most = min(low, v), max(most, v)
			}
		}
		for r, row := range m {
			for c, v := range row {
				at := int((v-low)/(most-low)*(paletteSize-1) + 0.5)
				if cells.At(c, r) != legend.At(0, paletteSize-1-at) { // the highest on top
					t.Fatalf("%g: cell %d, %d of value %g has the colour %v", high, r, c, v, cells.At(c, r))
				}
			}
		}
	}
}
