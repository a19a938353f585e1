package drqn

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"engram/internal/numbers"
	"engram/internal/strictjson"
	"engram/mpn"
	"engram/replay"
	"engram/tasks"
)

// Validate returns an error that names the first impossible or unused hyperparameter and the remedy.
func (c Config) Validate() error {
	_, err := c.resolve()
	return err
}

// checkFields refuses hyperparameters that are invalid or unused whatever the task is.
func (c Config) checkFields() error {
	for _, rule := range c.rules() {
		if !rule.holds {
			return fmt.Errorf("invalid %s %s: use %s", rule.field, c.Text(rule.field), rule.use)
		}
	}
	unused := c.unused()
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		if v, _ := c.value(name); !v.IsZero() {
			return fmt.Errorf("%s %s is not used with %s: leave it out, or set it to its zero value", name,
				c.Text(name), unused[name])
		}
	}
	return nil
}

// mostSteps bounds the parts of a window; whether so many fit into memory is checked later.
const mostSteps = 1 << 20

// mostWait bounds the environment steps before an update, of which nothing is shown: they may take a minute.
const mostWait = 1 << 26

// rule is a condition on one hyperparameter, with the remedy.
type rule struct {
	field string
	holds bool
	use   string
}

func (c Config) rules() []rule {
	const positive, whole, share = "1 or more", "0 or more", "0 to 1"
	atLeast := func(x, low int) bool { return x >= low }
	in := func(x, low, high float64) bool { return x >= low && x <= high } // false for NaN
	upTo := func(x, low, high int) bool { return x >= low && x <= high }
	// Networks compute in float32: a number that overflows there, or becomes 0, is refused.
	finite := numbers.FitsFloat32
	above := func(x float64) bool { return x > 0 && finite(x) }
	oneOf := func(x string, choices ...string) bool { return slices.Contains(choices, x) }
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
		{"ceiling", finite(c.Ceiling) && (c.Ceiling > c.Floor || c.Ceiling == 0 && c.Floor == 0),
			"a number above floor, or leave out both"},
		{"floor", finite(c.Floor), "a number that float32 has"},
		{"observation_scale", above(c.ObservationScale), "a number above 0 that float32 has; 1 changes nothing"},
		{"reward_scale", above(c.RewardScale), "a number above 0 that float32 has; 1 changes nothing"},
		{"truncation", oneOf(string(c.Truncation), string(TruncationBootstrap), string(TruncationTerminate)),
			"bootstrap or terminate"},
		{"cell", oneOf(c.Cell, CellNames()...), strings.Join(CellNames(), ", ")},
		{"hidden", c.Hidden >= 1 && c.Hidden <= 1<<14, "1 to 16384"},
		{"layers", c.Layers == 1 || c.Layers == 2, "1 or 2"},
		{"plasticity", !c.plastic() || oneOf(string(c.Plasticity), string(mpn.PlasticityHebbian),
			string(mpn.PlasticityPresynaptic), string(mpn.PlasticityPostsynaptic)),
			"hebbian, presynaptic or postsynaptic"},
		{"form", !c.plastic() || oneOf(string(c.Form), string(mpn.FormMultiplicative), string(mpn.FormAdditive)),
			"multiplicative or additive"},
		{"eta_shape", !c.plastic() || isShape(c.EtaShape), shapes},
		{"lambda_shape", !c.plastic() || isShape(c.LambdaShape), shapes},
		{"memory_bound", c.MemoryBound == 0 || above(c.MemoryBound),
			"a number above 0 that float32 has, 1e-45 to 3.4e38, or 0 for none"},
		{"forget_gate", !c.plastic() || oneOf(string(c.ForgetGate), string(ForgetNone), string(ForgetScalar),
			string(ForgetRow)), "none, scalar or row"},
		{"forget_bias", finite(c.ForgetBias), "a number that float32 has, 1e-45 to 3.4e38 in size, or 0"},
		{"forget_scale", c.ForgetScale == 0 || above(c.ForgetScale), "0, or a number above it that float32 has"},
		{"forget_gain", !c.Gated() || above(c.ForgetGain) && c.gate().Startable(),
			"a number above 0 by which forget_bias and forget_scale can be divided in float32"},
		{"train_lambda", !c.Gated() || !c.TrainLambda, "false with a forget_gate, whose bias does what lambda would"},
		{"return", oneOf(string(c.Return), "", string(ReturnTrial), string(ReturnSession), string(ReturnTask)),
			"trial, session or task"},
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
		{"window", upTo(c.Window, 0, mostSteps), "1 to 1048576, or 0 for the longest trial or episode"},
		{"burn_in", upTo(c.BurnIn, 0, mostSteps), "0 to 1048576"},
		{"start", oneOf(string(c.Start), string(replay.StartZero), string(replay.StartStored)), "zero or stored"},
		{"state_every", c.Start == replay.StartZero || upTo(c.StateEvery, 1, mostSteps),
			"1 to 1048576 with start = stored"},
		{"environments", c.Environments >= 1 && c.Environments <= 1<<12, "1 to 4096"},
		{"acting_lag", c.ActingLag == 0 || c.ActingLag == 1, "0 or 1"},
		{"capacity", atLeast(c.Capacity, c.Environments), "the number of environments, or more"},
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
		{"update_every", upTo(c.UpdateEvery, 1, mostWait), "1 to 67108864"},
		{"learn_after", upTo(c.LearnAfter, 0, mostWait), "0 to 67108864"},
		{"exploration_start", in(c.ExplorationStart, 0, 1), share},
		{"exploration_end", in(c.ExplorationEnd, 0, 1), share},
		{"exploration_ladder", c.ExplorationLadder >= 0 && finite(c.ExplorationLadder), "0 or more"},
		{"exploration_fraction", in(c.ExplorationFraction, 0, 1), share},
		{"eval_every", atLeast(c.EvalEvery, 0), whole},
		{"eval_trials", c.EvalEvery == 0 || upTo(c.EvalTrials, 1, mostTrials), "1 to 1073741824"},
		{"stop_at", c.StopAt >= 0 && finite(c.StopAt), "a share of the ceiling above 0, or 0 for never"},
		{"stop_at_return", finite(c.StopAtReturn) && (c.StopAt == 0 || c.StopAtReturn == 0),
			"a number, and 0 where stop_at is given: a run ends by one of the two"},
		{"metrics_every", atLeast(c.MetricsEvery, 1), positive},
		{"checkpoint_every", atLeast(c.CheckpointEvery, 1), positive},
	}
}

