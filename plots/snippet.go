package plots

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
)

//go:embed assets/echarts.min.js
var echarts string

//go:embed assets/draw.js
var drawScript string

// Library returns the script that draws charts, which a page needs once: ECharts and draw.js. It hides from ECharts the
// names by which it would detect a module loader, such as that of Notebook 6.
func Library() string {
	return "(function (define, exports, module) {\n" + echarts + "\n}).call(window);\n" + drawScript
}

// drawn is a chart ready for a page: the class of its place, the static picture in that place, and the script that
// replaces it by the interactive chart.
type drawn struct {
	Heading string
	Class   string
	SVG     template.HTML
	Script  template.JS
}

// drawChart draws both forms of a chart.
func drawChart(c Chart) (drawn, error) {
	svg, err := c.SVG()
	if err != nil {
		return drawn{}, err
	}
	options, err := c.Options()
	if err != nil {
		return drawn{}, err
	}
	var script bytes.Buffer
	encoder := json.NewEncoder(&script) // escapes <, > and &, so that no name can end the script
	if err := encoder.Encode(options); err != nil {
		return drawn{}, fmt.Errorf("chart %q: %w", c.Heading(), err)
	}
	// The class comes from the content, so that a page of the same charts has the same bytes.
	class := fmt.Sprintf("engram-%x", sha256.Sum256(script.Bytes()))[:23]
	call := fmt.Sprintf("(window.engramPlots = window.engramPlots || []).push([%q, %s]);", class,
		bytes.TrimSpace(script.Bytes()))
	return drawn{c.Heading(), class, template.HTML(svg), template.JS(call)}, nil
}

// The static picture is an image on white. Viewers that show a notebook without running its scripts remove SVG from the
// text, and an image does not know the colour of the text around it.
var snippetTemplate = template.Must(template.New("snippet").Parse(`<h4>{{.Heading}}</h4>
<div class="{{.Class}}" role="img" aria-label="{{.Heading}}">` +
	`<img alt="{{.Heading}}" {{.Picture}} style="width: 100%; background: #fff"></div>
<script>{{.Script}}</script>
`))

// Snippet returns a chart as a piece of HTML for a page that has the Library, before or after it. Without the Library
// it shows the static picture.
func Snippet(c Chart) (string, error) {
	d, err := drawChart(c)
	if err != nil {
		return "", err
	}
	var html bytes.Buffer
	err = snippetTemplate.Execute(&html, struct {
		drawn
		Picture template.HTMLAttr
	}{d, template.HTMLAttr(`src="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString([]byte(d.SVG)) + `"`)})
	if err != nil {
		return "", fmt.Errorf("chart %q: %w", c.Heading(), err)
	}
	return html.String(), nil
}
