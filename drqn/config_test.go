package drqn

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"engram/mpn"
	"engram/tasks"
)

func preset(t testing.TB, name string) Config {
	t.Helper()
	c, err := Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	c.Task = "GoNogo"
	return c
}

// planOf resolves a config.
func planOf(t testing.TB, c Config) *plan {
	t.Helper()
	p, err := c.resolve()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPresetsAreValid(t *testing.T) {
	for _, name := range PresetNames() {
		if err := preset(t, name).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Preset("fast"); err == nil || !strings.Contains(err.Error(), "default, session, general, classic") {
		t.Errorf("an unknown preset: error %v", err)
	}
}

// TestEveryFieldIsDescribed checks that flags, help and reports are made of the fields' tags.
func TestEveryFieldIsDescribed(t *testing.T) {
	fields := Fields()
	if len(fields) != reflect.TypeFor[Config]().NumField() {
		t.Fatalf("%d fields described, Config has %d", len(fields), reflect.TypeFor[Config]().NumField())
	}
	for _, f := range fields {
		if f.Name == "" || f.Help == "" || f.Source == "" || f.Kind == "" {
			t.Errorf("%+v lacks a tag", f)
		}
	}
}

func TestSetReadsWhatTextWrites(t *testing.T) {
	c := preset(t, "session")
	c.TaskOptions = json.RawMessage(`{"dt":50}`)
	var copied Config
	for _, f := range Fields() {
		if text := c.Text(f.Name); text != "" {
			if err := copied.Set(f.Name, text); err != nil {
				t.Error(err)
			}
		}
	}
	if !reflect.DeepEqual(c, copied) {
		t.Errorf("%+v was copied as %+v", c, copied)
	}
	for name, text := range map[string]string{"hidden": "many", "gamma": "x", "seed": "-1", "train_eta": "maybe",
		"task_options": "{", "speed": "1"} {
		t.Run(name, func(t *testing.T) {
			if err := copied.Set(name, text); err == nil || strings.Contains(err.Error(), "strconv") {
				t.Errorf("%s = %q: error %v", name, text, err)
			}
		})
	}
}

// A file shows a task's options on lines of their own: they are still the same options.
func TestNoDifferencesFromItsOwnFile(t *testing.T) {
	c := preset(t, "default")
	if err := c.Set("task_options", `{"timing": {"delay": {"uniform":[500, 2000]}}}`); err != nil {
		t.Fatal(err)
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var read Config
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if different := c.Differences(read); different != "" {
		t.Error(different)
	}
	read.TaskOptions = nil
	if c.Differences(read) == "" {
		t.Error("a config without the options does not differ")
	}
}

func TestDecodeConfig(t *testing.T) {
	want := preset(t, "classic")
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeConfig(strings.NewReader(string(data)), Config{})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, text := range []string{`{"hiden": 3}`, `{"hidden": "three"}`, `{"hidden": 3} x`, `{`, ``, `[]`} {
		if _, err := DecodeConfig(strings.NewReader(text), want); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// asGRU returns the config with another cell, without what that does not use.
func asGRU(c Config) Config {
	c.Cell = "gru"
	c, err := c.WithoutUnused()
	if err != nil {
		panic(err)
	}
	return c
}

// TestCellOfConfig checks that the default options are the MPN, which is fast; any other is a variant; every cell has
// layers.
func TestCellOfConfig(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"mpn.MPN":         func(*Config) {},
		"mpn.Variant":     func(c *Config) { c.Plasticity = "presynaptic" },
		"mpn.Variant ":    func(c *Config) { c.Form = "additive" },
		"mpn.Variant  ":   func(c *Config) { c.EtaShape = "row" },
		"mpn.Variant   ":  func(c *Config) { c.LambdaShape = "full" },
		"mpn.Variant    ": func(c *Config) { c.MemoryBound = 1 },
		"mpn.GRU":         func(c *Config) { *c = asGRU(*c) },
		"mpn.Layers":      func(c *Config) { *c = asGRU(*c); c.Layers = 2 },
		"mpn.Layers ":     func(c *Config) { c.Layers = 2 },
	} {
		c := preset(t, "default")
		change(&c)
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		cell, err := c.cell(10)
		if got := fmt.Sprintf("%T", cell); err != nil || got != strings.TrimSpace(want) {
			t.Errorf("%s: %s, %v", want, got, err)
		}
	}
}

// TestImpossible changes one field of a good config: the error must name it.
func TestImpossible(t *testing.T) {
	nan := math.NaN()
	for field, change := range map[string]func(*Config){
		"task":         func(c *Config) { c.Task = "GoNoGo" },
		"task ":        func(c *Config) { c.Task = "" },
		"task_options": func(c *Config) { c.TaskOptions = json.RawMessage(`{"rewards":{"correct":0}}`) },
		"time_limit":   func(c *Config) { c.TimeLimit = -1 },
		"cell":         func(c *Config) { c.Cell = "brain" },
		"hidden":       func(c *Config) { c.Hidden = 0 },
		"layers":       func(c *Config) { c.Layers = 3 },
		"layers ":      func(c *Config) { c.Layers = 0 },
		"plasticity":   func(c *Config) { c.Plasticity = "oja" },
		// not used with cell = gru
		"plasticity ":    func(c *Config) { *c = asGRU(*c); c.Plasticity = "hebbian" },
		"form":           func(c *Config) { c.Form = "" },
		"form ":          func(c *Config) { *c = asGRU(*c); c.Form = "additive" },
		"eta_shape":      func(c *Config) { c.EtaShape = "vector" },
		"eta_shape ":     func(c *Config) { *c = asGRU(*c); c.EtaShape = "row" },
		"lambda_shape":   func(c *Config) { c.LambdaShape = "" },
		"lambda_shape ":  func(c *Config) { *c = asGRU(*c); c.LambdaShape = "scalar" },
		"memory_bound":   func(c *Config) { c.MemoryBound = -1 },
		"memory_bound  ": func(c *Config) { c.MemoryBound = nan },
		"memory_bound ":  func(c *Config) { *c = asGRU(*c); c.MemoryBound = 1 },
		"input":          func(c *Config) { c.Input = "raw" },
		"input_size":     func(c *Config) { c.InputSize = 0 },
		"eta":            func(c *Config) { c.Eta = nan },
		"lambda":         func(c *Config) { c.Lambda = 0.995 },
		"lambda_max":     func(c *Config) { c.LambdaMax = 1.5 },
		"forget_gate":    func(c *Config) { c.ForgetGate = "column" },
		// not used with cell = gru
		"forget_gate ":         func(c *Config) { *c = asGRU(*c); c.ForgetGate = ForgetRow },
		"forget_gate  ":        func(c *Config) { *c = asFrozen(*c); c.ForgetGate = ForgetRow }, // which keeps M = 0
		"forget_bias":          func(c *Config) { *c = asGated(*c); c.ForgetBias = nan },
		"forget_bias ":         func(c *Config) { *c = asGated(*c); c.ForgetBias = math.Inf(-1) },
		"forget_bias  ":        func(c *Config) { *c = asGated(*c); c.ForgetBias = 1e39 }, // not in float32
		"forget_bias   ":       func(c *Config) { c.ForgetBias = 2 },                      // not used without a gate
		"forget_scale":         func(c *Config) { *c = asGated(*c); c.ForgetScale = nan },
		"forget_scale ":        func(c *Config) { *c = asGated(*c); c.ForgetScale = -1 },
		"forget_scale  ":       func(c *Config) { c.ForgetScale = 2 },
		"forget_gain":          func(c *Config) { *c = asGated(*c); c.ForgetGain = 0 },
		"forget_gain ":         func(c *Config) { *c = asGated(*c); c.ForgetGain = -5 },
		"forget_gain  ":        func(c *Config) { *c = asGated(*c); c.ForgetGain = math.Inf(1) },
		"forget_gain   ":       func(c *Config) { *c = asGated(*c); c.ForgetGain = nan },
		"forget_gain    ":      func(c *Config) { *c = asGated(*c); c.ForgetGain, c.ForgetScale = 1e-30, 1e10 },
		"forget_gain     ":     func(c *Config) { c.ForgetGain = 5 },
		"train_lambda":         func(c *Config) { *c = asGated(*c); c.TrainLambda = true },
		"return":               func(c *Config) { c.Episode, c.Return = EpisodeSession, "hour" },
		"return ":              func(c *Config) { c.Return = ReturnTrial }, // not used with episode = trial
		"episode":              func(c *Config) { c.Episode = "day" },
		"window_end":           func(c *Config) { c.WindowEnd = "start" },
		"priority_exponent":    func(c *Config) { c.WindowEnd = "prioritized" },
		"priority_exponent ":   func(c *Config) { c.PriorityExponent = 0.6 }, // not used with window_end = episode
		"importance_exponent":  func(c *Config) { c.ImportanceExponent = nan },
		"window":               func(c *Config) { c.Window = -1 },
		"burn_in":              func(c *Config) { c.BurnIn = -1 },
		"truncate_bptt":        func(c *Config) { c.TruncateBPTT = true }, // not used without a burn-in
		"start":                func(c *Config) { c.Start = "random" },
		"state_every":          func(c *Config) { c.Start = "stored" },
		"state_every ":         func(c *Config) { c.StateEvery = 5 }, // not used with start = zero
		"capacity":             func(c *Config) { c.Capacity = 100 }, // 8 environments, windows of 15
		"capacity ":            func(c *Config) { c.Capacity, c.BurnIn = 8*19, 5 },
		"batch":                func(c *Config) { c.Batch = 0 },
		"learning_rate":        func(c *Config) { c.LearningRate = nan },
		"learning_rate_decay":  func(c *Config) { c.LearningRateDecay = 1.1 },
		"n_step":               func(c *Config) { c.NStep = 0 },
		"greedy_traces":        func(c *Config) { c.NStep, c.GreedyTraces = 1, true }, // not used with n_step = 1
		"readout":              func(c *Config) { c.Readout = -1 },
		"flaw":                 func(c *Config) { c.Flaw = "typo" },
		"l1":                   func(c *Config) { c.L1 = -1 },
		"target_mix":           func(c *Config) { c.TargetMix = 0 },
		"exploration_ladder":   func(c *Config) { c.ExplorationLadder = nan },
		"exploration_ladder ":  func(c *Config) { c.Environments, c.ExplorationLadder = 1, 7 },
		"gamma":                func(c *Config) { c.Gamma = 1.01 },
		"clip_norm":            func(c *Config) { c.ClipNorm = 0 },
		"target_every":         func(c *Config) { c.TargetEvery = 0 },
		"updates":              func(c *Config) { c.Updates = 0 },
		"update_every":         func(c *Config) { c.UpdateEvery = 0 },
		"learn_after":          func(c *Config) { c.LearnAfter = -1 },
		"learn_after ":         func(c *Config) { c.LearnAfter = 1 << 27 },
		"update_every ":        func(c *Config) { c.UpdateEvery = 1 << 27 },
		"environments":         func(c *Config) { c.Environments = 0 },
		"acting_lag":           func(c *Config) { c.ActingLag = 2 },
		"exploration_start":    func(c *Config) { c.ExplorationStart = 2 },
		"exploration_end":      func(c *Config) { c.ExplorationEnd = -0.1 },
		"exploration_fraction": func(c *Config) { c.ExplorationFraction = nan },
		"eval_every":           func(c *Config) { c.EvalEvery = -1 },
		"eval_trials":          func(c *Config) { c.EvalTrials = 0 },
		"stop_at":              func(c *Config) { c.StopAt = nan },
		"metrics_every":        func(c *Config) { c.MetricsEvery = 0 },
		"checkpoint_every":     func(c *Config) { c.CheckpointEvery = 0 },
	} {
		t.Run(field, func(t *testing.T) {
			c := preset(t, "default")
			change(&c)
			name := strings.TrimSpace(field)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: error %v", field, err)
			}
		})
	}
}

// asGated returns a config with a row gate.
func asGated(c Config) Config {
	c = c.withUsual()
	c.ForgetGate, c.TrainLambda, c.LambdaMax = ForgetRow, false, 0
	return c
}

// asPlain returns a config whose M has no gate, but a lambda that is trained.
func asPlain(c Config) Config {
	c.ForgetGate, c.ForgetBias, c.ForgetScale, c.ForgetGain = ForgetNone, 0, 0, 0
	c.TrainLambda, c.LambdaMax = true, 0.99
	return c
}

// asFrozen returns a config of the frozen cell.
func asFrozen(c Config) Config {
	c = asGRU(c)
	c.Cell = "frozen"
	return c
}

// Without the session's gate lambda may be trained, and a gate of the default preset is
// that of the session.
func TestWhatIsChosenHasUsualValues(t *testing.T) {
	session := preset(t, "session")
	session.Task = "GoNogo"
	c, err := Assemble(session, map[string]string{"forget_gate": "none", "train_lambda": "true"})
	if err != nil || c.LambdaMax != 0.99 || c.ForgetGain != 0 {
		t.Errorf("%+v, %v", c, err)
	}
	plain := preset(t, "default")
	plain.Task = "GoNogo"
	c, err = Assemble(plain, map[string]string{"forget_gate": "row", "train_lambda": "false"})
	if err != nil || c.LambdaMax != 0 || c.gate() != session.gate() {
		t.Errorf("%+v, %v", c, err)
	}
}

// A gate is for both presets that learn, for every other option of the cell and for two layers; the
// network has R (I + 1) parameters more. A file of an earlier version has none.
func TestGatedIsValid(t *testing.T) {
	for _, name := range []string{"default", "session"} {
		plain := asPlain(preset(t, name))
		for gate, rows := range map[ForgetGate]int{ForgetScalar: 1, ForgetRow: plain.Hidden} {
			c := asGated(plain)
			c.ForgetGate = gate
			if err := c.Validate(); err != nil {
				t.Errorf("%s %s: %v", name, gate, err)
			}
			before, _ := plain.Trainable()
			after, err := c.Trainable()
			if err != nil || after != before-1+rows*(c.InputSize+1) { // lambda is fixed
				t.Errorf("%s %s: %d parameters, %d without, %v", name, gate, after, before, err)
			}
			c.Layers, c.MemoryBound, c.LambdaShape, c.Form = 2, 1, mpn.ShapeFull, mpn.FormAdditive
			if err := c.Validate(); err != nil {
				t.Errorf("%s %s with other options: %v", name, gate, err)
			}
		}
	}
	if e := Earlier(); e.ForgetGate != ForgetNone || e.Return != "" || e.ForgetGain != 0 {
		t.Errorf("files of earlier versions have %+v", e)
	}
}

// TestSmallestCapacity checks that a window with burn-in must fit into each environment's part of the ring, and no
// more.
func TestSmallestCapacity(t *testing.T) {
	c := preset(t, "default")
	c.Capacity, c.BurnIn = 8*20, 5
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestWithoutUnused(t *testing.T) {
	c := preset(t, "default")
	c.Cell = "frozen"
	if err := c.Validate(); err == nil {
		t.Error("a plasticity rate without plasticity was taken")
	}
	clean, err := c.WithoutUnused("cell")
	if err != nil || clean.Validate() != nil || clean.Eta != 0 || clean.Hidden != c.Hidden {
		t.Errorf("%+v, %v", clean, err)
	}
	if _, err := c.WithoutUnused("cell", "eta"); err == nil || !strings.Contains(err.Error(), "eta") {
		t.Errorf("eta was asked for and has no effect: error %v", err)
	}
}

// TestAssemble checks that later maps win, the settings asked for over all, and that a setting without effect is
// dropped unless it was asked for.
func TestAssemble(t *testing.T) {
	base := preset(t, "default")
	type set = map[string]string
	for name, c := range map[string]struct {
		asked  set
		sets   []set
		err    string
		unused bool
	}{
		"over each other": {set{"hidden": "9"}, []set{{"hidden": "7", "batch": "2"}, {"batch": "3", "cell": "gru"}}, "",
			false},
		"no such name":   {nil, []set{{"speed": "1"}}, `"speed" does not exist`, false},
		"not a number":   {set{"hidden": "many"}, nil, "whole number", false},
		"without effect": {set{"eta": "0.5"}, []set{{"cell": "gru"}}, "eta has no effect with cell = gru", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Assemble(base, c.asked, c.sets...)
			if c.err == "" {
				if err != nil || got.Hidden != 9 || got.Batch != 3 || got.Cell != "gru" || got.Eta != 0 {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			var setting *SettingError
			if !errors.As(err, &setting) || setting.Unused != c.unused || !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want one with %q", err, c.err)
			}
		})
	}
	if _, err := Assemble(base, set{"gamma": "2"}); err == nil || errors.As(err, new(*SettingError)) {
		t.Errorf("gamma 2: error %v, want one of Validate", err)
	}
}

// TestUnusedReason checks that the reason why what was asked for has no effect is always the same, and the true one:
// not that of a setting which has no effect either.
func TestUnusedReason(t *testing.T) {
	t.Parallel()
	base := preset(t, "default")
	for range 20 {
		_, err := Assemble(base, map[string]string{"cell": "rnn", "forget_gate": "scalar", "forget_gain": "5"})
		if err == nil || err.Error() != "forget_gain has no effect with cell = rnn: leave it out" {
			t.Fatalf("%v", err)
		}
		_, err = Assemble(base, map[string]string{"cell": "rnn", "lambda_max": "0.5"})
		if err == nil || err.Error() != "lambda_max has no effect with cell = rnn: leave it out" {
			t.Fatalf("%v", err)
		}
		c := base
		c.Cell = "rnn"
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), "eta ") {
			t.Fatalf("%v", err)
		}
	}
}

// A number that a type cannot hold is too large, and not no number.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"seed": "18446744073709551616", "hidden": "9223372036854775808",
		"gamma": "1e999"} {
		err := new(Config).Set(name, text)
		if err == nil || !strings.Contains(err.Error(), text+`" is too large: use a `) {
			t.Errorf("%s = %s: %v", name, text, err)
		}
	}
}