// unused returns the hyperparameters that have no effect in this config, with the reason: the first of several, which
// changing the others would not take away.
func (c Config) unused() map[string]string {
	unused := map[string]string{}
	mark := func(why string, when bool, names ...string) {
		for _, name := range names {
			if when && unused[name] == "" {
				unused[name] = why
			}
		}
	}
	mark("cell = "+c.Cell, !c.plastic(), "eta", "train_eta", "lambda", "train_lambda", "lambda_max",
		"plasticity", "form", "eta_shape", "lambda_shape", "memory_bound")
	mark("cell = "+c.Cell, !c.plastic(), "forget_gate", "forget_bias", "forget_scale", "forget_gain")
	mark("train_lambda = false", !c.TrainLambda, "lambda_max")
	mark("forget_gate = none", !c.Gated(), "forget_bias", "forget_scale", "forget_gain")
	mark("episode = trial", c.Episode == EpisodeTrial, "return")
	mark("input = identity", c.Input == InputIdentity, "input_size")
	mark("window_end = "+string(c.WindowEnd), c.WindowEnd != replay.EndPrioritized, "priority_exponent",
		"importance_exponent")
	mark("start = zero", c.Start == replay.StartZero, "state_every")
	mark("windows that nothing stands before", c.BurnIn == 0 && (c.Start == replay.StartZero || c.StateEvery <= 1),
		"truncate_bptt")
	mark("n_step = 1", c.NStep == 1, "greedy_traces")
	mark("environments = 1", c.Environments == 1, "exploration_ladder")
	mark("eval_every = 0", c.EvalEvery == 0, "eval_trials", "stop_at", "stop_at_return")
	return unused
}

// Assemble returns a base config, such as a preset, with hyperparameters set over it by name as Config.Set reads them:
// those of each of the maps in turn, then those asked for. What has no effect then is set to its zero value, except
// that what was asked for must have an effect; the result is validated. An error of a name, a text or a missing effect
// is a *SettingError. A return that ends as the task says becomes trial or session.
func Assemble(base Config, asked map[string]string, sets ...map[string]string) (Config, error) {
	c := base.withUsual()
	for _, set := range append(sets, asked) {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			if err := c.Set(name, set[name]); err != nil {
				return c, &SettingError{err, false}
			}
		}
	}
	c.Return = c.returnOfTask()
	c, err := c.WithoutUnused(slices.Collect(maps.Keys(asked))...)
	if err != nil {
		return c, err
	}
	return c, c.Validate()
}

// returnOfTask returns what ends a return, trial or session where the task says it. A task that cannot be made, which
// Validate refuses, says trial.
func (c Config) returnOfTask() Return {
	if c.Return != ReturnTask {
		return c.Return
	}
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		return ReturnTrial
	}
	return c.Return.of(env.Spec())
}

// of returns what ends a return in a task: where it says so, the session if what a trial teaches pays in the next ones.
func (r Return) of(task tasks.Spec) Return {
	switch {
	case r != ReturnTask:
		return r
	case task.SessionTrials > 0:
		return ReturnSession
	}
	return ReturnTrial
}

// SettingError is the error of a hyperparameter that cannot be set, or that was asked for and has no effect.
type SettingError struct {
	error
	Unused bool // it has no effect
}

// WithoutUnused returns the config with every unused hyperparameter at its zero value, because changing a preset makes
// some useless. A name asked for that is unused is a *SettingError.
func (c Config) WithoutUnused(asked ...string) (Config, error) {
	for round := true; round; {
		round = false
		unused := c.unused()
		for _, name := range slices.Sorted(maps.Keys(unused)) {
			if slices.Contains(asked, name) {
				return c, &SettingError{fmt.Errorf("%s has no effect with %s: leave it out", name, unused[name]), true}
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

// longestConfig bounds the text of a config, which may have long task options.
const longestConfig = 1 << 20

// DecodeConfig reads a JSON object over a base config. A field that does not exist, text after the object, or more
// than 1 MB is an error. Call Validate before use.
func DecodeConfig(r io.Reader, base Config) (Config, error) {
	c, err := strictjson.Decode(io.LimitReader(r, longestConfig), base)
	if err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	return c, nil
}
