package watch

import (
	"html/template"
	"time"

	"engram/plots"
)

// Charts returns the charts of the run so far: reward, loss and gradient norm over updates. A chart without any number
// is left out.
func (v View) Charts() []plots.Chart {
	if v.reward == nil {
		return nil
	}
	all := []plots.Lines{
		{Title: "Reward per trial", YLabel: "reward per trial",
			Series: []plots.Series{v.greedy.series("greedy, fresh trials"), v.reward.series("while exploring")}},
		{Title: "TD loss", YLabel: "Huber loss", Series: []plots.Series{v.loss.series("loss")}},
		{Title: "Gradient norm before clipping", YLabel: "global norm",
			Series: []plots.Series{v.norm.series("gradient norm")}},
	}
	var charts []plots.Chart
	for _, c := range all {
		c.XLabel = "updates"
		if !c.Empty() {
			charts = append(charts, c)
		}
	}
	return charts
}

// picture is a chart as the page shows it.
type picture struct {
	Heading string
	SVG     template.HTML
}

// album keeps a run's pictures until its journals have a new line, because pages are requested every other second.
type album struct {
	lines    int // read when the pictures were drawn
	pictures []picture
}

// Pictures returns the charts for the page.
func (v View) Pictures() []picture {
	if v.album == nil {
		return v.draw()
	}
	if v.album.lines != v.lines {
		*v.album = album{v.lines, v.draw()}
	}
	return v.album.pictures
}

func (v View) draw() []picture { return pictures(v.Charts()) }

// pictures draws charts.
func pictures(charts []plots.Chart) (list []picture) {
	for _, c := range charts {
		if svg, err := c.SVG(); err == nil { // an error: none of its numbers is finite
			list = append(list, picture{c.Heading(), template.HTML(svg)})
		}
	}
	return list
}

// LeftText returns the time that the run still takes at the rate so far.
func (v View) LeftText() string { return Brief(time.Duration(v.Left * float64(time.Second))) }

// Ago returns the time since the run last wrote something.
func (v View) Ago() string { return Brief(time.Since(v.Changed)) }
