package watch

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"engram/internal/boundstest"
	"engram/internal/drqntest"
	"engram/internal/labtest"
)

// linesMemory bounds what following, drawing and serving a run allocates for a small file, whatever its lines say.
const linesMemory = 64 << 20

// FuzzMetrics shows a run of any metrics; FuzzEvaluations one of any evaluations.
func FuzzMetrics(f *testing.F) { fuzzLines(f, "metrics.jsonl") }

// FuzzEvaluations is FuzzMetrics for the evaluations.
func FuzzEvaluations(f *testing.F) { fuzzLines(f, "evals.jsonl") }

func fuzzLines(f *testing.F, name string) {
	r := labtest.Train(f, filepath.Join(f.TempDir(), "runs", "fuzzed"), drqntest.Small(f))
	path := filepath.Join(r.Dir, name)
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, uint16(len(good)/2))
	for _, text := range []string{
		"", "\n", "{}\n{}\n", `{"update":1,"loss":1e308,"reward_per_trial":-1e308,"trials":1}` + "\n" +
			`{"update":2,"loss":-1e308,"reward_per_trial":1e308,"trials":1}` + "\n",
		`{"update":-9223372036854775808,"share_of_ceiling":1e308}` + "\n" +
			`{"update":9223372036854775807,"share_of_ceiling":-1e308}` + "\n",
		`{"update":5e-324}` + "\n", `{"task":"<script>alert(1)</script>\u001b[2J"}` + "\n",
		`{"loss":4.9e-324}` + "\n" + `{"loss":5e-324,"update":1}` + "\n", "null\n", "[[[[\n",
	} {
		f.Add([]byte(text), uint16(3))
	}
	others := boundstest.Files(f, filepath.Dir(r.Dir), path)
	f.Fuzz(func(t *testing.T, text []byte, cut uint16) {
		boundstest.Within(t, linesMemory, func() { showLines(t, r.Dir, path, text, min(int(cut), len(text))) })
		if now := boundstest.Files(t, filepath.Dir(r.Dir), path); !maps.Equal(now, others) {
			t.Errorf("other files were touched: %v, before %v", now, others)
		}
	})
}

// showLines follows a file that is written in two pieces: it shows what one shows who comes later.
func showLines(t *testing.T, dir, path string, text []byte, cut int) {
	followed := watcher(t, dir)
	for _, part := range [][]byte{text[:cut], text} {
		if err := os.WriteFile(path, part, 0o644); err != nil {
			t.Fatal(err)
		}
		followed.Look()
	}
	v, late := one(t, followed), one(t, watcher(t, dir))
	v.lines, late.lines = 0, 0 // what became shorter is read again
	if !reflect.DeepEqual(v, late) {
		t.Fatalf("followed: %+v\nlate:     %+v", v, late)
	}
	for _, width := range []int{40, 120} {
		v.Text(width)
	}
	if _, err := draw([]View{v}); err != nil {
		t.Fatal(err)
	}
}
