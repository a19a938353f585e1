package watch

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"engram/drqn"
	"engram/lab"
)

// several returns views of n runs, each with a curve.
func several(n int) (views []View) {
	for i := range n {
		reward := &curve{}
		reward.add(0, 0)
		reward.add(1, 1)
		views = append(views, View{
			Dir: fmt.Sprintf("runs/a suite/run & %d", i), State: lab.Finished, Update: 7, Updates: 9, lines: 1,
			Best: &drqn.Evaluation{ShareOfCeiling: float64(i) / 100}, Latest: &drqn.Evaluation{},
			reward: reward, greedy: &curve{}, loss: &curve{}, norm: &curve{},
		})
	}
	return views
}

// TestIndex checks that a page of several runs begins with a table that leads to each of them.
func TestIndex(t *testing.T) {
	for _, n := range []int{0, 1, 2, 4, 5, 12} {
		views := several(n)
		s, err := draw(views)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(s.page), string(s.runs)} {
			table, _, found := strings.Cut(text, "</nav>")
			if found != (n > 1) {
				t.Errorf("%d runs: there is a table: %v", n, found)
			}
			for i, v := range views {
				row := fmt.Sprintf(`<a href="#%s">%s</a></td><td class="finished">finished</td>`, v.Anchor(),
					html.EscapeString(v.Dir))
				if found && (!strings.Contains(table, row) ||
					!strings.Contains(table, fmt.Sprintf("<td>7 of 9</td><td>%d %%</td>", i))) {
					t.Errorf("%d runs: the table lacks %s, or its numbers", n, row)
				}
				if strings.Count(text, fmt.Sprintf(`<article id=%q>`, v.Anchor())) != 1 {
					t.Errorf("%d runs: not one place is run %d", n, i)
				}
			}
		}
	}
}

// TestFolded checks that the charts of more than four runs are folded, except the first; none is lost.
func TestFolded(t *testing.T) {
	fold := regexp.MustCompile(`<details id="[^"]*"( open)?>`)
	for n, want := range map[int][]string{1: nil, 4: nil, 5: {" open", "", "", "", ""}} {
		s, err := draw(several(n))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range fold.FindAllStringSubmatch(string(s.runs), -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d runs are folded as %q, want %q", n, got, want)
		}
		if pictures := strings.Count(string(s.runs), "<svg"); pictures != n {
			t.Errorf("%d runs have %d pictures", n, pictures)
		}
	}
}

// TestIndexOfUnreadable checks that a run that cannot be read at all has its row, too.
func TestIndexOfUnreadable(t *testing.T) {
	views := append(several(5), View{Dir: "gone", State: lab.Unreadable, Trouble: []string{"no such file"}})
	s, err := draw(views)
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`>gone</a></td><td class="unreadable">unreadable</td>\s*` +
		`<td></td><td>not yet</td>\s*<td class="trouble">1</td>`)
	if !row.Match(s.runs) {
		t.Errorf("no row %s in %s", row, s.runs)
	}
}

// A page of several runs has one chart of all of them, before the runs.
func TestTogether(t *testing.T) {
	views := several(3)
	if (board{views}).Together() != nil {
		t.Error("a chart of runs without an evaluation")
	}
	for i := range views {
		views[i].share = &curve{}
		views[i].share.add(0, 0.1)
		views[i].share.add(5, float64(i))
	}
	if (board{views[:1]}).Together() != nil {
		t.Error("one run has a chart of all")
	}
	s, err := draw(views)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(s.runs), "<article")
	if n := strings.Count(before, "<svg"); n != 1 {
		t.Fatalf("%d charts before the runs, want 1", n)
	}
	if strings.Contains(before, "trainable parameters") {
		t.Error("sizes that are unknown are said to differ")
	}
	views[0].parameters, views[1].parameters = 100, 300
	s, err = draw(views)
	if want := "<p class=\"faint\">run &amp; 1 has 300 trainable parameters and run &amp; 0 has 100: "; err != nil ||
		!strings.Contains(string(s.runs), want) {
		t.Errorf("no %q (%v)", want, err)
	}
	for i := range views {
		if name := fmt.Sprintf(">run &amp; %d</text>", i); !strings.Contains(before, name) {
			t.Errorf("the chart does not name %s", name)
		}
	}
}
