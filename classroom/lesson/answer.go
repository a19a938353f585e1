package lesson

import (
	"fmt"

	"engram/plots"
)

// Answer is what the page shows after a request. Charts, texts, tables and meters go to the places of the page with
// their names.
type Answer struct {
	Charts map[string]Chart        `json:"charts,omitempty"`
	Texts  map[string]string       `json:"texts,omitempty"`
	Tables map[string]*plots.Table `json:"tables,omitempty"`
	Meters map[string][]Meter      `json:"meters,omitempty"`
	Data   any                     `json:"data"`           // the numbers behind them
	More   bool                    `json:"more,omitempty"` // there is more to do: ask again
}

// Chart is a chart for the page.
type Chart struct {
	Title   string         `json:"title"`
	Options map[string]any `json:"options"` // of ECharts
}

// Meter is a named strength.
type Meter struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Share float64 `json:"share"` // of the bar that is filled, 0 to 1
}

// show adds a chart to the answer, at a place of the page.
func (a *Answer) show(place string, c plots.Chart) error {
	options, err := c.Options()
	if err != nil {
		return err
	}
	if a.Charts == nil {
		a.Charts = map[string]Chart{}
	}
	a.Charts[place] = Chart{c.Heading(), options}
	return nil
}

// say adds a text to the answer, at a place of the page.
func (a *Answer) say(place, format string, values ...any) {
	if a.Texts == nil {
		a.Texts = map[string]string{}
	}
	a.Texts[place] = fmt.Sprintf(format, values...)
}

// within returns an error if x lies outside a range.
func within[N int | float64](name string, x, low, high N) error {
	if x >= low && x <= high {
		return nil
	}
	return fmt.Errorf("invalid %s %v: use %v to %v", name, x, low, high)
}
