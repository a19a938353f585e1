package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"engram/bridge"
	"engram/drqn"
	"engram/internal/plain"
	"engram/plots"
	"engram/tasks"
)

// addPythonFlags adds the flags of environments of Python to all commands. They set variables, which processes that
// engram starts inherit.
func addPythonFlags(root *cobra.Command) {
	set := func(variable string) func(string) error {
		return func(text string) error { return os.Setenv(variable, text) }
	}
	root.PersistentFlags().Func("python",
		"`path` of the Python of environments such as gymnasium:CartPole-v1 (default: "+
			"the variable "+bridge.PythonVariable+
			", the active virtual environment, .venv-environments, .venv or python3)",
		set(bridge.PythonVariable))
	root.PersistentFlags().Func("env-timeout",
		"longest `time` of a step of such an environment (default 60s); above 5m also of its start",
		set(bridge.TimeoutVariable))
	root.PersistentFlags().Func("env-workers",
		"`processes` of Python that share a run's environments, for slow ones (default 1)", set(bridge.WorkersVariable))
}

func newEnv() *cobra.Command {
	c := &cobra.Command{
		Use:   "env",
		Short: "Show environments that are no tasks of engram, such as Gymnasium's",
		Long: `Show environments that are no tasks of engram: those of Python packages, which train and the other
commands take as --task. Their names are gymnasium:ID, popgym:ID, neurogym:ID, or package.module:callable, which returns
an environment; --task-options are its keyword arguments. docs/python.md describes them.`,
		Example: `  engram env list popgym
  engram env show gymnasium:CartPole-v1
  engram train --preset general --task gymnasium:CartPole-v1 --run runs/cartpole`,
		Args: arguments(),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newEnvShow(), newEnvList())
	return c
}

// shownEnv is an environment as 'env show --json' prints it.
type shownEnv struct {
	tasks.Spec
	Python *bridge.Description `json:"python,omitempty"`
	Random tasks.Returns       `json:"random"`
	Reward struct {
		Low  float64 `json:"low"`
		High float64 `json:"high"`
		Mean float64 `json:"mean"`
	} `json:"reward_seen"` // of a step, acting at random
	Steps   int     `json:"steps"`             // that were taken
	Stopped string  `json:"stopped,omitempty"` // why fewer episodes were played than asked for
	Micros  float64 `json:"micros_per_step"`
	// Printed is the last lines that an environment of Python printed and warned of.
	Printed []string `json:"printed,omitempty"`
}

func newEnvShow() *cobra.Command {
	var options string
	var episodes, limit int
	var within time.Duration
	var asJSON bool
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Describe an environment, and measure what acting at random earns in it",
		Long: `Describe an environment: its observations, actions and versions, how long an episode may be, whether a
stopped run resumes exactly, what acting at random earns, as far as it can be measured within --within, and the last
lines that an environment of Python printed and warned of (ten; --json has more).`,
		Example: "  engram env show gymnasium:CartPole-v1\n  engram env show popgym:popgym-BattleshipEasy-v0 --json",
		Args:    arguments("NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			if episodes < 1 || limit < 0 {
				return fmt.Errorf("invalid episodes %d or time-limit %d: use 1 or more, and 0 or more", episodes, limit)
			}
			if within <= 0 {
				return fmt.Errorf("invalid within %v: use a duration above 0, such as 30s", within)
			}
			play := &randomPlay{context: c.Context(), progress: c.ErrOrStderr(), episodes: episodes, within: within}
			shown, err := showEnv(args[0], json.RawMessage(options), limit, play)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), shown)
			}
			return shown.print(c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&options, "task-options", "", "the environment's options as a JSON `object`")
	c.Flags().IntVar(&episodes, "episodes", 100, "episodes, or trials, to act at random for")
	c.Flags().IntVar(&limit, "time-limit", 0, "steps after which an episode is truncated (0 = none)")
	c.Flags().DurationVar(&within, "within", 30*time.Second, "longest `time` to act at random for")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// showEnv opens an environment and acts at random in it.
func showEnv(name string, options json.RawMessage, limit int, play *randomPlay) (s shownEnv, err error) {
	env, err := tasks.New(name, options)
	if err != nil {
		if versioned.MatchString(name) {
			return s, fmt.Errorf("environment %s is named without its package: write gymnasium:%s, or the name of the "+
				"package that registers it before the colon", name, name)
		}
		return s, err
	}
	if task, _ := tasks.TaskOf(env); task != nil {
		return s, fmt.Errorf("%s is a task of engram: 'engram tasks show %s' draws it", name, name)
	}
	s.Spec, s.Python = env.Spec(), bridge.Known(name, options)
	limited, err := tasks.Wrap(env, tasks.Wrappers{TimeLimit: limit})
	if err != nil {
		return s, err
	}
	if limit > 0 && !tasks.HasTrials(env) {
		s.MaxTrialSteps = min(limit, cmp.Or(s.MaxTrialSteps, limit))
	}
	err = errors.Join(play.measure(limited, &s), tasks.Close(env))
	s.Printed = bridge.Printed(name, options)
	return s, err
}

