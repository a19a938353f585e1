package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"engram/internal/numbers"
)

// Both forms of a chart are thinned to what a screen can show, so that no chart floods a page or a notebook. These are
// the most numbers that are drawn.
const (
	mostPoints  = 2000  // points of a series
	mostMarks   = 200   // marks with whiskers of a series
	fewest      = 16    // points of a series, however many series there are
	mostNumbers = 8000  // points of a chart
	mostCells   = 16000 // cells of a heatmap, all frames together
	mostBoxes   = 4000  // cells of other charts, whose static form draws each on its own
	mostBars    = 1000
	mostRows    = 120 // rows of cells, or groups of bars
	mostSeries  = 100 // series of a chart
	mostFrames  = 24  // frames of a thinned heatmap
)

// share returns how many points each of n series may have.
func share(n int) int { return min(mostPoints, max(fewest, mostNumbers/max(1, n))) }

// withheldText returns a note that n items are not drawn.
func withheldText(n int) string { return fmt.Sprintf("%d more, not drawn", n) }

// blocks divides n indices into at most k ranges of the same length; the last may be shorter.
func blocks(n, k int) (all []run) {
	wide := max(1, (n+k-1)/k)
	for start := 0; start < n; start += wide {
		all = append(all, run{start, min(start+wide, n)})
	}
	return all
}

// rangeNames returns a name for each range: its first and last index, or its only index.
func rangeNames(ranges []run) []string {
	names := make([]string, len(ranges))
	for i, r := range ranges {
		names[i] = strconv.Itoa(r.start)
		if r.end > r.start+1 {
			names[i] += "–" + strconv.Itoa(r.end-1)
		}
	}
	return names
}

// strongest returns at most most of the indices below n, in rising order. If there are more, it divides them into
// ranges and chooses the index of the greatest weight from each. NaN is less than every weight.
func strongest(n, most int, weight func(i int) float64) []int {
	chosen := make([]int, 0, min(n, most))
	for _, r := range blocks(n, most) {
		best := r.start
		for i := r.start; i < r.end; i++ {
			if w := weight(i); w > weight(best) || math.IsNaN(weight(best)) && !math.IsNaN(w) {
				best = i
			}
		}
		chosen = append(chosen, best)
	}
	return chosen
}

// evenly returns at most k of n indices, at even distances, including the first and the last.
func evenly(n, k int) []int {
	k = min(n, k)
	chosen := make([]int, k)
	for i := range chosen {
		chosen[i] = i * (n - 1) / max(1, k-1)
	}
	return chosen
}

// thinned returns a chart in which a long series consists of the lowest and highest points of short stretches, its
// ends, and its gaps, and names have one line.
func (l Lines) thinned() Lines {
	drawn := min(len(l.Series), mostSeries)
	l.withheld, l.Series = len(l.Series)-drawn, slices.Clone(l.Series[:drawn])
	for i, s := range l.Series {
		l.Series[i].Name = oneLine(s.Name)
	}
	most := share(max(l.among, len(l.Series)))
	for i, s := range l.Series {
		most := most
		if s.Points && len(s.Low) > 0 {
			most = min(most, mostMarks)
		}
		if len(s.X) > most {
			l.Series[i] = l.thin(s, most)
		}
	}
	return l
}

// oneLine returns a name with a space for each character that breaks a line, of which a legend has one for each name.
func oneLine(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, name)
}

// thin chooses about most points of a long series. A gap between two chosen points remains a gap.
func (l Lines) thin(s Series, most int) Series {
	holds := func(i int) bool { return l.drawable(s.X[i], s.Y[i]) }
	out := Series{Name: s.Name, Points: s.Points, Place: s.Place}
	lowest, highest := [][]float64{s.Y}, [][]float64{s.Y}
	if len(s.Low) > 0 {
		lowest, highest = append(lowest, s.Low), append(highest, s.High)
	}
	for _, r := range blocks(len(s.X), most/4) { // up to four points each: extremes of the curve and its band
		chosen := extremes(r, len(s.X), holds, lowest, highest)
		for i := r.end - 1; i >= r.start; i-- {
			if !holds(i) {
				chosen = append(chosen, i)
				break
			}
		}
		for _, i := range chosen {
			out.X, out.Y = append(out.X, s.X[i]), append(out.Y, s.Y[i])
			if len(s.Low) > 0 {
				out.Low, out.High = append(out.Low, s.Low[i]), append(out.High, s.High[i])
			}
		}
	}
	return out
}

