// Package deps holds the pinned modules in go.mod until each is imported where it is used.
package deps

import (
	_ "github.com/go-analyze/charts"
	_ "github.com/go-echarts/go-echarts/v2/charts"
	_ "github.com/gomlx/compute/gobackend"
	_ "github.com/gomlx/go-xla/compute/xla"
	_ "github.com/gomlx/gomlx/core/graph"
	_ "github.com/gomlx/gomlx/ml/model"
	_ "github.com/schollz/progressbar/v3"
	_ "github.com/spf13/cobra"
	_ "golang.org/x/term"
	_ "gonum.org/v1/gonum/stat/distuv"
)