// TestPerMember checks that the doc of NewTrainer names the hyperparameters in which members may differ, all and no
// other.
func TestPerMember(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "trainer.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	doc := ""
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "NewTrainer" {
			doc = f.Doc.Text()
		}
	}
	var named []string
	between := func(r rune) bool { return r != '_' && r != '1' && !unicode.IsLetter(r) }
	for _, word := range strings.FieldsFunc(doc, between) {
		if new(Config).Text(word) != "" {
			named = append(named, word)
		}
	}
	slices.Sort(named)
	if want := slices.Sorted(slices.Values(perMember)); !slices.Equal(named, want) {
		t.Errorf("the doc names %v, members may differ in %v", named, want)
	}
	for _, f := range Fields() {
		a, b := preset(t, "default"), preset(t, "default")
		v, err := b.value(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if v.IsZero() {
			v.Set(reflect.ValueOf(map[string]any{"string": "x", "int": 1, "uint": uint64(1), "float": 0.5,
				"bool": true, "json": json.RawMessage("{}")}[f.Kind]).Convert(v.Type()))
		} else {
			v.SetZero()
		}
		if got := differing(a, b); got != "" && got != f.Name || (got == "") != slices.Contains(perMember, f.Name) {
			t.Errorf("members that differ in %s: %q is refused", f.Name, got)
		}
	}
}

