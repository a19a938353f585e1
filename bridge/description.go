package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"engram/tasks"
)

// Description is what a worker says about an environment when it starts. A run keeps it in run.json, so that its
// reports need no Python to know the environment's sizes.
type Description struct {
	Protocol         int      `json:"protocol"`
	Python           string   `json:"python"` // the versions
	Gymnasium        string   `json:"gymnasium"`
	NumPy            string   `json:"numpy"`
	Package          string   `json:"package"` // that the environment's class is of
	PackageVersion   string   `json:"package_version,omitempty"`
	ObservationSpace string   `json:"observation_space"`
	ActionSpace      string   `json:"action_space"`
	Observations     []string `json:"observations"` // a name for each number, [O]
	Actions          []string `json:"actions"`      // [A]
	// ActionValues is what the environment is given for each action, [A]; nil: the action's number.
	ActionValues    []json.RawMessage `json:"action_values,omitempty"`
	MaxEpisodeSteps int               `json:"max_episode_steps,omitempty"`
	DT              int               `json:"dt,omitempty"`          // ms a step
	Trials          bool              `json:"trials,omitempty"`      // NeuroGym's: ends of trials are marked
	NotExact        string            `json:"not_exact,omitempty"`   // why an episode cannot be replayed
	ExactSteps      int               `json:"exact_steps,omitempty"` // that showed it can be, where time allowed few; 0: enough
}

// protocol is the version that this package and its worker speak.
const protocol = 1

// The most numbers of an observation, and the most actions.
const mostObserved, mostActions = 1 << 20, 1024

// check refuses what a frame cannot be of.
func (d Description) check() error {
	switch {
	case d.Protocol != protocol:
		return fmt.Errorf("protocol %d, where this engram speaks %d", d.Protocol, protocol)
	case len(d.Observations) < 1 || len(d.Observations) > mostObserved:
		return fmt.Errorf("an observation of %d numbers: use 1 to %d", len(d.Observations), mostObserved)
	case len(d.Actions) < 1 || len(d.Actions) > mostActions:
		return fmt.Errorf("%d actions: use 1 to %d", len(d.Actions), mostActions)
	case len(d.ActionValues) > 0 && len(d.ActionValues) != len(d.Actions):
		return fmt.Errorf("%d values of %d actions", len(d.ActionValues), len(d.Actions))
	case d.MaxEpisodeSteps < 0 || d.DT < 0:
		return fmt.Errorf("an episode of %d steps of %d ms", d.MaxEpisodeSteps, d.DT)
	}
	return nil
}

// spec returns the description in the words of package tasks.
func (d Description) spec(name string) tasks.Spec {
	return tasks.Spec{Name: name, StepMillis: d.DT, Observations: d.Observations, Actions: d.Actions,
		MaxTrialSteps: d.MaxEpisodeSteps, Trials: d.Trials}
}

// same returns an error where an environment is another one now than it was.
func (d Description) same(now Description) error {
	if d.ObservationSpace != now.ObservationSpace || d.ActionSpace != now.ActionSpace ||
		!slices.Equal(d.Observations, now.Observations) || !slices.Equal(d.Actions, now.Actions) {
		return fmt.Errorf("another environment than before: %s, and now %s: use the version that the run began with",
			d.spaces(), now.spaces())
	}
	return nil
}

// spaces returns in a few words what an environment's observations and actions are, and which package has it.
func (d Description) spaces() string {
	return fmt.Sprintf("observations %s and actions %s (%s)", d.ObservationSpace, d.ActionSpace,
		strings.TrimSpace(d.Package+" "+d.PackageVersion))
}

// request names an environment.
type request struct{ name, options string }

func newRequest(name string, options json.RawMessage) (request, error) {
	text := bytes.TrimSpace(options)
	if len(text) == 0 {
		text = []byte("{}")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil || text[0] != '{' {
		return request{}, fmt.Errorf("options: %s is no JSON object: use the keyword arguments of the environment, "+
			"such as '{\"size\":5}'", text)
	}
	var escaped bytes.Buffer // as a config's file has it
	json.HTMLEscape(&escaped, compact.Bytes())
	return request{name, escaped.String()}, nil
}

// known holds the descriptions of this process's environments.
var known = struct {
	sync.Mutex
	of map[request]Description
}{of: map[request]Description{}}

// Remember makes the description of an environment known, as a run had it, so that Python starts only where steps are
// taken.
func Remember(name string, options json.RawMessage, d Description) error {
	r, err := newRequest(name, options)
	if err == nil {
		err = d.check()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	known.Lock()
	defer known.Unlock()
	if _, there := known.of[r]; !there {
		known.of[r] = d
	}
	return nil
}

// Known returns the description of an environment of Python that this process has opened or read; nil if there is none.
func Known(name string, options json.RawMessage) *Description {
	r, err := newRequest(name, options)
	if err != nil {
		return nil
	}
	known.Lock()
	defer known.Unlock()
	if d, there := known.of[r]; there {
		return &d
	}
	return nil
}

// Describe returns what is known of an environment. Where nothing is, it starts Python to ask.
func Describe(name string, options json.RawMessage) (Description, error) {
	r, err := newRequest(name, options)
	if err != nil {
		return Description{}, fmt.Errorf("%s: %w", name, err)
	}
	return describe(r)
}

// Named is an environment by its name and options.
type Named struct {
	Name    string
	Options json.RawMessage
}

// DescribeTogether asks one process of Python for the descriptions of several environments that this process does not
// know yet, so that Python starts and imports their packages once. What it could not find out, Describe asks for alone,
// and says why it cannot be had.
func DescribeTogether(all ...Named) {
	known.Lock()
	defer known.Unlock()
	var unknown []request
	for _, n := range all {
		r, err := newRequest(n.Name, n.Options)
		if _, there := known.of[r]; err == nil && !there && !slices.Contains(unknown, r) {
			unknown = append(unknown, r)
		}
	}
	for len(unknown) > 1 { // one alone leaves a worker to be used
		described := describeSome(unknown)
		if described == 0 {
			return
		}
		unknown = unknown[min(described+1, len(unknown)):] // the next one ended the process, or hangs
	}
}

// describeSome makes environments known by one process of Python, as long as that answers, and returns for how many it
// did.
func describeSome(all []request) int {
	ask := hello{Protocol: protocol}
	for _, r := range all {
		ask.Describe = append(ask.Describe, asking{r.name, json.RawMessage(r.options)})
	}
	w, err := launch(ask)
	if err != nil {
		return 0
	}
	defer w.kill()
	for i, r := range all {
		line, err := w.readLine()
		if err != nil {
			return i
		}
		if d, err := decodeDescription(line); err == nil {
			known.of[r] = d
		}
	}
	return len(all)
}

func describe(r request) (Description, error) {
	known.Lock()
	defer known.Unlock()
	if d, there := known.of[r]; there {
		return d, nil
	}
	l, err := startWorker(r, 1, true)
	if err != nil {
		return Description{}, err
	}
	join(l.worker)
	giveBack(l)
	known.of[r] = l.about
	return l.about, nil
}
