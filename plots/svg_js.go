package plots

import "errors"

// errNoSVG is the error of the static form in a web page. It needs gonum/plot and its fonts, which would make a program
// for web pages twice as large, and a page shows the interactive form.
var errNoSVG = errors.New("a program in a web page draws no static pictures: use the chart's Options")

// SVG implements Chart.
func (b Bars) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (c Course) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (h Heatmap) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (l Lines) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (p Panels) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (p Parallel) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (p Phase) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (r Raster) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (s Strips) SVG() ([]byte, error) { return nil, errNoSVG }

// SVG implements Chart.
func (t Trial) SVG() ([]byte, error) { return nil, errNoSVG }