// TestEpsilon checks a schedule from 1 to 0.05 over 30 % of 10,000 updates.
func TestEpsilon(t *testing.T) {
	c := preset(t, "classic")
	c.ExplorationEnd = 0.05
	for update, want := range map[int64]float64{0: 1, 1500: 0.525, 3000: 0.05, 9999: 0.05} {
		if got := c.Epsilon(update); math.Abs(got-want) > 1e-12 {
			t.Errorf("epsilon at %d = %v, want %v", update, got, want)
		}
	}
	c.ExplorationFraction = 0
	if got := c.Epsilon(0); got != 0.05 {
		t.Errorf("epsilon without a fall = %v, want 0.05", got)
	}
}

// On a ladder over 8 environments with exponent 7, environment i explores with epsilon^(1+i).
func TestEpsilonLadder(t *testing.T) {
	c := preset(t, "default")
	c.ExplorationLadder, c.ExplorationStart, c.ExplorationEnd = 7, 0.4, 0.4
	for i, want := range []float64{0.4, 0.16, 0.064, 0.0256} {
		if got := c.EpsilonOf(i, 0); math.Abs(got-want) > 1e-12 {
			t.Errorf("epsilon of environment %d = %v, want %v", i, got, want)
		}
	}
}

func TestLearningRateAt(t *testing.T) {
	h := Hyper{LearningRate: 0.1, Updates: 100}
	if got := h.LearningRateAt(77); got != 0.1 {
		t.Errorf("without decay: %v, want 0.1", got)
	}
	h.LearningRateDecay = 0.9
	// cos(0) = 1, cos(pi/2) = 0, cos(pi) = -1
	for update, want := range map[int64]float64{0: 0.1, 50: 0.055, 100: 0.01, 200: 0.01} {
		if got := h.LearningRateAt(update); math.Abs(got-want) > 1e-15 {
			t.Errorf("learning rate of update %d = %v, want %v", update, got, want)
		}
	}
}

// bounded is GoNogo with a ceiling that is only an upper bound of what can be earned.
type bounded struct{ *tasks.GoNogo }

func (b bounded) Spec() tasks.Spec {
	spec := b.GoNogo.Spec()
	spec.Name, spec.CeilingBound = "Bounded", true
	return spec
}

// TestStopAtNeedsACeiling checks that no share of an upper bound ends a run.
func TestStopAtNeedsACeiling(t *testing.T) {
	tasks.Register(func() tasks.Task { return bounded{tasks.NewGoNogo()} })
	c, err := Preset("default")
	if err != nil {
		t.Fatal(err)
	}
	c.Task = "Bounded"
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	c.StopAt = 0.95
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "stop_at 0.95") ||
		!strings.Contains(err.Error(), "upper bound") {
		t.Errorf("error %v", err)
	}
}
