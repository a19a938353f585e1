// Package plots draws charts for reports and notebooks. Each chart has two forms of the same data: interactive
// (ECharts, by go-echarts) and static (SVG, by gonum/plot). The interactive chart replaces the static picture,
// which a viewer without scripts shows.
//
// Pages load nothing: ECharts 5.6.0 (Apache-2.0, see assets) is embedded, and a Page is one file that opens offline.
//
// Charts of any size are safe: both forms show as much as a screen can, so that no chart floods a page (thin.go).
package plots
