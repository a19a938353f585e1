package report

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
	"engram/plots"
)

// TestReport looks for what a reader needs in the report, and for anything that would be loaded.
func TestReport(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	path, err := Write(context.Background(), r, "")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for _, want := range []string{"agent, greedy", "ceiling", "oracle", "cue only", "random", "learning_rate",
		"epsilon", "gradient norm", "eta", "lambda",
		"Q(go)", "The synaptic memory M after each step", "nogo"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	page = strings.Replace(page, plots.TableScript, "", 1) // that of the tables
	scripts := regexp.MustCompile(`(?s)<script>.*?</script>`)
	charts := 0
	for _, script := range scripts.FindAllString(page, -1) {
		charts += strings.Count(script, "(window.engramPlots = window")
	}
	if svgs := strings.Count(scripts.ReplaceAllString(page, ""), "<svg "); svgs != charts || svgs != 8 {
		t.Errorf("%d static pictures for %d charts, want 8 of each", svgs, charts)
	}
	for _, bad := range []string{"src=\"http", "href=\"http", "src='http", "@import", "cdn"} {
		if strings.Contains(page, bad) {
			t.Errorf("the report loads something: %q", bad)
		}
	}
	reference, err := lab.Reference(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page, strings.Split(Results(r, reference).Rows[0][1], " ")[0]) {
		t.Error("the report lacks the agent's reward")
	}
}

// TestReportEscapes checks that foreign text, such as the name of the run's directory and what its files say, is text
// in the report.
func TestReportEscapes(t *testing.T) {
	const evil = `<script>alert(1)<\u002fscript><img src=x onerror=alert(2)>` // a slash cannot be in a name
	r := labtest.Train(t, filepath.Join(t.TempDir(), strings.ReplaceAll(evil, `\u002f`, "")), drqntest.Small(t))
	r.About.Backend, r.About.State = evil, evil

	for _, name := range []string{"metrics.jsonl", "evals.jsonl"} {
		path := filepath.Join(r.Dir, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(data), "GoNogo", evil)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path, err := Write(context.Background(), r, filepath.Join(t.TempDir(), "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"<script>alert", "<img src=x"} {
		if strings.Contains(string(page), part) {
			t.Errorf("%q came through", part)
		}
	}
	if !strings.Contains(string(page), "&lt;script&gt;alert(1)") {
		t.Error("the names do not show")
	}
}

// TestReportOfStrangeFiles puts a FIFO into the place of each file that a report reads: it is refused at once.
func TestReportOfStrangeFiles(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	for _, name := range []string{"metrics.jsonl", "evals.jsonl"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(r.Dir, name)
			if err := os.Rename(path, path+".kept"); err != nil {
				t.Fatal(err)
			}
			defer os.Rename(path+".kept", path)
			if err := syscall.Mkfifo(path, 0o644); err != nil {
				t.Fatal(err)
			}
			written := make(chan error, 1)
			go func() {
				_, err := Write(t.Context(), r, filepath.Join(t.TempDir(), "r.html"))
				written <- err
			}()
			select {
			case err := <-written:
				if err == nil || !strings.Contains(err.Error(), name) {
					t.Errorf("error %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("it does not return")
			}
		})
	}
}

// TestReportsFile checks that a report has mode 0666 less the umask, and that leftovers of killed processes beside it
// are removed.
func TestReportsFile(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	left := filepath.Join(r.Dir, ".new-abc")
	if err := os.WriteFile(left, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, umask := range []int{0o077, 0o002} {
		before := syscall.Umask(umask)
		path, err := Write(t.Context(), r, "")
		syscall.Umask(before)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := info.Mode().Perm(), os.FileMode(0o666&^umask); got != want {
			t.Errorf("umask %03o: %03o, want %03o", umask, got, want)
		}
	}
	if _, err := os.Lstat(left); err == nil {
		t.Error("what a killed process left is there")
	}
}

// reportOf trains a run with the config on the Go backend and returns its report.
func reportOf(t *testing.T, c drqn.Config) string {
	t.Helper()
	path, err := Write(t.Context(), labtest.Train(t, filepath.Join(t.TempDir(), "run"), c), "")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestReportOfStopped checks that the report of a run that failed or died says so, with the reason and the remedy, also
// where nothing can be drawn.
func TestReportOfStopped(t *testing.T) {
	t.Parallel()
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	page := func(state lab.State) string {
		t.Helper()
		r.About.State, r.About.Error = state, "disk <full>"
		path, err := Write(t.Context(), r, "")
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if text := page(lab.Failed); !strings.Contains(text, "It failed: disk &lt;full&gt;.") ||
		!strings.Contains(text, "engram resume "+r.Dir) {
		t.Error("the report of a failed run does not say why")
	}
	if text := page(lab.Interrupted); strings.Contains(text, "It failed") || strings.Contains(text, "had changed") {
		t.Error("the report of an interrupted run says that it failed, or that its environment had changed")
	}
	r.About.Remedy = "train <another>"
	if text := page(lab.Failed); !strings.Contains(text, "disk &lt;full&gt;. train &lt;another&gt;.") ||
		strings.Contains(text, "engram resume") {
		t.Error("the report of a failed run has another remedy than the run")
	}
	r.About.Remedy = ""
	r.About.NewEpisodes = []int64{3, 6}
	if text := page(lab.Interrupted); !strings.Contains(text, "had changed when the run was resumed after update 3, ") {
		t.Error("the report does not say that the environment had changed")
	}
	if err := os.Truncate(filepath.Join(r.Dir, "metrics.jsonl"), 0); err != nil {
		t.Fatal(err)
	}
	for state, want := range map[lab.State]string{
		lab.Failed:      "it failed: disk <full>. 'engram resume ",
		lab.Interrupted: "let it train longer than metrics_every",
		lab.Finished:    "its metrics.jsonl was cut: put a copy of it back",
	} {
		r.About.State = state
		if _, err := Write(t.Context(), r, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", state, err, want)
		}
	}
}
