package plots

import (
	"errors"
)

// Chart is a picture that can be drawn in two forms.
type Chart interface {
	// Heading returns the title.
	Heading() string
	// Options returns the interactive form, the option object of ECharts.
	Options() (map[string]any, error)
	// SVG returns the static form. Its lines and text have the colour of the text around it.
	SVG() ([]byte, error)
}

// errEmpty is the error of a chart that has nothing to show.
var errEmpty = errors.New("nothing to draw: it has no finite number")
