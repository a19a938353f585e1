package lab

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"engram/drqn"
	"engram/internal/drqntest"
)

// What is not named stays, timing is laid over by its periods, and a duration is replaced whole.
func TestLaidOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, over, want string }{
		{``, `{"sigma":1}`, `{"sigma":1}`},
		{`{"sigma":1}`, ``, `{"sigma":1}`},
		{`{"sigma":1,"timing":{"delay":{"uniform":[1,2]},"cue":5}}`, `{"timing":{"delay":4}}`,
			`{"sigma":1,"timing":{"cue":5,"delay":4}}`},
		{`{"timing":{"delay":{"uniform":[1,2]}}}`, `{"timing":{"delay":{"truncated_exponential":[1,2,3]}}}`,
			`{"timing":{"delay":{"truncated_exponential":[1,2,3]}}}`},
		{`{"cohs":[1,2]}`, `{"cohs":[3]}`, `{"cohs":[3]}`},
	} {
		got, err := laidOver(json.RawMessage(c.base), json.RawMessage(c.over))
		if err != nil || string(got) != c.want {
			t.Errorf("%s over %s: %s, %v; want %s", c.over, c.base, got, err, c.want)
		}
	}
}

// An agent acts in the same task with other options; the run stays as it is, and what does not fit its
// weights is refused in one line.
func TestWithOptions(t *testing.T) {
	t.Parallel()
	c := drqntest.Small(t)
	c.Task, c.TaskOptions = "PerceptualDecisionMaking", json.RawMessage(`{"sigma":0.5}`)
	r := trainAs(t, filepath.Join(t.TempDir(), "run"), c)
	longer, err := r.WithOptions(json.RawMessage(`{"timing":{"stimulus":4000}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := longer.Config.Text("task_options"); !strings.Contains(got, "0.5") || !strings.Contains(got, "4000") {
		t.Errorf("the options are %s", got)
	}
	if got := r.Config.Text("task_options"); strings.Contains(got, "4000") {
		t.Errorf("the run's own became %s", got)
	}
	e, err := longer.Evaluate(t.Context(), 5, 1)
	if err != nil || e.Trials != 5 {
		t.Errorf("%+v, %v", e, err)
	}
	for options, want := range map[string]string{
		`{"dim_ring":4}`:                    "they give 5 observations and 5 actions, and the agent of",
		`{"timing":{"stimulus":1e9}}`:       "is outside 0 to 1000000",
		`{"colour":1}`:                      "use one of",
		`{"sigma":null}`:                    "null is no value",
		`{"sigma":1,"sigma":2}`:             "stands twice",
		`[]`:                                "an object such as",
		`{"timing":{"stimulus":2000}} more`: "text after the JSON object",
	} {
		if _, err := r.WithOptions(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", options, err, want)
		}
	}
}

// A time limit that would cut the longer trials is an error that says so.
func TestWithOptionsOfASession(t *testing.T) {
	t.Parallel()
	c := drqntest.Small(t)
	c.Episode, c.TimeLimit = drqn.EpisodeSession, 60
	r := trainAs(t, filepath.Join(t.TempDir(), "run"), c)
	if _, err := r.WithOptions(json.RawMessage(`{"timing":{"delay":1000}}`)); err != nil {
		t.Error(err)
	}
	_, err := r.WithOptions(json.RawMessage(`{"timing":{"delay":9000}}`))
	if err == nil || !strings.Contains(err.Error(), "invalid time_limit 60") {
		t.Errorf("error %v", err)
	}
}
