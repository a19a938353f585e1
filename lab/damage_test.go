package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
)

// interruptedRun returns a run that was stopped after the checkpoints of updates 2, 4 and 6, with a small ring that has
// stored states and priorities, and the job it was made by.
func interruptedRun(t testing.TB) (*Run, []Job) {
	t.Helper()
	list := jobs(t, t.TempDir(), 1)
	c, err := drqn.Preset("session")
	if err != nil {
		t.Fatal(err)
	}
	s := &list[0].Config
	c.Task, c.Hidden, c.InputSize, c.Batch, c.Window, c.Capacity, c.Environments = "GoNogo", 2, 2, 2, 4, 40, 2
	c.BurnIn, c.WindowEnd, c.PriorityExponent, c.ImportanceExponent = 5, "prioritized", 0.6, 0.4
	c.Updates, c.LearnAfter, c.MetricsEvery, c.CheckpointEvery = s.Updates, s.LearnAfter, s.MetricsEvery, 2
	c.EvalEvery, c.EvalTrials = s.EvalEvery, s.EvalTrials
	*s = c
	trainTo(t, backendtest.Open(t, backend.Go), list, 6)
	r, err := Open(list[0].Dir)
	if err != nil {
		t.Fatal(err)
	}
	if updates, err := r.Checkpoints(); err != nil || fmt.Sprint(updates) != "[2 4 6]" {
		t.Fatalf("checkpoints %v, %v", updates, err)
	}
	return r, list
}

// readWhole reads a checkpoint and its ring.
func readWhole(t testing.TB, r *Run, trainer *drqn.Trainer, update int64) error {
	c, err := r.Checkpoint(update)
	if err == nil {
		err = c.withRing(trainer.RingOptions())
	}
	return err
}

