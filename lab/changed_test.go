package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/tasks"
)

// edited is an environment whose code a test changes between two processes.
type edited struct {
	at          int
	observation [1]float32
}

// What the code of an edited environment says: what a step earns, after how many steps it fails (0: never), and after
// how many an episode ends.
var pays, fails, length = float32(0), 0, 50

func (e *edited) Spec() tasks.Spec {
	return tasks.Spec{Name: "edited", Observations: []string{"step"}, Actions: []string{"a", "b"}}
}

func (e *edited) Reset(uint64) ([]float32, error) {
	e.at = 0
	return e.observe(), nil
}

func (e *edited) Step(int) (tasks.Step, error) {
	if e.at++; e.at == fails {
		return tasks.Step{}, errors.New("it fails")
	}
	return tasks.Step{Observation: e.observe(), Reward: pays, Terminated: e.at == length}, nil
}

func (e *edited) observe() []float32 {
	e.observation[0] = float32(e.at%50) / 50
	return e.observation[:]
}

func init() {
	if err := tasks.RegisterEnvironment("edited", func() tasks.Env { return &edited{} }); err != nil {
		panic(err)
	}
}

// edit changes the code of the edited environment until the test ends.
func edit(t *testing.T, step float32, failing int) {
	pays, fails = step, failing
	t.Cleanup(func() { pays, fails = 0, 0 })
}

// A run whose environment has changed, or fails, is refused and keeps all that it has, and resumes to the same end when
// that is undone. Where it is asked for, it goes on from its weights in new episodes, and says so.
func TestChangedEnvironment(t *testing.T) {
	c := inEdited(t)
	b := backendtest.Open(t, backend.Go)
	alone := []Job{{Dir: filepath.Join(t.TempDir(), "alone"), Config: c}}
	trainTo(t, b, alone, 0)
	for name, change := range map[string]struct {
		pays  float32
		fails int
		want  string
	}{"changed": {-0.01, 0, "another one"}, "failing": {0, 2, "it fails"}} {
		t.Run(name, func(t *testing.T) {
			job := Job{Dir: filepath.Join(t.TempDir(), "run"), Config: c}
			trainTo(t, b, []Job{job}, 6)
			before := files(t, job.Dir)

			edit(t, change.pays, change.fails)
			w := &witness{}
			_, err := Train(context.Background(), []Job{job}, b, "go", w)
			if err == nil || !strings.Contains(err.Error(), change.want) ||
				!strings.Contains(err.Error(), "--new-episodes") || strings.Contains(err.Error(), "no checkpoint") {
				t.Fatalf("error %v", err)
			}
			if after := files(t, job.Dir); !slices.Equal(after, before) || len(w.notices) > 0 {
				t.Errorf("the run has %v, and had %v; notices %v", after, before, w.notices)
			}

			edit(t, 0, 0)
			trainTo(t, b, []Job{job}, 0)
			if got, want := results(t, job.Dir), results(t, alone[0].Dir); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Error("the run ends otherwise than one that was left alone")
			}
		})
	}

	job := Job{Dir: filepath.Join(t.TempDir(), "run"), Config: c, NewEpisodes: true}
	trainTo(t, b, []Job{job}, 6)
	edit(t, -0.01, 0)
	notices := trainTo(t, b, []Job{job}, 0)
	r, err := Open(job.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(notices) != 1 || !strings.Contains(notices[0], "new episodes begin") ||
		!slices.Equal(r.About.NewEpisodes, []int64{6}) || r.About.State != Finished {
		t.Errorf("state %s, new episodes from updates %v, notices %v", r.About.State, r.About.NewEpisodes, notices)
	}
}

// A run whose episodes never end says which run to train instead: to resume it would end in the same way.
func TestEndless(t *testing.T) {
	length = -1
	t.Cleanup(func() { length = 50 })
	dir := filepath.Join(t.TempDir(), "run")
	_, err := Train(context.Background(), []Job{{Dir: dir, Config: inEdited(t)}}, backendtest.Open(t, backend.Go), "go",
		nil)
	if err == nil || !strings.Contains(err.Error(), "use a time_limit") || strings.Contains(err.Error(), "resume") ||
		!strings.Contains(err.Error(), "--config "+filepath.Join(dir, configFile)+" --time-limit") {
		t.Errorf("error %v", err)
	}
	r, err := Open(dir)
	if err != nil || r.About.State != Failed || !strings.Contains(r.About.Remedy, "--time-limit 1000 --run NEW") {
		t.Errorf("run.json has %s with the remedy %q, %v", r.About.State, r.About.Remedy, err)
	}
}

// inEdited returns a config that trains in the edited environment in a moment.
func inEdited(t *testing.T) drqn.Config {
	t.Helper()
	c, err := drqn.Preset("general")
	if err != nil {
		t.Fatal(err)
	}
	c, err = drqn.Assemble(c, map[string]string{"task": "edited", "hidden": "4", "input_size": "3", "readout": "0",
		"updates": "12", "learn_after": "60", "batch": "2", "window": "4", "burn_in": "0", "metrics_every": "3",
		"eval_every": "0", "capacity": "1000", "environments": "2", "checkpoint_every": "2", "update_every": "4"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// files lists a run's files but run.json with their sizes.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == runFile {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			all = append(all, fmt.Sprint(path, " ", info.Size()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
