package watch

import (
	"context"
	"html/template"
	"time"

	"engram/lab/report"
	"engram/plots"
)

// Charts returns the charts of the run so far: reward, loss and gradient norm over updates, and lambda_t of a gated
// cell. A chart without any number is left out.
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
	if v.decays != nil {
		low, high := v.decays[0].series(""), v.decays[2].series("")
		band := v.decays[1].series("median, band from the first to the third quartile")
		band.Low, band.High = low.Y, high.Y
		all = append(all, plots.Lines{Title: "Decay lambda_t of M", YLabel: "per step", Series: []plots.Series{band}})
	}
	var charts []plots.Chart
	for _, c := range all {
		c.XLabel = "updates"
		if !c.Empty() {
			charts = append(charts, c)
		}
	}
	return append(charts, v.gateCharts()...)
}

// gateCharts draws lambda_t over a trial of the newest checkpoint's agent. Without one, or if its trial cannot be
// played here, there is none.
func (v View) gateCharts() []plots.Chart {
	if v.gated == nil {
		return nil
	}
	charts, err := report.Gates(context.Background(), v.gated, 1)
	if err != nil {
		return nil
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