// TestEveryByte flips and cuts a checkpoint's files at every byte: each damage is refused by the file's name. What has
// the manifest's checksum is flipped at every byte of its first and last 512, and at every 97th between. The race
// detector has nothing to find in its one goroutine: there every 40th byte is tried.
func TestEveryByte(t *testing.T) {
	t.Parallel()
	every := 1
	if testing.Short() {
		every = 40
	}
	r, list := interruptedRun(t)
	trainer, err := drqn.NewTrainer(backendtest.Open(t, backend.Go), list[0].Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := readWhole(t, r, trainer, 6); err != nil {
		t.Fatal(err)
	}
	flipped, cut := 0, 0
	for _, name := range append([]string{manifestFile}, stateFiles...) {
		path := filepath.Join(checkpointPath(r.Dir, 6), name)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		refused := func(what string, at int, data []byte) {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := readWhole(t, r, trainer, 6); err == nil || !strings.Contains(err.Error(), path) ||
				strings.Contains(err.Error(), "\n") {
				t.Fatalf("%s %s at byte %d: error %v", name, what, at, err)
			}
		}
		for at := range good {
			if at%every != 0 || name != manifestFile && at >= 512 && at < len(good)-512 && at%97 != 0 {
				continue
			}
			altered := bytes.Clone(good)
			altered[at] ^= 1 << (at % 8)
			refused("flipped", at, altered)
			refused("cut", at, good[:at])
			flipped, cut = flipped+1, cut+1
		}
		refused("longer", len(good), append(bytes.Clone(good), '\n'))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := readWhole(t, r, trainer, 6); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("without %s: error %v", name, err)
		}
		if err := os.WriteFile(path, good, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := readWhole(t, r, trainer, 6); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes flipped, %d cuts", flipped, cut)
}

// damage makes an earlier checkpoint, or none, be used.
var damage = map[string]struct {
	do   func(t *testing.T, r *Run)
	want []string // notices
}{
	"flipped": {func(t *testing.T, r *Run) { flip(t, r, 6, replayFile) },
		[]string{"6/replay.bin was cut or altered: its checksum is not the manifest's: " +
			"the checkpoint of update 4 is used"}},
	"two": {func(t *testing.T, r *Run) { flip(t, r, 6, actingFile); flip(t, r, 4, optimiserFile) },
		[]string{"the checkpoint of update 4 is used", "the checkpoint of update 2 is used"}},
	"all": {func(t *testing.T, r *Run) {
		flip(t, r, 6, weightsFile)
		flip(t, r, 4, weightsFile)
		flip(t, r, 2, weightsFile)
	},
		[]string{"update 4 is used", "update 2 is used", "training begins again"}},
	"another update's folder": {func(t *testing.T, r *Run) {
		emptied(t, checkpointPath(r.Dir, 6))
		remove(t, checkpointPath(r.Dir, 6))
		if err := os.Rename(checkpointPath(r.Dir, 4), checkpointPath(r.Dir, 6)); err != nil {
			t.Fatal(err)
		}
	}, []string{"it says update 4: the checkpoint of update 2 is used"}},
	"another update's state": {func(t *testing.T, r *Run) {
		restate(t, r, 6, func(s *drqn.State) { s.Update = 4 })
	}, []string{"is of update 4: the checkpoint of update 4 is used"}},
	"found only when half restored": {func(t *testing.T, r *Run) {
		for _, update := range []int64{2, 4, 6} {
			restate(t, r, update, func(s *drqn.State) { s.Sampling = s.Sampling[:1] })
		}
	}, []string{"update 4 is used", "update 2 is used", "training begins again"}},
	"file removed": {func(t *testing.T, r *Run) { remove(t, filepath.Join(checkpointPath(r.Dir, 6), actingFile)) },
		[]string{"acting.json: no such file or directory: the checkpoint of update 4 is used"}},
	"folder emptied": {func(t *testing.T, r *Run) { emptied(t, checkpointPath(r.Dir, 6)) },
		[]string{"manifest.json: no such file or directory: the checkpoint of update 4 is used"}},
	"metrics cut": {func(t *testing.T, r *Run) { truncate(t, filepath.Join(r.Dir, metricsFile), 40) },
		[]string{"update 4 is used", "update 2 is used"}},
	"half a line": {func(t *testing.T, r *Run) {
		appendTo(t, filepath.Join(r.Dir, metricsFile),
			`{"member":0,"upd`)
	}, nil},
	"lines too many": {func(t *testing.T, r *Run) { appendTo(t, filepath.Join(r.Dir, evaluationsFile), "{}\n{}\n") },
		nil},
	"killed while writing": {func(t *testing.T, r *Run) {
		appendTo(t, filepath.Join(r.Dir, checkpointsDir, newPrefix+"1", weightsFile), "[")
		appendTo(t, filepath.Join(r.Dir, checkpointsDir, oldPrefix+"2", "6", weightsFile), "[")
	}, nil},
	"foreign folders": {func(t *testing.T, r *Run) {
		appendTo(t, filepath.Join(r.Dir, checkpointsDir, "007", "x"),
			"x")
	}, nil},
}

// restate changes the state in acting.json of a checkpoint, and writes the manifest anew, so that its checksums hold.
func restate(t *testing.T, r *Run, update int64, change func(*drqn.State)) {
	t.Helper()
	c, err := r.Checkpoint(update)
	if err != nil {
		t.Fatal(err)
	}
	change(&c.State)
	remove(t, filepath.Join(c.Dir, actingFile))
	c.Files[actingFile], err = writeFlushed(filepath.Join(c.Dir, actingFile), encoded(c.State))
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.Manifest.encode()
	if err := errors.Join(err, os.WriteFile(filepath.Join(c.Dir, manifestFile), data, 0o644)); err != nil {
		t.Fatal(err)
	}
}

func flip(t *testing.T, r *Run, update int64, name string) {
	t.Helper()
	path := filepath.Join(checkpointPath(r.Dir, update), name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 4
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func emptied(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		remove(t, filepath.Join(dir, entry.Name()))
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestDamaged damages a run that was stopped and resumes it: each damaged file is named in a line, and the result is
// the same as without damage.
func TestDamaged(t *testing.T) {
	t.Parallel()
	b := backendtest.Open(t, backend.Go)
	stopped, made := interruptedRun(t)
	whole := []Job{{Dir: filepath.Join(t.TempDir(), "whole"), Config: made[0].Config}}
	trainTo(t, b, whole, 0)
	for name, d := range damage {
		t.Run(name, func(t *testing.T) {
			list := []Job{{Dir: filepath.Join(t.TempDir(), "run"), Config: made[0].Config}}
			if err := os.CopyFS(list[0].Dir, os.DirFS(stopped.Dir)); err != nil {
				t.Fatal(err)
			}
			r := &Run{Dir: list[0].Dir, Config: stopped.Config}
			d.do(t, r)
			notices := trainTo(t, b, list, 0)
			if len(notices) != len(d.want) {
				t.Fatalf("it said %q, want %q", notices, d.want)
			}
			for i, line := range notices {
				if !strings.Contains(line, d.want[i]) || !strings.Contains(line, r.Dir) ||
					strings.Contains(line, "\n") {
					t.Errorf("it said %q, want %q", line, d.want[i])
				}
			}
			equalRuns(t, name, list, whole)
			for _, prefix := range []string{newPrefix, oldPrefix} {
				if left, _ := filepath.Glob(filepath.Join(r.Dir, checkpointsDir, prefix+"*")); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			}
		})
	}
}

// TestDamagedToRead checks that evaluating a run whose newest weights are damaged uses those before, with a warning.
func TestDamagedToRead(t *testing.T) {
	r, _ := interruptedRun(t)
	flip(t, r, 6, weightsFile)
	e, err := r.Evaluate(context.Background(), 5, 1)
	if err != nil || e.Update != 4 || len(r.Notices) != 1 ||
		!strings.Contains(r.Notices[0], "6/weights.json was cut or altered") ||
		!strings.Contains(r.Notices[0], "update 4 is used") {
		t.Errorf("%+v, %v; it said %q", e, err, r.Notices)
	}
}

// TestDamagedDescription puts other texts in the place of run.json, and removes it: the run is listed and refused in
// one line with the remedy, without Go's types.
func TestDamagedDescription(t *testing.T) {
	t.Parallel()
	r, _ := interruptedRun(t)
	path := filepath.Join(r.Dir, runFile)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	without := func(field string) string { // the description, where a field has another name
		return strings.Replace(string(good), `"`+field+`"`, `"another"`, 1)
	}
	for text, want := range map[string]string{
		"":                 "unexpected end",
		"{}":               `its state is ""`,
		"null":             `its state is ""`,
		"[]":               "invalid value, an array: use an object",
		`{"state": 5}`:     "invalid state, a number: use a text",
		without("state"):   `its state is ""`,
		without("backend"): "it has no backend",
		without("created"): "it has no time of creation",
		strings.Replace(string(good), `"interrupted"`, `"finished"`, 1): "it is finished and has no result",
		"missing": "has no run.json",
	} {
		if err = os.WriteFile(path, []byte(text), 0o644); text == "missing" {
			err = os.Remove(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err := Open(r.Dir)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), r.Dir) ||
			!strings.Contains(err.Error(), "put a copy of it back") || strings.Contains(err.Error(), "Go value") {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
		if found, err := List(r.Dir); err != nil || len(found) != 1 {
			t.Errorf("%.40q: listed %v, %v", text, found, err)
		}
	}
}

// TestLaterFormats are refused by their numbers, and nothing is begun again.
func TestLaterFormats(t *testing.T) {
	later := map[string]func(r *Run) error{
		runFile: func(r *Run) error { r.About.Format = 3; return writeJSON(filepath.Join(r.Dir, runFile), r.About) },
		manifestFile: func(r *Run) error {
			m, err := readManifest(checkpointPath(r.Dir, 6), 6)
			if err != nil {
				return err
			}
			m.Format = 3
			data, err := m.encode()
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(checkpointPath(r.Dir, 6), manifestFile), data, 0o644)
		},
	}
	b := backendtest.Open(t, backend.Go)
	for name, make := range later {
		r, list := interruptedRun(t)
		if err := make(r); err != nil {
			t.Fatal(err)
		}
		if _, err := Train(context.Background(), list, b, backend.Go, nil); err == nil ||
			!strings.Contains(err.Error(), "has format 3: this engram reads formats up to 2") {
			t.Errorf("%s: error %v", name, err)
		}
		if _, _, err := r.Policy(); name != runFile && (err == nil || !strings.Contains(err.Error(), "has format 3")) {
			t.Errorf("%s, to read: error %v", name, err)
		}
		if _, err := os.Stat(checkpointPath(r.Dir, 6)); err != nil {
			t.Error(err)
		}
	}
}

// TestEarlierFormatIsNotGoneOnWith checks that an unfinished run of an earlier format is refused by that format, and
// stays as it is.
func TestEarlierFormatIsNotGoneOnWith(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS("testdata/run-2026-11-24")); err != nil {
		t.Fatal(err)
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.About.State = Interrupted
	if err := writeJSON(filepath.Join(dir, runFile), r.About); err != nil {
		t.Fatal(err)
	}
	before := tree(t, filepath.Join(dir, checkpointsDir))
	if _, err := Train(context.Background(), []Job{{Dir: dir, Config: r.Config}},
		backendtest.Open(t, backend.Go), backend.Go,
		nil); err == nil || !strings.Contains(err.Error(), "has format 1: it has weights only") {
		t.Errorf("error %v", err)
	}
	if after := tree(t, filepath.Join(dir, checkpointsDir)); after != before {
		t.Errorf("the checkpoints became %s, were %s", after, before)
	}
}

// tree lists the files below a directory with their sizes.
func tree(t *testing.T, dir string) string {
	t.Helper()
	list := ""
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		list += fmt.Sprintf("%s %d\n", path, info.Size())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestReleasedFormat resumes a run that was stopped when its format, 2, was new. Its numbers are this machine's
// from there on; what it had said stays.
func TestReleasedFormat(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS("testdata/run-format-2")); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, metricsFile))
	if err != nil {
		t.Fatal(err)
	}
	list, name, err := JobsOf(dir)
	if err != nil || name != backend.Go {
		t.Fatalf("%q, %v", name, err)
	}
	if notices := trainTo(t, backendtest.Open(t, backend.Go), list, 0); len(notices) > 0 {
		t.Errorf("it said %q", notices)
	}
	after, err := os.ReadFile(filepath.Join(dir, metricsFile))
	if err != nil || !bytes.HasPrefix(after, before) || bytes.Count(after, []byte("\n")) != 4 {
		t.Errorf("the metrics became\n%s, %v, of\n%s", after, err, before)
	}
	r, err := Open(dir)
	if err != nil || r.About.State != Finished || r.About.Updates != 12 {
		t.Errorf("%+v, %v", r, err)
	}
}
