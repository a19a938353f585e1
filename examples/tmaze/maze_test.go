package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/drqn"
	"engram/gobackend"
	"engram/lab"
	"engram/lab/report"
	"engram/tasks"
)

func TestMain(m *testing.M) {
	if err := tasks.RegisterEnvironment("TMaze", func() tasks.Env { return NewTMaze() }); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// play resets a maze and takes actions; it returns what was observed and earned.
func play(t *testing.T, seed uint64, actions ...int) (seen [][]float32, rewards []float32, ended bool) {
	t.Helper()
	env, err := tasks.New("TMaze", json.RawMessage(`{"length":2}`))
	if err != nil {
		t.Fatal(err)
	}
	first, err := env.Reset(seed)
	if err != nil {
		t.Fatal(err)
	}
	seen = append(seen, append([]float32(nil), first...))
	for _, a := range actions {
		s, err := env.Step(a)
		if err != nil {
			t.Fatal(err)
		}
		seen, rewards = append(seen, append([]float32(nil), s.Observation...)), append(rewards, s.Reward)
		ended = s.Terminated
	}
	return seen, rewards, ended
}

// TestMaze walks the maze: the sign is seen at the beginning alone, walls cost, and the turn to the sign's side pays.
func TestMaze(t *testing.T) {
	t.Parallel()
	sides := map[int]bool{}
	for seed := range uint64(8) {
		seen, _, _ := play(t, seed)
		turn := left
		if seen[0][1] == 1 {
			turn = right
		}
		sides[turn] = true
		seen, rewards, ended := play(t, seed, left, forward, forward, forward, turn)
		if rewards[0] != -0.1 || rewards[3] != -0.1 || rewards[4] != 1 || !ended || seen[2][2] != 1 ||
			seen[3][3] != 1 ||
			seen[2][0]+seen[2][1] != 0 {
			t.Errorf("seed %d: seen %v, paid %v, ended %v", seed, seen, rewards, ended)
		}
		if _, rewards, ended := play(t, seed, forward, forward, left+right-turn); rewards[2] != 0 || !ended {
			t.Errorf("seed %d: a wrong turn paid %v, ended %v", seed, rewards, ended)
		}
	}
	if len(sides) != 2 {
		t.Error("the reward is always on the same side")
	}
	if _, err := tasks.New("TMaze", json.RawMessage(`{"length":0}`)); err == nil ||
		!strings.Contains(err.Error(), "invalid length 0: use 1 or more") {
		t.Errorf("a maze of no length: %v", err)
	}
}

// TestResume stops a run in the maze between two checkpoints of another and resumes it: digests are equal. Its report
// has returns, and no ground truth.
func TestResume(t *testing.T) {
	t.Parallel()
	b, err := gobackend.Open()
	if err != nil {
		t.Fatal(err)
	}
	c, err := mazeConfig(3, 40)
	if err != nil {
		t.Fatal(err)
	}
	c.MetricsEvery, c.EvalEvery, c.EvalTrials, c.CheckpointEvery, c.LearnAfter = 10, 20, 5, 10, 100
	c.Hidden, c.InputSize, c.Readout, c.Batch, c.UpdateEvery = 4, 4, 4, 4, 4 // trains in a moment
	dir := t.TempDir()
	if _, _, err := compare(filepath.Join(dir, "whole"), c, b); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	stopped := filepath.Join(dir, "stopped")
	jobs := []lab.Job{{Dir: stopped, Config: c}}
	if _, err := lab.Train(ctx, jobs, b, "go", &stopper{at: 20, stop: stop}); err == nil {
		t.Fatal("the run was not stopped")
	}
	runs, err := lab.Train(context.Background(), jobs, b, "go", nil)
	if err != nil {
		t.Fatal(err)
	}
	want, got := digest(t, filepath.Join(dir, "whole")), digest(t, stopped)
	if want != got {
		t.Errorf("a resumed run has digest %s, want %s", got, want)
	}
	page, err := report.Write(context.Background(), runs[0], "")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(text), "reward per episode") || strings.Contains(string(text), "oracle") {
		t.Errorf("the report, %v", err)
	}
}

// stopper stops training at an update.
type stopper struct {
	at   int64
	stop func()
}

// Metrics implements drqn.Observer.
func (s *stopper) Metrics(m drqn.Metrics) error {
	if m.Update == s.at {
		s.stop()
	}
	return nil
}

// Evaluation implements drqn.Observer.
func (s *stopper) Evaluation(int, drqn.Evaluation) error { return nil }

// Notice implements lab.Watcher.
func (s *stopper) Notice(string) {}

// digest returns the fingerprint of a run.
func digest(t *testing.T, dir string) string {
	t.Helper()
	run, err := lab.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	d, err := run.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.SHA256
}
