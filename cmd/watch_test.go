package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestWatch looks at a training of a moment, and at one that was killed.
func TestWatch(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir, killed := filepath.Join(root, "a"), filepath.Join(root, "b")
	ok(t, append(smallTraining(dir), "--quiet", "--no-report")...)
	command := exec.Command(binary(), append(smallTraining(killed), "--updates", "10000000", "--eval-every",
		"10000000")...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for range 600 { // until it trains
		if data, err := os.ReadFile(filepath.Join(killed, "metrics.jsonl")); err == nil && len(data) > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	states := func() map[string]any {
		var list []map[string]any
		if err := json.Unmarshal([]byte(ok(t, "runs", root, "--json")), &list); err != nil {
			t.Fatal(err)
		}
		states := map[string]any{}
		for _, v := range list {
			states[v["run"].(string)] = fmt.Sprint(v["state"], " ", v["resumable"])
		}
		return states
	}
	if got, want := states(), map[string]any{dir: "finished false", killed: "running false"}; !reflect.DeepEqual(got,
		want) {
		t.Errorf("the runs are %v, want %v", got, want)
	}
	if err := errors.Join(command.Process.Kill(), ignore(command.Wait())); err != nil {
		t.Fatal(err)
	}
	if got, want := states(), map[string]any{dir: "finished false", killed: "died true"}; !reflect.DeepEqual(got,
		want) {
		t.Errorf("the runs are %v, want %v", got, want)
	}
	table := ok(t, "runs", root)
	for _, want := range []string{"best evaluation", "GoNogo", "12 of 12", "died, resumable", "ago"} {
		if !strings.Contains(table, want) {
			t.Errorf("runs prints no %q:\n%s", want, table)
		}
	}
	passing := regexp.MustCompile(`\d+ s ag`) // the clock goes on between the two
	text, once := ok(t, "watch", root), ok(t, "watch", root, "--once")
	if passing.ReplaceAllString(text, "") != passing.ReplaceAllString(once, "") ||
		!strings.Contains(text, "! it died") || !strings.Contains(text, "share of the ceiling, greedy evaluations\n") {
		t.Errorf("watch prints of runs that have ended\n%s", text)
	}
	if line := ok(t, "watch", dir, "--json"); !json.Valid([]byte(line)) || strings.Count(line, "\n") != 1 {
		t.Errorf("watch --json prints %q", line)
	}
}

// ignore drops an error that is expected.
func ignore(error) error { return nil }
