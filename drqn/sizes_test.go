package drqn

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"engram/internal/backend"
	"engram/internal/backend/backendtest"
	"engram/tasks"
)

// TestSizesThatOverflow checks that a config of any size is either refused in one line, or has a known need of memory.
func TestSizesThatOverflow(t *testing.T) {
	for _, name := range PresetNames() {
		for _, field := range Fields() {
			if field.Kind != "int" {
				continue
			}
			for _, text := range []string{"1048576", "1048577", "2147483648", "1000000000000", "2305843009213693952",
				"9223372036854775807"} {
				c := preset(t, name)
				c.Task = "GoNogo"
				if err := c.Set(field.Name, text); err != nil {
					t.Fatal(err)
				}
				if err := c.Validate(); err != nil {
					if strings.Contains(err.Error(), "\n") {
						t.Errorf("%v has several lines", err)
					}
					continue
				}
				if f, err := c.Footprint(4096); err != nil || !(f.Host > 0 && f.Device > 0) {
					t.Errorf("%s %s takes %+v, %v", field.Name, text, f, err)
				}
			}
		}
	}
}

// TestOutsideFloat32 checks that hyperparameters that the networks' numbers cannot hold are refused.
func TestOutsideFloat32(t *testing.T) {
	for _, field := range []string{"eta", "learning_rate", "clip_norm", "l1", "memory_bound", "target_mix"} {
		for _, value := range []float64{1e300, 3.5e38, 1e-300, math.Inf(1), math.NaN()} {
			c := preset(t, "default")
			c.Task = "GoNogo"
			v, err := c.value(field)
			if err != nil {
				t.Fatal(err)
			}
			v.SetFloat(value)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), field) {
				t.Errorf("%s %v: error %v", field, value, err)
			}
		}
	}
}

// rareLong is a task with one trial in some thousands that is far longer than the others.
const rareLong = `{"timing":{"delay":{"truncated_exponential":[600,300,60000]}}}`

// TestWindowOfRareLongTrials checks that rare long trials do not set the window, and that a notice says so; the
// presets' windows stay the longest trial for each task.
func TestWindowOfRareLongTrials(t *testing.T) {
	for _, task := range tasks.Names() {
		c := preset(t, "default")
		c.Task = task
		if p := planOf(t, c); p.window.Length != p.spec.MaxTrialSteps || c.WindowNotice() != "" {
			t.Errorf("%s: windows of %d steps, longest trial %d, notice %q", task, p.window.Length,
				p.spec.MaxTrialSteps, c.WindowNotice())
		}
	}
	c := preset(t, "default")
	c.Task, c.TaskOptions = "ContextDecisionMaking", json.RawMessage(rareLong)
	if w := planOf(t, c).window; w.Length < 40 || w.Length > 70 || !w.Whole {
		t.Errorf("windows are %+v", w)
	}
	for _, want := range []string{"610 steps at most", "99.5 %", "--window", "longer ones are not learned from"} {
		if !strings.Contains(c.WindowNotice(), want) {
			t.Errorf("notice %q lacks %q", c.WindowNotice(), want)
		}
	}
	c.Window = 610
	if w := planOf(t, c).window; w.Length != 610 || w.Whole || c.WindowNotice() != "" {
		t.Errorf("asked for 610: %+v, %q", w, c.WindowNotice())
	}
}

// TestWindowOfVeryRareLongTrials checks trials of which none of the drawn ones need be long: one in 10,000, a hundred
// times as long as the others, and ones so long that they hold millions of numbers.
func TestWindowOfVeryRareLongTrials(t *testing.T) {
	for name, options := range map[string]string{
		"one in 10,000":          `{"timing":{"delay":{"choice":[` + strings.Repeat("600,", 9999) + `60000]}}}`,
		"of millions of numbers": `{"dim_ring":64,"timing":{"delay":{"truncated_exponential":[600,300,1000000]}}}`,
	} {
		c := preset(t, "default")
		c.Task, c.TaskOptions = "ContextDecisionMaking", json.RawMessage(options)
		p, err := newPlan(c)
		if err != nil {
			t.Fatal(err)
		}
		if w := p.window; w.Length < 15 || w.Length > 70 || !strings.Contains(c.WindowNotice(), "longer ones are") {
			t.Errorf("%s: windows are %+v, longest trial %d; notice %q", name, w, p.spec.MaxTrialSteps,
				c.WindowNotice())
		}
	}
}

// TestTrainsWithRareLongTrials checks that training starts, from whole trials only.
func TestTrainsWithRareLongTrials(t *testing.T) {
	c := small(t, "default")
	c.Task, c.TaskOptions, c.Window, c.LearnAfter = "ContextDecisionMaking", json.RawMessage(rareLong), 0, 0
	c.Updates = 5
	trainer, err := NewTrainer(backendtest.Open(t, backend.Go), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.Train(context.Background(), &recorder{}); err != nil {
		t.Fatal(err)
	}
	for i, first := range trainer.batch.FirstSteps {
		if first != 0 {
			t.Errorf("window %d begins at step %d of its trial", i, first)
		}
	}
}
