//go:build !js

package plots

import (
	"math"
	"strconv"

	"engram/internal/numbers"

	"gonum.org/v1/plot"
)

// fit sets the range of an axis, and a scale and ticks that can draw extreme numbers.
func fit(a *plot.Axis, log bool) {
	a.Min, a.Max = fitted(a.Min, a.Max, log)
	a.Scale, a.Tick.Marker = linearScale{}, ticks{}
	if log {
		a.Scale, a.Tick.Marker = logScale{}, logTicks{}
	}
}

// linearScale is gonum's linear scale, computed with halves so that it does not overflow.
type linearScale struct{}

// Normalize implements plot.Normalizer.
func (linearScale) Normalize(low, high, x float64) float64 {
	if high == low {
		return 0.5
	}
	if span := high - low; numbers.Finite(span) && numbers.Finite(x-low) {
		return (x - low) / span
	}
	return (x/2 - low/2) / (high/2 - low/2)
}

// logScale is gonum's logarithmic scale, without the panic for 0.
type logScale struct{}

// Normalize implements plot.Normalizer.
func (logScale) Normalize(low, high, x float64) float64 {
	log := func(x float64) float64 { return math.Log(min(max(x, math.SmallestNonzeroFloat64), math.MaxFloat64)) }
	if log(high) == log(low) {
		return 0.5
	}
	return (log(x) - log(low)) / (log(high) - log(low))
}

// ticks are gonum's default ticks. Ranges that those cannot divide have ticks at their ends.
type ticks struct{}

// Ticks implements plot.Ticker.
func (ticks) Ticks(low, high float64) []plot.Tick {
	const usual = 1e-9 // relative: all labels of a narrower range are the same
	large := max(math.Abs(low), math.Abs(high))
	if large < 1e300 && high-low > usual*large && high-low > 1e-12 {
		return plot.DefaultTicks{}.Ticks(low, high)
	}
	return ends(low, high)
}

// markColumns writes the names of some columns if each stands for a range of columns.
func markColumns(p *plot.Plot, names []string) {
	if len(names) == 0 || names[0] == "0" {
		return
	}
	var ticks plot.ConstantTicks
	for i := 0; i < len(names); i += max(1, len(names)/6) {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: names[i]})
	}
	p.X.Tick.Marker = ticks
}

// ends returns ticks at the two ends of a range.
func ends(low, high float64) []plot.Tick {
	label := func(x float64) plot.Tick { return plot.Tick{Value: x, Label: strconv.FormatFloat(x, 'g', 6, 64)} }
	return []plot.Tick{label(low), label(high)}
}

// logTicks are gonum's ticks for a logarithmic axis, with labels of three digits: 1e-05, not 9.999999999999999e-06. If
// no power of ten lies in the range, its ends have labels.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	if low < 1e-300 || high > 1e300 {
		return ends(low, high)
	}
	ticks, labels := plot.LogTicks{Prec: -1}.Ticks(low, high), 0
	for i, t := range ticks {
		if t.Label == "" {
			continue
		}
		ticks[i].Label = strconv.FormatFloat(t.Value, 'g', 3, 64)
		if low <= t.Value && t.Value <= high {
			labels++
		}
	}
	if labels == 0 {
		return append(ticks, ends(low, high)...)
	}
	return ticks
}
