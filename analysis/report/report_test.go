package report

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
	"engram/lab/record"
	"engram/tasks"
)

// trained trains a small run of a cell.
func trained(t *testing.T, sets map[string]string) *lab.Run {
	t.Helper()
	c, err := drqn.Assemble(drqntest.Small(t), sets)
	if err != nil {
		t.Fatal(err)
	}
	return labtest.Train(t, filepath.Join(t.TempDir(), "run"), c)
}

// TestPage analyses a run of each cell: the page has every section, and the numbers can be printed as JSON.
func TestPage(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]struct {
		sets     map[string]string
		sections []string
	}{
		"mpn": {nil, []string{"rank of M", "Readout of ground_truth from M", "If it were asked now",
			"bistable units", "wiped"}},
		"gru":      {map[string]string{"cell": "gru"}, []string{"the recurrent state", "unstable points"}},
		"rnn":      {map[string]string{"cell": "rnn"}, []string{"unstable points"}},
		"lstm":     {map[string]string{"cell": "lstm"}, []string{"Not computed: fixed points are searched for"}},
		"frozen":   {map[string]string{"cell": "frozen"}, []string{"Not computed"}},
		"two mpns": {map[string]string{"layers": "2"}, []string{"Not computed: exact fixed points are known"}},
		"bounded": {map[string]string{"memory_bound": "1"},
			[]string{"Not computed: exact fixed points are known of an MPN without memory_bound only"}},
		"gated": {map[string]string{"forget_gate": "row", "train_lambda": "false"}, []string{"bistable units"}},
		"session": {map[string]string{"episode": "session", "time_limit": "60", "window_end": "uniform",
			"start": "stored", "state_every": "5", "burn_in": "2"},
			[]string{"over the trials of a session", "from both"}},
		"variant": {map[string]string{"plasticity": "presynaptic", "eta_shape": "row", "lambda_shape": "full"},
			[]string{"bistable units"}},
	} {
		t.Run(cell, func(t *testing.T) {
			t.Parallel()
			r := trained(t, want.sets)
			policy, update, err := record.Policy(r, "last", nil)
			if err != nil {
				t.Fatal(err)
			}
			a, path, err := Write(t.Context(), r, policy, "", Options{Trials: 60, Seed: 1, Run: r.Dir, Update: update})
			if err != nil {
				t.Fatal(err)
			}
			page, err := os.ReadFile(path)
			if err != nil || path != filepath.Join(r.Dir, "analysis.html") {
				t.Fatal(path, err)
			}
			for _, text := range append(want.sections, "Variance", "Trajectories", "Decoding over time", "Lesions",
				"Fixed points", "Tuning", "Selectivity", "<svg") {
				if !bytes.Contains(page, []byte(text)) {
					t.Errorf("the page has no %q", text)
				}
			}
			if _, err := json.Marshal(a); err != nil {
				t.Error(err)
			}
			if a.Steps < 11 || len(a.Lesions) != 6 || len(a.Decoding.Accuracy) != a.Steps {
				t.Errorf("%d steps, %d lesions", a.Steps, len(a.Lesions))
			}
		})
	}
}