// extremes returns, in rising order, the indices of a range at which some columns are lowest and others highest, and
// the first and last of all n indices if they are in the range. It ignores indices that do not hold.
func extremes(r run, n int, holds func(int) bool, lowest, highest [][]float64) (chosen []int) {
	pick := func(column []float64, better func(a, b float64) bool) {
		best := -1
		for i := r.start; i < r.end; i++ {
			if holds(i) && !math.IsNaN(column[i]) && (best < 0 || better(column[i], column[best])) {
				best = i
			}
		}
		if best >= 0 {
			chosen = append(chosen, best)
		}
	}
	for _, column := range lowest {
		pick(column, func(a, b float64) bool { return a < b })
	}
	for _, column := range highest {
		pick(column, func(a, b float64) bool { return a > b })
	}
	for _, i := range []int{0, n - 1} {
		if r.start <= i && i < r.end && holds(i) {
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

// thinned returns a chart with fewer frames and cells. A cell stands for a block and has its number of greatest
// magnitude.
func (h Heatmap) thinned() Heatmap {
	rows, columns := len(h.Matrices[0]), len(h.Matrices[0][0])
	if len(h.Matrices)*rows*columns <= mostCells {
		return h
	}
	kept := evenly(len(h.Matrices), mostFrames)
	most := mostCells / len(kept)
	down := min(rows, max(1, int(math.Sqrt(float64(most)*float64(rows)/float64(columns)))), most)
	upright, across := blocks(rows, down), blocks(columns, most/down)
	names := rangeNames(upright)
	if len(h.Rows) > 0 {
		for i, r := range upright {
			names[i] = h.Rows[r.start]
			if r.end > r.start+1 {
				names[i] += " – " + h.Rows[r.end-1]
			}
		}
	}
	out := h
	out.Matrices, out.Frames, out.Rows, out.columns = nil, nil, names, rangeNames(across)
	for _, frame := range kept {
		out.Matrices = append(out.Matrices, h.pooled(h.Matrices[frame], upright, across))
		if len(h.Frames) > 0 {
			out.Frames = append(out.Frames, h.Frames[frame])
		}
	}
	return out
}

// pooled returns the number of greatest magnitude of each block of a matrix that can be drawn; NaN if none can.
func (h Heatmap) pooled(m [][]float64, upright, across []run) [][]float64 {
	out := make([][]float64, len(upright))
	for i, rows := range upright {
		for _, columns := range across {
			best := math.NaN()
			for _, row := range m[rows.start:rows.end] {
				for _, x := range row[columns.start:columns.end] {
					if numbers.Finite(h.scaled(x)) && !(math.Abs(x) <= math.Abs(best)) {
						best = x
					}
				}
			}
			out[i] = append(out[i], best)
		}
	}
	return out
}

// thinned returns a chart of at most mostRows trials, at even distances. One step stands for a block of steps: one
// with a reward or, without a reward, one with an action other than to wait.
func (r Raster) thinned() Raster {
	rows := evenly(len(r.Trials), mostRows)
	across := blocks(r.steps(), mostBoxes/len(rows))
	out := r
	out.Trials, out.rows, out.columns = nil, make([]string, len(rows)), rangeNames(across)
	for i, row := range rows {
		t := r.Trials[row]
		out.rows[i] = strconv.Itoa(row)
		weight := func(step int) float64 {
			return math.Abs(t.Rewards[step])*2 + float64(min(t.Actions[step], 1))
		}
		if len(across) == r.steps() {
			out.Trials = append(out.Trials, t)
			continue
		}
		var thin RasterTrial
		for _, block := range across {
			if block.start >= len(t.Actions) {
				break
			}
			n := min(block.end, len(t.Actions)) - block.start
			step := block.start + strongest(n, 1, func(i int) float64 { return weight(block.start + i) })[0]
			thin.Actions, thin.Rewards = append(thin.Actions, t.Actions[step]), append(thin.Rewards, t.Rewards[step])
		}
		out.Trials = append(out.Trials, thin)
	}
	return out
}

// thinned returns a chart of at most mostRows windows, at even distances. One cell stands for a block of steps. It has
// the marks of all of them, and the episode of the first that is not padded.
func (s Strips) thinned() Strips {
	rows := evenly(len(s.Windows), mostRows)
	across := blocks(len(s.Windows[0]), mostBoxes/len(rows))
	out := s
	out.Windows, out.rows, out.columns = nil, make([]string, len(rows)), rangeNames(across)
	for i, row := range rows {
		out.rows[i] = strconv.Itoa(row)
		window := make([]Cell, len(across))
		for j, block := range across {
			cell := s.Windows[row][block.start]
			for _, c := range s.Windows[row][block.start+1 : block.end] {
				if cell.Padded {
					cell.Episode = c.Episode
				}
				cell.Padded, cell.BurnIn = cell.Padded && c.Padded, cell.BurnIn || c.BurnIn
				cell.Loss, cell.Rewarded = cell.Loss || c.Loss, cell.Rewarded || c.Rewarded
			}
			window[j] = cell
		}
		out.Windows = append(out.Windows, window)
	}
	return out
}

// thinned returns a chart of the first groups and sets, with a note in place of the others.
func (b Bars) thinned() Bars {
	groups := len(b.Groups)
	if groups > mostRows {
		b.Groups = append(slices.Clone(b.Groups[:mostRows]), withheldText(groups-mostRows))
	}
	drawn := min(len(b.Sets), mostSeries, max(1, mostBars/len(b.Groups)))
	b.withheld, b.Sets = len(b.Sets)-drawn, slices.Clone(b.Sets[:drawn])
	for i, s := range b.Sets {
		b.Sets[i].Name = oneLine(s.Name)
	}
	if groups <= mostRows {
		return b
	}
	cut := func(x []float64) []float64 {
		if len(x) == 0 {
			return x
		}
		return append(slices.Clone(x[:mostRows]), math.NaN())
	}
	for i, s := range b.Sets {
		b.Sets[i].Values, b.Sets[i].Low, b.Sets[i].High = cut(s.Values), cut(s.Low), cut(s.High)
	}
	return b
}

// thinned returns a chart with fewer points. It sorts them by their last number and chooses some at even distances,
// including the least and the greatest.
func (p Parallel) thinned() Parallel {
	most := max(fewest, mostNumbers/len(p.Axes))
	if len(p.Points) <= most {
		return p
	}
	last := len(p.Axes) - 1
	sorted := slices.Clone(p.Points)
	slices.SortStableFunc(sorted, func(a, b []float64) int { return cmp.Compare(a[last], b[last]) }) // NaN first
	unknown := slices.IndexFunc(sorted, func(point []float64) bool { return !math.IsNaN(point[last]) })
	if unknown < 0 {
		unknown = len(sorted)
	}
	p.Points = nil
	for _, part := range [][][]float64{sorted[:unknown], sorted[unknown:]} {
		for _, i := range evenly(len(part), max(2, most*len(part)/len(sorted))) {
			p.Points = append(p.Points, part[i])
		}
	}
	return p
}

// thinned returns a chart in which a long path consists of the extremes of x and y of short stretches, and its ends.
func (p Phase) thinned() Phase {
	drawn := min(len(p.Paths), mostSeries)
	p.withheld, p.Paths = len(p.Paths)-drawn, slices.Clone(p.Paths[:drawn])
	most := share(len(p.Paths))
	for i, path := range p.Paths {
		n := len(path.X)
		if n <= most {
			continue
		}
		thin := Path{Name: path.Name}
		for _, r := range blocks(n, most/4) {
			both := [][]float64{path.X, path.Y}
			for _, t := range extremes(r, n, func(int) bool { return true }, both, both) {
				thin.X, thin.Y, thin.steps = append(thin.X, path.X[t]), append(thin.Y, path.Y[t]), append(thin.steps, t)
			}
		}
		p.Paths[i] = thin
	}
	return p
}
