package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"engram/drqn"
	"engram/internal/backend"
	"engram/plots"
	"engram/replay"
	"engram/tasks"
)

// benchShape is what is measured.
type benchShape struct {
	Hidden     int `json:"hidden"`
	Window     int `json:"window"`
	Batch      int `json:"batch"`
	Input      int `json:"input"`
	Population int `json:"population"`
}

// benchmark is one measurement: the median and the 90th percentile of many calls.
type benchmark struct {
	Name    string `json:"name"`
	Backend string `json:"backend"` // "-" where none computes
	benchShape
	MedianMicros float64 `json:"median_us"`
	P90Micros    float64 `json:"p90_us"`
	Allocs       float64 `json:"allocs"` // per call
	Calls        int     `json:"calls"`
}

// benchReport is what bench prints.
type benchReport struct {
	Machine    string      `json:"machine"`
	Benchmarks []benchmark `json:"benchmarks"`
}

func newBench() *cobra.Command {
	var asJSON bool
	var request string
	var calls int
	shape := benchShape{}
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure a train step, its compilation, acting, sampling and pushing",
		Long: `Measure, on this machine: train_step (both networks unrolled over the window, loss, gradient, clip, Adam, target),
compile (the first train step, with compilation), act (one step of one agent in plain Go), sample (a batch of windows) and push (one
transition). The input is the cell's, without a projection; the actions are 3.`,
		Example: "  engram bench --json\n  engram bench --hidden 128 --window 50 --backend go",
		Args:    arguments(),
		RunE: func(c *cobra.Command, _ []string) error {
			report, err := measureAll(shape, request, calls)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), report)
			}
			return report.print(c.OutOrStdout())
		},
	}
	c.Flags().IntVar(&shape.Hidden, "hidden", 64, "hidden units H")
	c.Flags().IntVar(&shape.Window, "window", 10, "transitions of a window, L")
	c.Flags().IntVar(&shape.Batch, "batch", 32, "windows of a batch, B")
	c.Flags().IntVar(&shape.Input, "input", 20, "cell input I")
	c.Flags().IntVar(&shape.Population, "population", 1, "agents in one program, K")
	c.Flags().IntVar(&calls, "calls", 300, "train steps to measure")
	addBackendFlag(c, &request)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// bench holds what the measurements share.
type bench struct {
	shape   benchShape
	net     *drqn.Network
	ring    *replay.Ring
	windows *replay.Windows
	batch   *replay.Batch
	rng     *rand.Rand
}

const benchActions = 3

func measureAll(shape benchShape, request string, calls int) (benchReport, error) {
	if calls < 1 || shape.Population < 1 {
		return benchReport{}, fmt.Errorf("%d calls of a population of %d are impossible: choose 1 or more", calls, shape.Population)
	}
	b, choice, err := backend.Open(request)
	if err != nil {
		return benchReport{}, err
	}
	s, err := newBenchSetup(shape)
	if err != nil {
		return benchReport{}, err
	}
	initial := make([]float32, 0, shape.Population*s.net.Size())
	hyper := make([]drqn.Hyper, shape.Population)
	for k := range hyper {
		hyper[k] = drqn.Hyper{LearningRate: 1e-3, Gamma: 0.9, LambdaMax: 0.99, ClipNorm: 10, TargetEvery: 500, TargetMix: 1}
		initial = append(initial, s.net.Init(s.rng)...)
	}
	learner, err := drqn.NewLearner(b, s.net, hyper, drqn.Rule{NStep: 1}, initial)
	if err != nil {
		return benchReport{}, err
	}
	update := func() error {
		_, err := learner.Update(s.batch)
		return err
	}
	report := benchReport{Machine: machine()}
	agent := drqn.NewAgent(s.net, learner.Weights(0))
	state, observation := agent.NewState(), make([]float32, shape.Input)
	transition := replay.Transition{Observation: observation, NextObservation: observation}
	for _, m := range []struct {
		name, backend      string
		warm, calls, times int
		do                 func() error
	}{
		{"compile", choice.Name, 0, 1, 1, update},
		{"train_step", choice.Name, 20, calls, 1, update},
		{"act", "-", 10, 500, 100, func() error { agent.Q(observation, state); return nil }},
		{"sample", "-", 10, 500, 10, func() error { return s.windows.Sample(s.batch, s.rng) }},
		{"push", "-", 10, 500, 1000, func() error { return s.ring.Push(transition) }},
	} {
		result := benchmark{Name: m.name, Backend: m.backend, benchShape: shape, Calls: m.calls * m.times}
		if err := result.measure(m.warm, m.calls, m.times, m.do); err != nil {
			return benchReport{}, err
		}
		report.Benchmarks = append(report.Benchmarks, result)
	}
	return report, nil
}

