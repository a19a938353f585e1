package cmd

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"engram/analysis/report"
	"engram/lab/perturb"
	"engram/plots"
)

func newPerturb() *cobra.Command {
	var a acting
	var units, out string
	var value string
	var sigma float64
	var asJSON bool
	whens := map[perturb.Kind]*string{}
	c := &cobra.Command{
		Use:   "perturb RUN --wipe WHEN",
		Short: "Wipe, swap, freeze or disturb an agent's memory, or silence units, and count its answers",
		Long: `Let a run's agent act on the same trials without and with a change of its memory M (the state of a cell
that is no MPN) or of its activity, and print the share of trials that it answers correctly, with Wilson's 95 %
interval. WHEN is a period of the task, whose first step is meant, the number of a step, or "each": each step in turn.

  --wipe WHEN     M becomes 0
  --swap WHEN     M becomes that of the next trial at the same moment
  --freeze WHEN   what is written into M from there on is discarded
  --noise WHEN    Gaussian noise of deviation --sigma is added to M before each step from there on
  --lesion WHEN   the units of --units are silent from there on
  --clamp WHEN    the units of --units have the activity --value, or their mean, from there on; synapses that value

What lasts ends with the trial, or before --until: a period's first step, or a step.

--units 3,5 changes only these units' rows of M, and --units 3:0,3:1 only these synapses (unit:input).`,
		Example: "  engram perturb runs/a --wipe delay\n  engram perturb runs/a --wipe each --out wipe.html\n" +
			"  engram perturb runs/a --lesion 0 --units 3,5 --json",
		Args: arguments("RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := perturbationOf(c, whens, units, sigma)
			if err == nil {
				err = clampAt(&p, value)
			}
			if err != nil {
				return err
			}
			run, policy, update, err := a.open(c, args[0])
			if err != nil {
				return err
			}
			result, err := perturb.Run(c.Context(), policy, a.trials, a.seed, p)
			if err != nil {
				return err
			}
			task := policy.Config().Task
			if out != "" {
				page := plots.Page{Title: fmt.Sprintf("%s: %s of the memory", task, p.Kind), Subtitle: run.Dir,
					Sections: []plots.Section{report.Perturbation(p, result)}}
				if err := page.Save(out); err != nil {
					return err
				}
			}
			if asJSON {
				return printObject(c.OutOrStdout(), struct {
					Task   string       `json:"task"`
					Run    string       `json:"run"`
					Update int64        `json:"update"`
					Seed   uint64       `json:"seed"`
					Kind   perturb.Kind `json:"kind"`
					When   string       `json:"when"`
					perturb.Result
				}{task, run.Dir, update, a.seed, p.Kind, p.When, result})
			}
			_, err = io.WriteString(c.OutOrStdout(), result.Text(p.Kind))
			return err
		},
	}
	a.addTo(c, "trials to act for")
	for _, kind := range perturb.Kinds() {
		whens[kind] = c.Flags().String(string(kind), "", "`when` to "+map[perturb.Kind]string{
			perturb.Wipe: "set M to 0", perturb.Swap: "put in the M of the next trial",
			perturb.Freeze: "stop writing M",
			perturb.Noise:  "begin to add noise to M", perturb.Lesion: "silence the units of --units",
			perturb.Clamp: "hold the units or synapses of --units at --value"}[kind])
	}
	c.Flags().StringVar(&units, "units", "", "`units` (3,5) or synapses (3:0,3:1) to change; empty: all")
	c.Flags().Float64Var(&sigma, "sigma", 0, "standard deviation of --noise")
	c.Flags().StringVar(&value, "value", "0", "at which --clamp holds: a number, or mean, the unit's own")
	c.Flags().String("until", "", "`when` what lasts ends: a period or a step; empty: with the trial")
	writesFile(c, &out, "out", "`file` for a picture, an HTML page that opens offline")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON line")
	return c
}

// perturbationOf returns the perturbation that the flags choose.
func perturbationOf(c *cobra.Command, whens map[perturb.Kind]*string, units string, sigma float64) (
	p perturb.Perturbation, err error) {
	var chosen []string
	for _, kind := range perturb.Kinds() {
		if c.Flags().Changed(string(kind)) {
			chosen = append(chosen, "--"+string(kind))
			p.Kind, p.When = kind, *whens[kind]
		}
	}
	if len(chosen) != 1 {
		return p, usageError{fmt.Errorf("%s takes one of --wipe, --swap, --freeze, --noise, --lesion and --clamp, "+
			"not %d: see '%s --help'", c.CommandPath(), len(chosen), c.CommandPath())}
	}
	p.Sigma, p.Until = sigma, c.Flags().Lookup("until").Value.String()
	for item := range strings.SplitSeq(units, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		unit, input, isSynapse := strings.Cut(item, ":")
		i, err := strconv.Atoi(unit)
		if !isSynapse {
			input = "0"
		}
		j, errInput := strconv.Atoi(input)
		if err = errors.Join(err, errInput); err != nil {
			return p, usageError{fmt.Errorf("invalid unit %q: use numbers such as 3,5, or synapses such as 3:0", item)}
		}
		if isSynapse {
			p.Synapses = append(p.Synapses, [2]int{i, j})
		} else {
			p.Units = append(p.Units, i)
		}
	}
	return p, nil
}

// clampAt sets the value of a clamp from its text.
func clampAt(p *perturb.Perturbation, text string) (err error) {
	if text == "mean" {
		p.AtMean = true
		return nil
	}
	if p.Value, err = strconv.ParseFloat(text, 64); err != nil {
		return usageError{fmt.Errorf("invalid --value %q: use a number, or mean", text)}
	}
	return nil
}