// Before the cue nothing tells the trials apart, and while a network sees it everything does.
func TestCueIsDecoded(t *testing.T) {
	t.Parallel()
	r := trained(t, map[string]string{"task_options": `{"timing":{"fixation":300}}`})
	policy, _, err := record.Policy(r, "last", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Analyse(t.Context(), policy, Options{Trials: 80, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	accuracy := a.Decoding.at()
	if accuracy[0] > 0.7 || accuracy[4] != 1 || a.StateDecoding.at()[4] != 1 || a.Condition != "ground_truth" {
		t.Errorf("%s is decoded with %v", a.Condition, accuracy)
	}
	byPeriod := map[string]float64{}
	for i, name := range a.Selectivity.Periods {
		byPeriod[name] = slices.Max(a.Selectivity.Share[i])
	}
	if byPeriod["fixation"] > 0.2 || byPeriod["stimulus"] < 0.99 || a.BothDecoding.at()[4] != 1 || a.Session != nil {
		t.Errorf("selectivity %v, decoded from both with %v, session %v", byPeriod, a.BothDecoding.at(), a.Session)
	}
	names := []string{}
	for _, p := range a.periods {
		names = append(names, p.name)
	}
	if !slices.Equal(names, []string{"fixation", "stimulus", "delay", "decision"}) || a.periods[1].start != 3 {
		t.Errorf("the periods are %+v", a.periods)
	}
	if a.H.Participation < 1 || a.H.Participation > 6 || a.Wipe.Points[0].Score != a.Wipe.Intact {
		t.Errorf("dimensions %v, a wipe at the beginning %+v", a.H.Participation, a.Wipe.Points[0])
	}
}

// What cannot be analysed is one error with a remedy.
func TestRefused(t *testing.T) {
	t.Parallel()
	r := trained(t, nil)
	policy, _, err := record.Policy(r, "last", nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		`unknown condition "colour" of GoNogo: use one of durations.0`: {Trials: 40, Condition: "colour"},
		"condition durations.1 is the same in all 40 trials":           {Trials: 40, Condition: "durations.1"},
		"condition ground_truth is 0 in 5 of the 12 trials that are compared, and 10 are needed: use more trials": {
			Trials: 12},
		"invalid trials 0": {Trials: 0},
		"no condition of GoNogo varies over these 1 trials": {Trials: 1},
	} {
		if _, err := Analyse(t.Context(), policy, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A condition that task options make constant, that is too rare, or has a value for each trial: named, it is one error
// with a remedy; not named, it is left out, the page says why, and another condition is decoded.
func TestConditionsThatTellLittle(t *testing.T) {
	t.Parallel()
	r := trained(t, map[string]string{"task": "PerceptualDecisionMaking"})
	analyse := func(options string, o Options) (*Analysis, error) {
		policy, _, err := record.Policy(r, "last", json.RawMessage(options))
		if err != nil {
			t.Fatal(err)
		}
		o.Seed = 1
		return Analyse(t.Context(), policy, o)
	}
	const constant, many = `{"cohs":[51.2]}`, `{"cohs":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}`
	for _, bad := range []struct{ options, want string }{
		{constant, "condition coh is the same in all 40 trials: use another condition or other task options"},
		{many, "trials that are compared, and 10 are needed: use more trials, or a condition of fewer values"},
	} {
		if _, err := analyse(bad.options, Options{Trials: 40, Condition: "coh"}); err == nil ||
			!strings.Contains(err.Error(), bad.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", bad.options, err, bad.want)
		}
		a, err := analyse(bad.options, Options{Trials: 40})
		if err != nil {
			t.Fatal(err)
		}
		page := new(bytes.Buffer)
		if _, err := a.Page().WriteTo(page); err != nil {
			t.Fatal(err)
		}
		if _, decoded := a.Others["coh"]; decoded || !strings.Contains(a.LeftOut["coh"], bad.want) ||
			!strings.Contains(page.String(), "Not decoded: "+a.LeftOut["coh"]) {
			t.Errorf("%s: left out %q, decoded %v", bad.options, a.LeftOut, decoded)
		}
	}
}

// The exact fixed points are where the policy's own cell, in single precision, comes to rest, for
// each shape of eta and lambda, each kind of write and with a gate.
func TestPlasticIsTheCell(t *testing.T) {
	t.Parallel()
	for name, sets := range map[string]map[string]string{
		"plain": nil, "row": {"eta_shape": "row", "lambda_shape": "row"}, "column": {"eta_shape": "column",
			"lambda_shape": "column"}, "full": {"eta_shape": "full", "lambda_shape": "full"},
		"presynaptic": {"plasticity": "presynaptic"}, "postsynaptic": {"plasticity": "postsynaptic"},
		"additive": {"form": "additive"}, "gate": {"forget_gate": "scalar", "train_lambda": "false"},
		"gates":    {"forget_gate": "row", "train_lambda": "false"},
		"identity": {"input": "identity"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := drqn.Assemble(drqntest.Small(t), sets)
			if err != nil {
				t.Fatal(err)
			}
			p := policyOf(t, c)
			observation := []float64{1, 0.5, -1}
			plastic, x, err := Plastic(p, observation)
			if err != nil {
				t.Fatal(err)
			}
			rest, err := plastic.FixedPoints(x)
			if err != nil {
				t.Fatal(err)
			}
			state, h := make([]float32, 6*len(x)), []float32(nil)
			rng := rand.New(rand.NewPCG(1, 1))
			for i := range state {
				state[i] = float32(rng.NormFloat64())
			}
			observed := []float32{1, 0.5, -1}
			for range 3000 {
				h = p.Advance(observed, state)
			}
			for i, roots := range rest.Units {
				nearest := math.Inf(1)
				for _, root := range roots {
					if root.Stable() {
						nearest = min(nearest, math.Abs(root.H-float64(h[i])))
					}
				}
				if nearest > 1e-4 {
					t.Errorf("%s: unit %d rests at %v, predicted %v", name, i, h[i], roots)
				}
			}
		})
	}
}

// policyOf returns the policy of a config with random weights and a lambda that differs by synapse.
func policyOf(t *testing.T, c drqn.Config) *drqn.Policy {
	t.Helper()
	env, err := tasks.New(c.Task, c.TaskOptions)
	if err != nil {
		t.Fatal(err)
	}
	net, err := drqn.NewNetwork(c, env.Spec())
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 4))
	weights := net.Init(rng)
	values := net.Values(weights)
	for i := range values["lambda"] {
		values["lambda"][i] = 0.7 + 0.2*rng.Float32()
	}
	for i := range values["eta"] {
		values["eta"][i] = 0.1 + 0.2*rng.Float32()
	}
	p, err := drqn.NewPolicy(c, weights)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A recording of a session has the sizes by the number of the trial since the state was zero.
func TestSession(t *testing.T) {
	t.Parallel()
	r := &record.Recording{About: record.About{Trials: 4, Steps: 4}, Offsets: []int{0, 1, 2, 3, 4},
		Fresh: []bool{true, false, true, false}, H: []float32{1, 2, 3, 4}, State: []float32{1, 1, 2, 2, 3, 3, 6, 6},
		StateStep: []int{0, 1, 2, 3}}
	want := &Session{H: []float64{2, 3}, State: []float64{2, 4}, Count: []int{2, 2}}
	if got := sessionOf(r); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	r.Fresh = []bool{true, true, true, true}
	if got := sessionOf(r); got != nil {
		t.Errorf("without a session: %+v", got)
	}
}
