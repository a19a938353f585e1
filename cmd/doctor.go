package cmd

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/spf13/cobra"

	"engram/internal/backend"
	"engram/internal/plain"
	"engram/internal/sysinfo"
)

// finding is the doctor's result about one backend.
type finding struct {
	Backend string  `json:"backend"`
	Works   bool    `json:"works"`
	Detail  string  `json:"detail"` // the plugin, or what is wrong and what to do
	Millis  float64 `json:"millis,omitempty"`
}

// diagnosis is everything that the doctor reports.
type diagnosis struct {
	Engram   string            `json:"engram"`
	Go       string            `json:"go"`
	Machine  string            `json:"machine"`
	Modules  map[string]string `json:"modules"`
	Backends []finding         `json:"backends"`
	Refused  []string          `json:"refused,omitempty"` // plugins that others may have written
	Chosen   string            `json:"chosen"`
	Lab      []part            `json:"lab"`
	Python   []part            `json:"python"` // for environments of Python
}

func newDoctor() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check which backends and parts of the laboratory work, and what to do about the others",
		Long: `Open every backend and compute something small on it; look for JupyterLab, its Go kernel, and Chromium,
and in the Python that runs environments (--python) for Gymnasium, POPGym and NeuroGym. Anything missing is named with
its remedy.`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			d := diagnose()
			if asJSON {
				return printJSON(c.OutOrStdout(), d)
			}
			return d.print(c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func diagnose() diagnosis {
	self := sysinfo.Self()
	d := diagnosis{Engram: self.Version, Go: self.Go, Modules: self.Modules,
		Machine: sysinfo.Machine(), Lab: examineLab(), Python: examinePython()}
	for _, name := range []string{backend.XLACPU, backend.XLACUDA, backend.Go} {
		d.Backends = append(d.Backends, examine(name))
	}
	d.Refused = backend.RefusedPlugins()
	d.Chosen = "none"
	if _, choice, err := backend.Open(""); err == nil {
		d.Chosen = choice.String()
	} else {
		d.Chosen = err.Error()
	}
	return d
}

// examine adds two numbers on a backend.
func examine(name string) finding {
	b, choice, err := backend.Open(name)
	if err != nil {
		return finding{Backend: name, Detail: err.Error()}
	}
	began := time.Now()
	sum, err := graph.CallOnce(b, func(x, y *graph.Node) *graph.Node { return graph.Add(x, y) }, float32(1), float32(2))
	if err != nil {
		return finding{Backend: name, Detail: "it opens but does not compute: " + plain.Error(err)}
	}
	if got := sum.Value(); got != float32(3) {
		return finding{Backend: name, Detail: fmt.Sprintf("1 + 2 = %v: do not use it", got)}
	}
	detail := "needs nothing"
	if choice.Plugin != "" {
		detail = choice.Plugin
	}
	return finding{name, true, detail, float64(time.Since(began).Microseconds()) / 1000}
}

func (d diagnosis) print(w io.Writer) error {
	fmt.Fprintf(w, "engram %s, %s, %s\n", d.Engram, d.Go, d.Machine)
	for _, path := range sysinfo.Modules {
		fmt.Fprintf(w, "%s %s\n", path, d.Modules[path])
	}
	for _, f := range d.Backends {
		state := "missing"
		if f.Works {
			state = fmt.Sprintf("works   (compiled and ran in %.1f ms)", f.Millis)
		}
		fmt.Fprintf(w, "%-9s %s\n          %s\n", f.Backend, state, f.Detail)
	}
	for _, line := range d.Refused {
		fmt.Fprintf(w, "refused   %s\n", plain.Text(line))
	}
	fmt.Fprintf(w, "taken: %s\n", d.Chosen)
	for _, p := range append(slices.Clone(d.Lab), d.Python...) {
		state := "missing"
		if p.Works {
			state = "there"
		}
		fmt.Fprintf(w, "%-11s %-7s  %s\n", p.Name, state, p.Detail)
	}
	return nil
}
