//go:build !js

package plots

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a static picture.
const (
	width  = 16 * vg.Centimeter
	height = 7 * vg.Centimeter
)

// newPlot returns an empty plot in the style of the static pictures.
func newPlot(xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	for _, f := range []*font.Font{&p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.X.Tick.Label.Font,
		&p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font, &p.Title.TextStyle.Font} {
		f.Variant, f.Size = "Sans", 9
	}
	p.Legend.Top, p.Legend.Padding = true, vg.Points(2) // so that names do not touch
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Scale, a.Tick.Marker = linearScale{}, ticks{}
	}
	return p
}

// render draws an SVG of the given height in which black becomes the colour of the text around it.
func render(height vg.Length, drawInto func(draw.Canvas)) ([]byte, error) {
	canvas := vgsvg.New(width, height)
	drawInto(draw.Crop(draw.New(canvas), 0, -vg.Points(10), 0, 0)) // room for half of the last label
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("static picture: %w", err)
	}
	svg := out.Bytes()
	if start := bytes.Index(svg, []byte("<svg")); start > 0 {
		svg = svg[start:] // without the XML declaration, which HTML does not allow
	}
	// Without a fill, text is black.
	svg = bytes.ReplaceAll(svg, []byte("<text "), []byte(`<text fill="currentColor" `))
	// The cells of an image fill their places and keep sharp edges.
	svg = bytes.ReplaceAll(svg, []byte("<image "),
		[]byte(`<image preserveAspectRatio="none" style="image-rendering: pixelated" `))
	return bytes.ReplaceAll(svg, []byte("#000000"), []byte("currentColor")), nil
}
