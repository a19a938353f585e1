package drqn

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestGateInNumPy runs the lines of Python in docs/session.md on a policy's weights, and compares each step with the
// policy's own.
func TestGateInNumPy(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/session.md")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(page)
	if code == nil {
		t.Fatal("docs/session.md has no Python")
	}
	for _, gate := range []ForgetGate{ForgetScalar, ForgetRow} {
		c := gated(t)
		c.ForgetGate = gate
		p := fresh(t, c, 3)
		trials, err := p.Rollout(t.Context(), 2, 5)
		if err != nil {
			t.Fatal(err)
		}
		input, err := json.Marshal(map[string]any{"tensors": p.Tensors(), "gain": c.ForgetGain, "trials": trials})
		if err != nil {
			t.Fatal(err)
		}
		python := exec.CommandContext(t.Context(), "../scripts/env/python.sh", "readers", "-c", "import json, sys\n"+
			"import numpy as np\n"+string(code[1])+`
data = json.load(sys.stdin)
w = {t["Name"]: np.reshape(t["Data"], t["Shape"] or []) for t in data["tensors"]}
M, worst = np.zeros(w["W"].shape), 0
for trial in data["trials"]:
    for o, hidden, state in zip(trial["observations"], trial["hidden"], trial["states"]):
        h, M = step(w, data["gain"], np.array(o), M)
        worst = max(worst, abs(h - hidden).max(), abs(M.ravel() - state).max())
print("equal" if worst < 1e-5 else worst)
`)
		python.Stdin, python.Stderr = strings.NewReader(string(input)), os.Stderr
		out, err := python.Output()
		if err != nil || strings.TrimSpace(string(out)) != "equal" {
			t.Errorf("%s: they differ by %s, %v", gate, out, err)
		}
	}
}