// versioned matches the names that Gymnasium gives, without a package.
var versioned = regexp.MustCompile(`^[^:]+-v[0-9]+$`)

// unit returns the word for what is counted in the environment, which is no task.
func (s shownEnv) unit() string { return drqn.Goal{Trials: s.Trials}.Unit() }

func (s shownEnv) print(w io.Writer) error {
	var lines [][2]string
	say := func(name, format string, args ...any) {
		lines = append(lines, [2]string{name, fmt.Sprintf(format, args...)})
	}
	unit := s.unit()
	if d := s.Python; d != nil {
		say("package", "%s %s (Python %s, gymnasium %s, numpy %s)", d.Package, d.PackageVersion, d.Python, d.Gymnasium,
			d.NumPy)
		say("spaces", "observations %s, actions %s", d.ObservationSpace, d.ActionSpace)
	}
	say("observations", "%d: %s", len(s.Observations), some(s.Observations))
	say("actions", "%d: %s", len(s.Actions), some(s.Actions))
	longest := "not known: set time_limit and window"
	if s.MaxTrialSteps > 0 {
		longest = fmt.Sprintf("%d steps", s.MaxTrialSteps)
	}
	say("longest "+unit, "%s", longest)
	exact := "yes, by replay of the episode's actions"
	if d := s.Python; d != nil && d.NotExact != "" {
		exact = "no: " + d.NotExact
	} else if d != nil && d.ExactSteps > 0 {
		exact += fmt.Sprintf("; few steps (%d) showed it, because they take long", d.ExactSteps)
	}
	say("exact resume", "%s", exact)
	if s.Random.Episodes > 0 {
		say("random policy", "%.4g ± %.2g per %s of %.1f steps (%d)", s.Random.Mean, s.Random.SD, unit, s.Random.Steps,
			s.Random.Episodes)
	} else {
		say("random policy", "not known: no %s ended", unit)
	}
	if s.Stopped != "" {
		say("stopped", "%s", s.Stopped)
	}
	say("rewards seen", "%.4g to %.4g a step, %.4g on average (%d steps)", s.Reward.Low, s.Reward.High, s.Reward.Mean,
		s.Steps)
	if most := max(math.Abs(s.Reward.Low), math.Abs(s.Reward.High)); most > 0 && most < 0.2 {
		say("hint", "rewards are at most %.3g a step: try --reward-scale %.0f", most, 1/most)
	}
	say("a step", "%.0f us", s.Micros)
	say("ceiling", "none: --ceiling and --floor give shares")
	for i, line := range s.Printed[max(0, len(s.Printed)-mostPrinted):] {
		say([]string{"printed last", ""}[min(i, 1)], "%s", line)
	}
	if _, err := fmt.Fprintln(w, s.Name); err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(w, "  %-16s %s\n", l[0], plain.Text(l[1])); err != nil {
			return err
		}
	}
	return nil
}

// mostPrinted is the number of lines that 'env show' shows of what an environment printed.
const mostPrinted = 10

// some returns the first names of a list.
func some(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

func newEnvList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list PACKAGE",
		Short: "List the environments that a Python package registers",
		Long: `List the environments that a Python package registers with Gymnasium, with the numbers of an observation
and of actions, or why engram cannot use one. Each is made once, which may take a while.`,
		Example: "  engram env list gymnasium\n  engram env list popgym --json",
		Args:    arguments("PACKAGE"),
		RunE: func(c *cobra.Command, args []string) error {
			list, err := bridge.List(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), list)
			}
			if len(list) == 0 {
				fmt.Fprintf(c.ErrOrStderr(), "%s registers no environments; its classes, and functions that return "+
					"one, are named %s:CLASS\n", args[0], args[0])
			}
			t := &plots.Table{Header: []string{"environment", "observations", "actions", "not usable"}}
			for _, l := range list {
				row := []string{l.Name, fmt.Sprint(l.Observations), fmt.Sprint(l.Actions), ""}
				if l.Error != "" {
					row = []string{l.Name, "–", "–", l.Error}
				}
				t.Rows = append(t.Rows, row)
			}
			return printTable(c.OutOrStdout(), t)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON list")
	return c
}

// examinePython looks for the packages of environments.
func examinePython() (parts []part) {
	packages, err := bridge.Packages(context.Background())
	if err != nil {
		return []part{{Name: "python", Detail: plain.Error(err) + ": name one by --python"}}
	}
	torch := packages[len(packages)-1].Version != ""
	for _, p := range packages {
		found := part{Name: p.Name, Works: p.Version != "", Detail: p.Version}
		switch {
		case p.Name == "python":
			found.Detail += " (" + bridge.Python() + ")"
		case p.Name == "torch":
			continue
		case p.Name == "neurogym" && found.Works && !torch:
			found.Works, found.Detail = false, p.Version+" needs PyTorch: pip install torch"
		case p.Name == "neurogym" && !found.Works:
			found.Detail = "make neurogym-env, and --python .venv-neurogym/bin/python (docs/python.md)"
		case !found.Works:
			found.Detail = "pip install " + p.Name + ", or make python-env"
		}
		parts = append(parts, found)
	}
	return parts
}
