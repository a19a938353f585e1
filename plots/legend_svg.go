//go:build !js

package plots

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// legend names what a static picture draws. It stands in rows above the picture, so that no entry covers a curve.
type legend []entry

// entry is a name in a legend with its mark, which may be nil.
type entry struct {
	name string
	mark plot.Thumbnailer
}

// add adds an entry unless the legend has one with the same name.
func (l *legend) add(name string, mark plot.Thumbnailer) {
	for _, e := range *l {
		if e.name == name {
			return
		}
	}
	*l = append(*l, entry{name, mark})
}

// The sizes of a legend.
const (
	rowHeight   = 12 // points
	markWidth   = 20
	entryMargin = 4
)

// placed calls draw with the row of each entry and its distance from the left, and returns the number of rows.
func (l legend) placed(wide vg.Length, style draw.TextStyle, draw func(e entry, row int, x vg.Length)) int {
	row, x := 0, vg.Length(0)
	for _, e := range l {
		needs := markWidth + 4*entryMargin + style.Width(e.name)
		if x > 0 && x+needs > wide {
			row, x = row+1, 0
		}
		draw(e, row, x)
		x += needs
	}
	return row + 1
}

// shortened returns a name that is at most so wide. It leaves the middle out, because names of runs differ at their
// ends.
func shortened(name string, wide vg.Length, style draw.TextStyle) string {
	all := []rune(name)
	for keep := len(all) - 1; keep > 0 && style.Width(name) > wide; keep-- {
		name = string(all[:(keep+1)/2]) + "…" + string(all[len(all)-keep/2:])
	}
	return name
}

// renderBelow draws an SVG with a picture of the given height below its legend, whose rows add to the height.
func (l legend) renderBelow(tall vg.Length, drawInto func(draw.Canvas)) ([]byte, error) {
	if len(l) == 0 {
		return render(tall, drawInto)
	}
	style := newPlot("", "").Legend.TextStyle
	style.YAlign = draw.YCenter
	for i := range l { // a browser's letters may be wider by a tenth
		l[i].name = shortened(l[i].name, 0.8*(width-markWidth-4*entryMargin), style)
	}
	rows := l.placed(width, style, func(entry, int, vg.Length) {})
	above := vg.Length(rows)*rowHeight + entryMargin
	return render(tall+above, func(canvas draw.Canvas) {
		l.placed(width, style, func(e entry, row int, x vg.Length) {
			top := canvas.Max.Y - vg.Length(row)*rowHeight
			left := canvas.Min.X + x + entryMargin
			area := draw.Canvas{Canvas: canvas.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: left, Y: top - rowHeight + 2}, Max: vg.Point{X: left + markWidth, Y: top - 2}}}
			if e.mark != nil {
				e.mark.Thumbnail(&area)
			}
			canvas.FillText(style, vg.Point{X: left + markWidth + entryMargin, Y: top - rowHeight/2}, e.name)
		})
		drawInto(draw.Crop(canvas, 0, 0, 0, -above))
	})
}
