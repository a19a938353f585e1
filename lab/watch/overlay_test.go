package watch

import (
	"bytes"
	"math"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"engram/drqn"
	"engram/internal/drqntest"
	"engram/internal/labtest"
	"engram/lab"
)

// evaluated returns a view of a running run with the given evaluations, at updates 0, 100 and so on.
func evaluated(dir string, shares ...float64) View {
	v := View{Dir: dir, State: lab.Running, Latest: &drqn.Evaluation{}, Best: &drqn.Evaluation{}, share: &curve{},
		reward: &curve{}, greedy: &curve{}, loss: &curve{}, norm: &curve{}}
	for i, s := range shares {
		v.share.add(float64(100*i), s)
	}
	return v
}

// rowsOf returns the rows of an overlay's chart without the numbers beside it.
func rowsOf(text string) (rows []string) {
	for line := range strings.Lines(text) {
		if _, row, found := strings.Cut(line, "│"); found {
			rows = append(rows, strings.TrimRight(row, "\n"))
		}
	}
	return rows
}

// TestOverlay draws two runs over each other: one rises and the other falls, and they meet in the middle.
func TestOverlay(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := Print(&out, []View{evaluated("x/a", 0, 1), evaluated("y/a", 1, 0)}, 40); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	rows := rowsOf(text)
	if len(rows) != overlayRows {
		t.Fatalf("%d rows:\n%s", len(rows), text)
	}
	for i, row := range rows { // the lines are mirrored about the middle
		if got := []rune(strings.ReplaceAll(row, " ", "")); i < overlayRows/2-1 && (got[0] != 'b' ||
			got[len(got)-1] != 'a' || strings.IndexRune(row, 'b') > strings.IndexRune(row, 'a')) {
			t.Errorf("row %d is %q", i, row)
		}
	}
	for _, want := range []string{"share of the ceiling", "      1│", "      0│", "└0", "100 updates", "a x/a 1",
		"b y/a 0"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Errorf("what is no terminal gets commands of one: %q", text)
	}
	large, small := evaluated("a", 0, 1), evaluated("b", 0, 1)
	large.parameters, small.parameters = 300, 100
	out.Reset()
	if err := Print(&out, []View{large, small}, 40); err != nil {
		t.Fatal(err)
	}
	text = out.String()
	_, notice, found := strings.Cut(text, "a has 300 trainable parameters and b has")
	notice, _, _ = strings.Cut(notice, "\n\n")
	if !found || strings.Contains(notice, " \n") || !strings.HasPrefix(strings.TrimSpace(notice), "100: ") {
		t.Errorf("sizes differ without a notice:\n%s", text)
	}
	if letters := strings.Trim(strings.Join(rowsOf(text), ""), " *"); letters != "" ||
		!strings.Contains(text, "* several") {
		t.Errorf("runs that are equal are drawn as\n%s", text)
	}
}

// TestOverlayOfOddRuns draws runs without evaluations, with one, with values that are not finite, with names from
// outside, and more than can be told apart; no line is wider than the terminal.
func TestOverlayOfOddRuns(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	many := make([]View, 12)
	for i := range many {
		many[i] = evaluated(string(rune('p'+i%4))+"/a long name of a run that does not fit", 0.1*float64(i), 0.5)
	}
	for name, c := range map[string]struct {
		views     []View
		has, lack string
	}{
		"alone":       {[]View{evaluated("a", 0, 1)}, "", "ceiling"},
		"not yet":     {[]View{evaluated("a"), evaluated("b")}, "", "ceiling"},
		"one of two":  {[]View{evaluated("a"), evaluated("b", 0.5)}, "a b 0.5", "b b"},
		"not finite":  {[]View{evaluated("a", nan, 0.25, inf), evaluated("b", nan)}, "a a 0.25", "NaN"},
		"below zero":  {[]View{evaluated("a", -2, 1.5), evaluated("b", 0)}, "     -2│", "NaN"},
		"huge":        {[]View{evaluated("a", -1e308, 1e308), evaluated("b", 0)}, "1e+308│", "NaN"},
		"commands":    {[]View{evaluated("a\x1b[2Jb\n", 1, 0), evaluated("b", 0)}, `\u001b[2J`, "\x1b"},
		"more":        {many, "and 4 more", "i p/"},
		"unread runs": {[]View{{Dir: "a"}, {Dir: "b"}}, "", "ceiling"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, width := range []int{1, 40, 79, 500} {
				var out bytes.Buffer
				if _, err := lipgloss.Fprint(&out, Overlay(c.views, width)); err != nil {
					t.Fatal(err)
				}
				text := out.String()
				if !strings.Contains(text, c.has) || c.lack != "" && strings.Contains(text, c.lack) {
					t.Errorf("in %d columns:\n%s", width, text)
				}
				for line := range strings.Lines(text) {
					if w := lipgloss.Width(strings.TrimRight(line, "\n")); w > min(max(width, narrowest), widest) {
						t.Errorf("in %d columns a line has %d: %s", width, w, line)
					}
				}
			}
		})
	}
}

// TestScreenWithOverlay lays two runs over each other where there is room, and hides that by a key.
func TestScreenWithOverlay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		labtest.Train(t, filepath.Join(dir, name), drqntest.Small(t))
	}
	views := watcher(t, dir).Look()
	for i := range views {
		views[i].State = lab.Running
	}
	s := &screen{views: views}
	drawn := func() bool { return strings.Contains(s.View().Content, "greedy evaluations") }
	s.Update(tea.WindowSizeMsg{Width: 100, Height: 40})
	if text := s.View().Content; !drawn() || strings.Count(text, "running") != 2 || !strings.Contains(text, "o shows") {
		t.Errorf("forty lines show\n%s", text)
	}
	s.Update(tea.WindowSizeMsg{Width: 100, Height: 21})
	if text := s.View().Content; !drawn() || !strings.Contains(text, "runs 1 to 1 of 2") ||
		strings.Count(text, "\n")+1 > 21 {
		t.Errorf("21 lines show\n%s", text)
	}
	s.Update(tea.WindowSizeMsg{Width: 100, Height: 12})
	if drawn() {
		t.Errorf("twelve lines show\n%s", s.View().Content)
	}
	s.Update(tea.WindowSizeMsg{Width: 100, Height: 40})
	for _, want := range []bool{false, true} {
		if s.Update(tea.KeyPressMsg{Code: 'o', Text: "o"}); drawn() != want {
			t.Errorf("after o the overlay is there: %t", drawn())
		}
	}
}
