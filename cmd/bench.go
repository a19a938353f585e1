package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"engram/internal/bench"
	"engram/internal/durable"
	"engram/internal/sysinfo"
	"engram/plots"
)

// benchReport is what bench prints.
type benchReport struct {
	Format  int         `json:"format"` // jsonFormat
	Machine string      `json:"machine"`
	Date    string      `json:"date"`
	Rows    []bench.Row `json:"rows"`
	// Benchmarks are the rows of a time, in microseconds.
	Benchmarks []bench.Benchmark `json:"benchmarks"`
}

func newBench() *cobra.Command {
	var asJSON bool
	var only string
	o := bench.Options{Scripts: "scripts/peers"}
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast engram is on this machine, beside PyTorch and JAX",
		Long: `Measure on this machine every row of docs/performance.md:

  train_step    both networks unrolled over the window, loss, gradient, clip, Adam and target network
  compile, load the first train step of a new program, and of one that was compiled before
  population    a train step of K agents in one program, per agent
  gate          a train step with a gate of M's decay over one without
  act           a step of an agent in eight environments
  sample, push, prioritized, memory    the replay ring
  wall          the time of training over that of its train steps alone
  whole_run     'engram demo'
  product, copy what the machine can do at most

The rows take turns, --rounds times. A row shows the median of its rounds, and the smallest and the largest. It takes
some minutes.

With --peers the train steps are measured in PyTorch and JAX too, in the same rounds; 'make bench-peers' installs them
into .venv-reference, and 'make bench' then compares with them.`,
		Example: `  engram bench --json
  engram bench --only 'act|sample' --rounds 15
  engram bench --only 'train_step .*L=(200|800).*'
  engram bench --hidden 128 --window 50 --backend go
  engram bench --peers .venv-reference/bin/python`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if only != "" {
				if o.Only, err = regexp.Compile("^(" + only + ")$"); err != nil {
					return fmt.Errorf("--only: %w", err)
				}
			}
			if o.Command, err = os.Executable(); err != nil {
				return err
			}
			say, done := benchProgress(os.Stderr)
			o.Say = say
			rows, err := bench.Run(c.Context(), o)
			done()
			if err != nil {
				return err
			}
			report := benchReport{jsonFormat, machine(), time.Now().UTC().Format(time.RFC3339), rows,
				bench.Benchmarks(rows)}
			if asJSON {
				return printJSON(c.OutOrStdout(), report)
			}
			return report.print(c.OutOrStdout())
		},
	}
	c.Flags().IntVar(&o.Rounds, "rounds", 5, "rounds of each row")
	c.Flags().IntVar(&o.Hidden, "hidden", 0,
		"hidden units H of train steps and acting, instead of the table's; only rows of that size are measured")
	c.Flags().IntVar(&o.Window, "window", 0,
		"window L of train steps and sampling, instead of the table's; only rows of that size are measured")
	c.Flags().StringVar(&only, "only", "",
		"rows to measure: a regular expression for their names, or for name and shape")
	c.Flags().StringVar(&o.Python, "peers", "", "`python` of an environment with PyTorch and JAX, to compare with")
	addBackendFlag(c, &o.Backend)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.AddCommand(newBenchGrowth())
	return c
}

func newBenchGrowth() *cobra.Command {
	var asJSON bool
	var picture string
	o := bench.Options{}
	c := &cobra.Command{
		Use:   "growth",
		Short: "Measure how a train step grows with L, H, I, B and K",
		Long: `Measure the train step while one of window length L, hidden units H, cell input I, batch B and
population K grows and the others stay as in docs/performance.md; fit a straight line to each. --out draws the
measured points and the lines.`,
		Example: "  engram bench growth --out docs/growth.svg",
		Args:    arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			say, done := benchProgress(os.Stderr)
			o.Say = say
			growth, err := bench.MeasureGrowth(c.Context(), o)
			done()
			if err != nil {
				return err
			}
			if err := saveGrowth(growth, picture); err != nil {
				return err
			}
			if asJSON {
				return printObject(c.OutOrStdout(), growth)
			}
			return printGrowth(c.OutOrStdout(), growth)
		},
	}
	c.Flags().IntVar(&o.Rounds, "rounds", 5, "rounds of each size")
	c.Flags().StringVar(&picture, "out", "", "SVG `file` to draw into, in a folder that is made if needed")
	before(c, func(*cobra.Command, []string) error { return unlessEmpty(picture, drawable) })
	addBackendFlag(c, &o.Backend)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// benchProgress returns functions that show what is measured, on a terminal in one line that is written over, else in
// a line each, and that clear the line at the end.
func benchProgress(out *os.File) (say func(string), done func()) {
	if !term.IsTerminal(int(out.Fd())) {
		return func(text string) { fmt.Fprintln(out, text) }, func() {}
	}
	return func(text string) { fmt.Fprintf(out, "\r\033[K%s", text) }, func() { fmt.Fprint(out, "\r\033[K") }
}

// machine returns what measurements depend on: the processor, the number of cores and the compiler.
func machine() string { return sysinfo.Processor() + ", " + sysinfo.Self().Go }

func (r benchReport) print(w io.Writer) error {
	t := &plots.Table{Header: []string{"what", "shape", "backend", "median", "range", "at most", "allocations",
		"beside"}}
	for _, b := range r.Rows {
		allocs := ""
		if b.Allocs != nil {
			allocs = fmt.Sprint(*b.Allocs)
		}
		t.Rows = append(t.Rows, []string{b.Name, b.Shape, b.Backend, fmt.Sprintf("%.3g %s", b.Median, b.Unit),
			fmt.Sprintf("%.3g–%.3g", b.Low, b.High), atMost(b.Target), allocs, b.Beside()})
		for _, p := range b.Peers {
			t.Rows = append(t.Rows, []string{"", "", p.Peer, fmt.Sprintf("%.3g %s", p.Median, b.Unit), "",
				atMost(p.Target), "",
				fmt.Sprintf("ours is %.2f of it (%.2f–%.2f)", p.Ratio, p.Low, p.High)})
		}
	}
	fmt.Fprintf(w, "%s, %s\n", r.Machine, r.Date)
	return printTable(w, t)
}

// atMost formats a target; a row without one has an empty cell.
func atMost(target float64) string {
	if target == 0 {
		return ""
	}
	return fmt.Sprintf("%.3g", target)
}

// drawable returns an error unless saveGrowth could write the file.
func drawable(path string) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); err != nil {
		return durable.WritableFolder(dir)
	}
	return writableFile(path)
}

// saveGrowth draws into a file, if one is named.
func saveGrowth(g bench.Growth, path string) error {
	if path == "" {
		return nil
	}
	svg, err := g.Chart().SVG()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return durable.ReplaceBytes(path, svg)
}

func printGrowth(w io.Writer, g bench.Growth) error {
	t := &plots.Table{Header: []string{"axis", "from", "to", "ms at the least", "ms more per unit", "R2", "exponent"}}
	for _, a := range g.Axes {
		last := len(a.Sizes) - 1
		t.Rows = append(t.Rows, []string{a.Name, fmt.Sprint(a.Sizes[0]), fmt.Sprint(a.Sizes[last]),
			fmt.Sprintf("%.3g", a.Millis[0]),
			fmt.Sprintf("%.3g", a.Slope), fmt.Sprintf("%.3f", a.R2), fmt.Sprintf("%.2f", a.Exponent)})
	}
	fmt.Fprintf(w, "%s; the others at %s\n", machine(), g.Base)
	return printTable(w, t)
}
