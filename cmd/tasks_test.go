package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"engram/tasks"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	var list []map[string]any
	if err := json.Unmarshal([]byte(ok(t, "tasks", "--json", "--trials", "50")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != len(tasks.Names()) || list[0]["name"] != "GoNogo" || list[0]["ceiling"] != 0.5 {
		t.Errorf("tasks --json prints %v", list)
	}
	table := ok(t, "tasks", "--trials", "50")
	for _, name := range tasks.Names() {
		if !strings.Contains(table, name) {
			t.Errorf("tasks does not list %s", name)
		}
		if drawn := ok(t, "tasks", "show", name); !strings.Contains(drawn, "ground truth") ||
			!strings.Contains(drawn, "reward") || !strings.ContainsAny(drawn, "▁▂▃▄▅▆▇█") {
			t.Errorf("tasks show %s draws\n%s", name, drawn)
		}
	}
	if options := list[0]["options"].([]any); len(options) != 10 ||
		options[0].(map[string]any)["range"] != "1 or more" {
		t.Errorf("options of GoNogo: %v", options)
	}
	for _, form := range []string{"show ReadySetGo", "show ReadySetGo --json", "show --help",
		"show ReadySetGo --task-options {\"gain\":2}"} {
		out := ok(t, append([]string{"tasks"}, strings.Fields(form)...)...)
		for _, name := range []string{"dt", "timing.measure", "rewards.miss", "gain", "above 0, to 100"} {
			if !strings.Contains(out, name) {
				t.Errorf("tasks %s does not list %s:\n%s", form, name, out)
			}
		}
	}
	svg := filepath.Join(t.TempDir(), "trial.svg")
	ok(t, "tasks", "show", "GoNogo", "--svg", svg)
	if data, err := os.ReadFile(svg); err != nil || !bytes.Contains(data, []byte("<svg")) {
		t.Errorf("the picture: %v", err)
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	args := []string{"tasks", "trace", "GoNogo", "--seed", "3", "--policy", "gt", "--steps", "40", "--json"}
	lines := strings.Split(strings.TrimSpace(ok(t, args...)), "\n")
	if len(lines) != 40 {
		t.Fatalf("%d lines, want 40", len(lines))
	}
	ends := 0
	for _, line := range lines {
		var step map[string]any
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"observation", "action", "reward", "terminated", "truncated", "gt",
			"trial_end"} {
			if _, found := step[field]; !found {
				t.Fatalf("a line lacks %s: %s", field, line)
			}
		}
		if step["action"] != step["gt"] {
			t.Errorf("gt does not follow the ground truth: %s", line)
		}
		if step["trial_end"] == true {
			ends++
		}
	}
	if ends < 2 {
		t.Errorf("%d trials ended in 40 steps", ends)
	}
	if ok(t, args...) != strings.Join(lines, "\n")+"\n" {
		t.Error("the same seed gave another trace")
	}
}
