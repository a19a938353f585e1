package plots

import (
	"math"
	"slices"
)

// mostPoints is about what a screen shows of a series: more points are thinned for both forms.
const mostPoints = 2000

// thinned is a chart whose long series have the lowest and the highest point of each column of a screen, the ends of
// each unbroken stretch, and the gaps.
func (l Lines) thinned() Lines {
	long := func(s Series) bool { return len(s.X) > mostPoints }
	if !slices.ContainsFunc(l.Series, long) {
		return l
	}
	l.Series = slices.Clone(l.Series)
	for i, s := range l.Series {
		if long(s) {
			l.Series[i] = l.thin(s)
		}
	}
	return l
}

// thin chooses the points of a long series. A gap between two points chosen stays one.
func (l Lines) thin(s Series) Series {
	holds := func(i int) bool { return l.drawable(s.X[i], s.Y[i]) }
	out := Series{Name: s.Name, Points: s.Points}
	add := func(i int) {
		out.X, out.Y = append(out.X, s.X[i]), append(out.Y, s.Y[i])
		if len(s.Low) > 0 {
			out.Low, out.High = append(out.Low, s.Low[i]), append(out.High, s.High[i])
		}
	}
	const columns = mostPoints / 4 // each has up to four points: the extremes of the curve and of its band
	wide := (len(s.X) + columns - 1) / columns
	for start := 0; start < len(s.X); start += wide {
		chosen, gap := l.extremes(s, start, min(start+wide, len(s.X)), holds)
		for _, i := range chosen {
			add(i)
		}
		if gap >= 0 {
			add(gap)
		}
	}
	return out
}

// extremes are the points of a column that are kept, in their order, and one that is a gap; -1: it has none.
func (l Lines) extremes(s Series, start, end int, holds func(int) bool) (chosen []int, gap int) {
	gap = -1
	pick := func(of []float64, better func(a, b float64) bool) {
		best := -1
		for i := start; i < end; i++ {
			if holds(i) && !math.IsNaN(of[i]) && (best < 0 || better(of[i], of[best])) {
				best = i
			}
		}
		if best >= 0 {
			chosen = append(chosen, best)
		}
	}
	less, more := func(a, b float64) bool { return a < b }, func(a, b float64) bool { return a > b }
	pick(s.Y, less)
	pick(s.Y, more)
	if len(s.Low) > 0 {
		pick(s.Low, less)
		pick(s.High, more)
	}
	for i := start; i < end; i++ {
		if !holds(i) {
			gap = i
		}
	}
	for _, i := range []int{0, len(s.X) - 1} { // the ends
		if start <= i && i < end && holds(i) {
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen), gap
}
