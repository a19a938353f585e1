package watch

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
)

func TestBlocks(t *testing.T) {
	line := func(ys ...float64) (points []point) {
		for i, y := range ys {
			points = append(points, point{float64(i), y})
		}
		return points
	}
	for _, c := range []struct {
		points []point
		cells  int
		want   string
	}{
		{line(0, 1, 2, 3, 4, 5, 6, 7), 8, "▁▂▃▄▅▆▇█"},
		{line(5, 5, 5), 3, "▁▁▁"},
		{line(0, 2, 0, 2, 1, 1), 2, "▁█"},   // means of 2/3 and 4/3
		{line(0, 7), 4, "▁▁▁█"},             // as high as before until the next
		{line(math.NaN(), 0, 7), 3, " ▁█"},  // no number yet
		{line(0, math.Inf(1), 7), 3, "▁▁█"}, // what is not finite has no height
		{nil, 3, "   "},
		{line(3), 3, "  ▁"},
	} {
		if got := blocks(c.points, c.cells); got != c.want {
			t.Errorf("%v in %d cells: %q, want %q", c.points, c.cells, got, c.want)
		}
	}
}

// TestText checks that all that a reader needs is there in every width, and that no line is wider.
func TestText(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	v := one(t, watcher(t, r.Dir))
	v.Dir = "runs/gonogo"
	for _, width := range []int{40, 79, 80, 120, 500} {
		var out bytes.Buffer
		if err := Print(&out, []View{v}, width); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		for _, want := range []string{"runs/gonogo", "finished", "12 of 12", "greedy", "loss", "exploring", "gradient",
			"█"} {
			if !strings.Contains(text, want) {
				t.Errorf("in %d columns it lacks %q:\n%s", width, want, text)
			}
		}
		if strings.Contains(text, "\x1b") {
			t.Errorf("what is no terminal gets commands of one: %q", text)
		}
		for line := range strings.Lines(text) {
			if w := lipgloss.Width(strings.TrimRight(line, "\n")); w > max(width, narrowest) && width >= 79 {
				t.Errorf("in %d columns a line has %d: %s", width, w, line)
			}
		}
	}
}

// TestNamesCannotCommand checks that names and errors from outside reach the terminal without commands to it.
func TestNamesCannotCommand(t *testing.T) {
	const evil = "a\x1b]0;owned\x07\x1b[2J\r\n\u202egnp.exe\xff"
	v := View{Dir: evil, Task: evil, Cell: evil, Backend: evil, State: lab.State(evil), Trouble: []string{evil},
		Updates: 2,
		reward:  &curve{}, greedy: &curve{}, loss: &curve{}, norm: &curve{}}
	var out bytes.Buffer
	if err := Print(&out, []View{v}, 100); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"\x1b", "\x07", "\r", "\u202e", "\xff"} {
		if strings.Contains(out.String(), part) {
			t.Errorf("%q came through", part)
		}
	}
	if !strings.Contains(out.String(), `a\u001b]0;owned\u0007\u001b[2J\u000d\u000a\u202egnp.exe`) {
		t.Errorf("the name cannot be recognised: %s", out.String())
	}
}

// TestScreen drives the terminal's model: it moves through more runs than fit, leaves by q, and ends with the runs.
func TestScreen(t *testing.T) {
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	v := one(t, watcher(t, r.Dir))
	v.State = lab.Running
	views := []View{v, v, v, v}
	for i := range views {
		views[i].Dir = string(rune('a' + i))
	}
	s := &screen{watcher: watcher(t, r.Dir), views: views}
	s.Update(tea.WindowSizeMsg{Width: 100, Height: 12})
	if text := s.View().Content; !strings.Contains(text, "runs 1 to 2 of 4") {
		t.Errorf("twelve lines show\n%s", text)
	}
	for range 9 {
		s.Update(tea.KeyPressMsg{Code: tea.KeyDown})
	}
	if text := s.View().Content; !strings.Contains(text, "runs 4 to 4 of 4") {
		t.Errorf("at the end it shows\n%s", text)
	}
	s.Update(tea.WindowSizeMsg{Width: 100, Height: 80})
	if text := s.View().Content; strings.Contains(text, "of 4") || strings.Count(text, "running") != 4 {
		t.Errorf("where all fit it shows\n%s", text)
	}
	if _, leave := s.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); leave == nil || leave() != tea.Quit() {
		t.Error("q does not leave")
	}
	// it looks again, at the run that has finished
	if _, leave := s.Update(tick{}); leave == nil || leave() != tea.Quit() {
		t.Error("it does not end with the runs")
	}
}

// TestTextWithoutMetrics checks that nothing is shown as measured of a run that has not reported yet.
func TestTextWithoutMetrics(t *testing.T) {
	t.Parallel()
	r := labtest.Train(t, filepath.Join(t.TempDir(), "run"), drqntest.Small(t))
	for _, name := range []string{"metrics.jsonl", "evals.jsonl"} {
		if err := os.Truncate(filepath.Join(r.Dir, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	v := one(t, watcher(t, r.Dir))
	v.Result = nil
	if text := v.Text(80); strings.Count(text, "not yet") != 4 {
		t.Errorf("it shows what was not measured:\n%s", text)
	}
}
