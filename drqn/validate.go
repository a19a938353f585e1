package drqn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"engram/mpn"
	"engram/replay"
	"engram/tasks"
)

// Validate returns an error that names the first impossible or unused hyperparameter and the remedy.
func (c Config) Validate() error {
	for _, rule := range c.rules() {
		if !rule.holds {
			return fmt.Errorf("%s %s is impossible: choose %s", rule.field, c.Text(rule.field), rule.choose)
		}
	}
	for name, why := range c.unused() {
		if v, _ := c.value(name); !v.IsZero() {
			return fmt.Errorf("%s %s is not used with %s: leave it out, or set it to its zero value", name,
				c.Text(name), why)
		}
	}
	return c.validateWithTask()
}

// mostSteps bounds the parts of a window; whether so many fit is another question.
const mostSteps = 1 << 20

// rule is what must hold of one hyperparameter.
type rule struct {
	field  string
	holds  bool
	choose string
}

func (c Config) rules() []rule {
	const positive, whole, share = "1 or more", "0 or more", "0 to 1"
	atLeast := func(x, low int) bool { return x >= low }
	in := func(x, low, high float64) bool { return x >= low && x <= high } // false for NaN
	upTo := func(x, low, high int) bool { return x >= low && x <= high }
	// Networks compute in float32: a number that is none there, or 0 where it is not, is none here either.
	finite := func(x float64) bool {
		return !math.IsNaN(x) && !math.IsInf(float64(float32(x)), 0) && (x == 0) == (float32(x) == 0)
	}
	above := func(x float64) bool { return x > 0 && finite(x) }
	oneOf := func(x string, choices ...string) bool {
		for _, choice := range choices {
			if x == choice {
				return true
			}
		}
		return false
	}
	const shapes = "scalar, row, column or full"
	isShape := func(s mpn.Shape) bool {
		return oneOf(string(s), string(mpn.ShapeScalar), string(mpn.ShapeRow), string(mpn.ShapeColumn),
			string(mpn.ShapeFull))
	}
	lambdaHigh := 1.0
	if c.TrainLambda {
		lambdaHigh = c.LambdaMax
	}
	return []rule{
		{"time_limit", atLeast(c.TimeLimit, 0), whole},
		{"cell", oneOf(c.Cell, CellNames()...), strings.Join(CellNames(), ", ")},
		{"hidden", c.Hidden >= 1 && c.Hidden <= 1<<14, "1 to 16384"},
		{"layers", c.Layers == 1 || c.Layers == 2, "1 or 2"},
		{"plasticity", !c.plastic() || oneOf(string(c.Plasticity), string(mpn.PlasticityHebbian),
			string(mpn.PlasticityPresynaptic), string(mpn.PlasticityPostsynaptic)), "hebbian, presynaptic or postsynaptic"},
		{"form", !c.plastic() || oneOf(string(c.Form), string(mpn.FormMultiplicative), string(mpn.FormAdditive)),
			"multiplicative or additive"},
		{"eta_shape", !c.plastic() || isShape(c.EtaShape), shapes},
		{"lambda_shape", !c.plastic() || isShape(c.LambdaShape), shapes},
		{"memory_bound", c.MemoryBound == 0 || above(c.MemoryBound),
			"a number above 0 that float32 has, 1e-45 to 3.4e38, or 0 for none"},
		{"input", oneOf(string(c.Input), string(InputProjection), string(InputIdentity)), "projection or identity"},
		{"input_size", c.Input == InputIdentity || c.InputSize >= 1 && c.InputSize <= 1<<14, "1 to 16384"},
		{"readout", c.Readout >= 0 && c.Readout <= 1<<14, "0 to 16384"},
		{"eta", finite(c.Eta), "a number that float32 has, 1e-45 to 3.4e38 in size, or 0"},
		{"lambda_max", in(c.LambdaMax, 0, 1), share},
		{"lambda", in(c.Lambda, 0, lambdaHigh), "0 to 1, and at most lambda_max where it is trained"},
		{"episode", oneOf(string(c.Episode), string(EpisodeTrial), string(EpisodeSession)), "trial or session"},
		{"window_end", oneOf(string(c.WindowEnd), string(replay.EndUniform), string(replay.EndEpisode),
			string(replay.EndPrioritized)), "uniform, episode or prioritized"},
		{"priority_exponent", c.WindowEnd != replay.EndPrioritized || c.PriorityExponent > 0 && c.PriorityExponent <= 1,
			"a number above 0, at most 1; 0.6 is usual"},
		{"importance_exponent", in(c.ImportanceExponent, 0, 1), share},
		{"window", upTo(c.Window, 0, mostSteps), "1 to 1048576, or 0 for the task's longest trial"},
		{"burn_in", upTo(c.BurnIn, 0, mostSteps), "0 to 1048576"},
		{"start", oneOf(string(c.Start), string(replay.StartZero), string(replay.StartStored)), "zero or stored"},
		{"state_every", c.Start == replay.StartZero || upTo(c.StateEvery, 1, mostSteps),
			"1 to 1048576 with start = stored"},
		{"environments", c.Environments >= 1 && c.Environments <= 1<<12, "1 to 4096"},
		{"acting_lag", c.ActingLag == 0 || c.ActingLag == 1, "0 or 1"},
		{"capacity", atLeast(c.Capacity, c.Environments), "as many as there are environments, or more"},
		{"batch", c.Batch >= 1 && c.Batch <= 1<<16, "1 to 65536"},
		{"learning_rate", above(c.LearningRate), "a number above 0 that float32 has, 1e-45 to 3.4e38"},
		{"learning_rate_decay", in(c.LearningRateDecay, 0, 1), share},
		{"gamma", in(c.Gamma, 0, 1), share},
		{"n_step", atLeast(c.NStep, 1), positive},
		{"flaw", oneOf(string(c.Flaw), string(FlawNone), string(FlawShiftedTarget), string(FlawNoFinalBootstrap),
			string(FlawTruncationTerminates)), "none, shifted_target, no_final_bootstrap or truncation_terminates"},
		{"l1", c.L1 == 0 || above(c.L1), "0, or a number above it that float32 has, 1e-45 to 3.4e38"},
		{"target_mix", above(c.TargetMix) && c.TargetMix <= 1, "a share above 0, at most 1"},
		{"clip_norm", above(c.ClipNorm), "a number above 0 that float32 has, 1e-45 to 3.4e38"},
		{"target_every", atLeast(c.TargetEvery, 1), positive},
		{"updates", atLeast(c.Updates, 1), positive},
		{"update_every", atLeast(c.UpdateEvery, 1), positive},
		{"learn_after", atLeast(c.LearnAfter, 0), whole},
		{"exploration_start", in(c.ExplorationStart, 0, 1), share},
		{"exploration_end", in(c.ExplorationEnd, 0, 1), share},
		{"exploration_ladder", c.ExplorationLadder >= 0 && finite(c.ExplorationLadder), "0 or more"},
		{"exploration_fraction", in(c.ExplorationFraction, 0, 1), share},
		{"eval_every", atLeast(c.EvalEvery, 0), whole},
		{"eval_trials", c.EvalEvery == 0 || upTo(c.EvalTrials, 1, 1<<30), "1 to 1073741824"},
		{"stop_at", c.StopAt >= 0 && finite(c.StopAt), "a share of the ceiling above 0, or 0 for never"},
		{"metrics_every", atLeast(c.MetricsEvery, 1), positive},
		{"checkpoint_every", atLeast(c.CheckpointEvery, 1), positive},
	}
}

