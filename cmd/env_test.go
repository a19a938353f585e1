package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"engram/bridge"
	"engram/tasks"
)

// What an environment printed is shown line by line, the last ten, and commands no terminal; how few steps showed that
// it is reproducible is said, and a time limit bounds its episodes.
func TestEnvShow(t *testing.T) {
	t.Parallel()
	const name = "endless-walk"
	// an error where the test is run twice
	_ = tasks.RegisterEnvironment(name, func() tasks.Env { return &endlessWalk{} })
	play := &randomPlay{context: t.Context(), progress: io.Discard, episodes: 2, within: time.Hour}
	s, err := showEnv(name, nil, 5, play)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		s.Printed = append(s.Printed, fmt.Sprintf("line %d\x1b[2J", i))
	}
	s.Python = &bridge.Description{ExactSteps: 3}
	var out strings.Builder
	if err := s.print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"longest episode  5 steps\n", "few steps (3) showed it",
		"  printed last     line 2\\u001b[2J\n                   line 3\\u001b[2J\n", "line 11"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nwant %q", out.String(), want)
		}
	}
	const want = "environment CartPole-v1 is named without its package: write gymnasium:CartPole-v1, or"
	if _, err := showEnv("CartPole-v1", nil, 0, play); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// The doctor names how each missing package of Python is installed: NeuroGym is not in what make python-env makes.
func TestDoctorOfPython(t *testing.T) {
	python := filepath.Join(t.TempDir(), "python")
	const said = `[{"name":"python","version":"3.11"},{"name":"gymnasium"},{"name":"neurogym"},{"name":"torch"}]`
	if err := os.WriteFile(python, []byte("#!/bin/sh\necho '"+said+"'\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv(bridge.PythonVariable, python)
	remedies := map[string]string{"python": "3.11 (" + python, "gymnasium": "pip install gymnasium, or make python-env",
		"neurogym": "make neurogym-env"}
	parts := examinePython()
	for _, p := range parts {
		if !strings.HasPrefix(p.Detail, remedies[p.Name]) || p.Works != (p.Name == "python") {
			t.Errorf("the doctor says %+v", p)
		}
	}
	if len(parts) != len(remedies) {
		t.Errorf("the doctor says %+v", parts)
	}
}
