//go:build !js

package plots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panelHeight is that of a row of the static picture.
const panelHeight = 4.5 * vg.Centimeter

// SVG implements Chart.
func (p Panels) SVG() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	low, high, err := p.yRange()
	if err != nil {
		return nil, err
	}
	drawn := make([]*plot.Plot, len(p.Panels))
	var all legend
	panels, _ := p.coloured()
	for i, l := range panels {
		var names legend
		if drawn[i], names, err = l.plot(); err != nil {
			return nil, fmt.Errorf("chart %q: %w", p.Title, err)
		}
		drawn[i].Title.Text, drawn[i].Y.Min, drawn[i].Y.Max = l.Title, low, high
		for _, e := range names {
			all.add(e.name, e.mark)
		}
	}
	return all.renderBelow(vg.Length(p.rows())*panelHeight, func(canvas draw.Canvas) {
		tiles := draw.Tiles{Rows: p.rows(), Cols: p.columns(), PadX: 4, PadY: 6}
		for i, panel := range drawn {
			panel.Draw(tiles.At(canvas, i%p.columns(), i/p.columns()))
		}
	})
}
