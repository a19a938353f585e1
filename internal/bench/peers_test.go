package bench

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPeersLeftOut checks that a peer that cannot run is left out and named, that the other is measured, and that none
// at all is an error. Here sh is the interpreter of the scripts.
func TestPeersLeftOut(t *testing.T) {
	t.Parallel()
	var said []string
	o := Options{Python: "sh", Scripts: t.TempDir(), Say: func(text string) { said = append(said, text) }}
	write := func(script, text string) {
		if err := os.WriteFile(filepath.Join(o.Scripts, script), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("torch_step.py", "exit 1")
	write("jax_step.py", `
		[ "$*" = "--rounds 64 10 32 20 3 100" ] && echo jax-scan 1
		echo
		while read line; do echo jax-scan 2; echo; done`)
	row := &measurement{peer: "64x10", Row: Row{Size: small.size()}}
	all, err := o.openPeers(t.Context(), []*measurement{row, {}})
	if err != nil {
		t.Fatal(err)
	}
	if err := all.measure(row, o.Say); err != nil || !slices.Equal(row.rounds["jax-scan"], []float64{2}) {
		t.Errorf("the other was measured as %v: %v", row.rounds, err)
	}
	all.close()
	if text := strings.Join(said, "\n"); !strings.Contains(text, "left out: torch_step.py: it ended: exit status 1") {
		t.Errorf("it said %s", text)
	}
	write("jax_step.py", "exit 1")
	if _, err := o.openPeers(t.Context(), []*measurement{row}); err == nil ||
		!strings.Contains(err.Error(), "jax_step.py: it ended: exit status 1: run 'make bench-peers'") {
		t.Errorf("without any peer: error %v", err)
	}
}