// unused are the hyperparameters that have no effect in this config, with the reason.
func (c Config) unused() map[string]string {
	unused := map[string]string{}
	mark := func(why string, when bool, names ...string) {
		for _, name := range names {
			if when {
				unused[name] = why
			}
		}
	}
	mark("train_lambda = false", !c.TrainLambda, "lambda_max")
	mark("cell = "+c.Cell, !c.plastic(), "eta", "train_eta", "lambda", "train_lambda", "lambda_max",
		"plasticity", "form", "eta_shape", "lambda_shape", "memory_bound")
	mark("input = identity", c.Input == InputIdentity, "input_size")
	mark("window_end = "+string(c.WindowEnd), c.WindowEnd != replay.EndPrioritized, "priority_exponent",
		"importance_exponent")
	mark("start = zero", c.Start == replay.StartZero, "state_every")
	mark("n_step = 1", c.NStep == 1, "greedy_traces")
	mark("environments = 1", c.Environments == 1, "exploration_ladder")
	mark("eval_every = 0", c.EvalEvery == 0, "eval_trials", "stop_at")
	return unused
}

// WithoutUnused is the config with every unused hyperparameter at its zero value, for a preset of which another
// choice makes some useless. Of the names asked for, one that is unused is an error.
func (c Config) WithoutUnused(asked ...string) (Config, error) {
	for round := true; round; {
		round = false
		for name, why := range c.unused() {
			for _, a := range asked {
				if a == name {
					return c, fmt.Errorf("%s has no effect with %s: leave it out", name, why)
				}
			}
			v, err := c.value(name)
			if err != nil {
				return c, err
			}
			if !v.IsZero() {
				v.Set(reflect.Zero(v.Type()))
				round = true
			}
		}
	}
	return c, nil
}

// validateWithTask checks what depends on the task.
func (c Config) validateWithTask() error {
	if c.Task == "" {
		return errors.New("task is missing: choose one of 'engram tasks'")
	}
	env, err := c.newEnvironment()
	if err != nil {
		return err
	}
	if env, ok := env.(tasks.Inspector); ok {
		if task, _ := env.Task(); task != nil && task.Ceiling() <= 0 {
			return fmt.Errorf("task_options: the best reward per trial would be %.3g: choose rewards that pay for being right", task.Ceiling())
		}
	}
	if c.StopAt > 0 && env.Spec().CeilingBound {
		return fmt.Errorf("stop_at %g has nothing to be a share of: under these options only an upper bound of what can be earned is known: leave it out", c.StopAt)
	}
	if longest := env.Spec().MaxTrialSteps; c.TimeLimit > 0 && c.TimeLimit < longest {
		return fmt.Errorf("time_limit %d is impossible: the longest trial has %d steps and would be cut: choose %d or more, or 0 for none",
			c.TimeLimit, longest, longest)
	}
	window := c.window(env) + c.BurnIn
	if perLane := c.Capacity / c.Environments; window > perLane {
		return fmt.Errorf("capacity %d is too small: %d per environment, and a window has %d steps with burn-in",
			c.Capacity, perLane, window)
	}
	return c.checkSizes()
}

// longestConfig bounds the text of a config, whose task options may be long.
const longestConfig = 1 << 20

// DecodeConfig reads a JSON object over a base config. A field that does not exist, text after the object, or more than
// 1 MB is an error. Call Validate before use.
func DecodeConfig(r io.Reader, base Config) (Config, error) {
	decoder := json.NewDecoder(io.LimitReader(r, longestConfig))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&base); err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Config{}, errors.New("config: there is text after the JSON object")
	}
	return base, nil
}