// newBenchSetup is a network without projection and a full ring of random transitions.
func newBenchSetup(shape benchShape) (*bench, error) {
	config, err := drqn.Preset("default")
	if err != nil {
		return nil, err
	}
	config.Hidden, config.Input = shape.Hidden, drqn.InputIdentity
	spec := tasks.Spec{Observations: make([]string, shape.Input), Actions: make([]string, benchActions)}
	s := &bench{shape: shape, rng: rand.New(rand.NewPCG(1, 1))}
	if s.net, err = drqn.NewNetwork(config, spec); err != nil {
		return nil, err
	}
	if s.ring, err = replay.NewRing(replay.Options{Capacity: replay.DefaultCapacity, Lanes: 8, ObservationSize: shape.Input}); err != nil {
		return nil, err
	}
	observation := make([]float32, shape.Input)
	for c := range replay.DefaultCapacity {
		for i := range observation {
			observation[i] = float32(s.rng.NormFloat64())
		}
		err := s.ring.Push(replay.Transition{Observation: observation, Action: int32(s.rng.IntN(benchActions)), Reward: s.rng.Float32(),
			Terminated: c/8%(2*shape.Window) == 2*shape.Window-1, NextObservation: observation})
		if err != nil {
			return nil, err
		}
	}
	if s.windows, err = s.ring.Windows(replay.Window{Length: shape.Window, End: replay.EndUniform, Start: replay.StartZero}); err != nil {
		return nil, err
	}
	if s.batch, err = s.windows.NewBatch(shape.Batch * shape.Population); err != nil {
		return nil, err
	}
	return s, s.windows.Sample(s.batch, s.rng)
}

// measure times calls of `times` repetitions each, after some to warm up.
func (r *benchmark) measure(warm, calls, times int, do func() error) error {
	for range warm {
		if err := do(); err != nil {
			return err
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	micros := make([]float64, calls)
	for i := range micros {
		began := time.Now()
		for range times {
			if err := do(); err != nil {
				return err
			}
		}
		micros[i] = float64(time.Since(began).Nanoseconds()) / 1000 / float64(times)
	}
	runtime.ReadMemStats(&after)
	r.Allocs = float64((after.Mallocs - before.Mallocs) / uint64(calls*times)) // whole allocations per call
	slices.Sort(micros)
	r.MedianMicros, r.P90Micros = micros[calls/2], micros[calls*9/10]
	return nil
}

// machine is the processor and its number of cores.
func machine() string {
	name := runtime.GOOS + "/" + runtime.GOARCH
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for _, line := range strings.Split(string(data), "\n") {
			if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", name, runtime.NumCPU(), runtime.Version())
}

func (r benchReport) print(w io.Writer) error {
	t := &plots.Table{Header: []string{"benchmark", "backend", "H", "L", "B", "I", "K", "median (us)", "p90 (us)", "allocations"}}
	for _, b := range r.Benchmarks {
		t.Rows = append(t.Rows, []string{b.Name, b.Backend, fmt.Sprint(b.Hidden), fmt.Sprint(b.Window), fmt.Sprint(b.Batch), fmt.Sprint(b.Input),
			fmt.Sprint(b.Population), fmt.Sprintf("%.2f", b.MedianMicros), fmt.Sprintf("%.2f", b.P90Micros), fmt.Sprintf("%.0f", b.Allocs)})
	}
	fmt.Fprintln(w, r.Machine)
	return printTable(w, t)
}
