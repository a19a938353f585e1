// Package plots draws charts for reports and notebooks. Each chart has two forms of the same data: interactive
// (ECharts, by go-echarts) and static (SVG, by gonum/plot). The static picture stands inside the interactive
// chart's place, so that a viewer without scripts shows it.
//
// Nothing is loaded from anywhere: ECharts 5.6.0 (Apache-2.0, see assets) is embedded, and a Page is one file
// that opens offline.
package plots
