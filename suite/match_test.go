package suite

import (
	"strings"
	"testing"
)

// On each task every agent has the size of the first, the plan keeps that it is so, and a notice
// says where it is not.
func TestMatchParameters(t *testing.T) {
	p := small()
	p.Agents = Cells("mpn", "gru", "lstm")
	p.Set["hidden"], p.Set["input_size"] = "32", "16"
	sizes := func(p Plan) map[string][2]int {
		all := map[string][2]int{} // the smallest and the largest on each task
		assignments, err := p.Assignments()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range assignments {
			n, err := a.Config.Trainable()
			if err != nil {
				t.Fatal(err)
			}
			s, found := all[a.Task]
			if !found {
				s = [2]int{n, n}
			}
			all[a.Task] = [2]int{min(s[0], n), max(s[1], n)}
		}
		return all
	}
	if s := sizes(p)["GoNogo"]; s[1] < 3*s[0] {
		t.Errorf("unmatched: %v", s)
	}
	notice, err := p.SizeNotice()
	if err != nil || !strings.HasPrefix(notice, "GoNogo: lstm has ") || !strings.Contains(notice, "and mpn has ") {
		t.Errorf("notice %q, %v", notice, err)
	}
	p.MatchParameters = true
	for task, s := range sizes(p) {
		if float64(s[1]) > 1.1*float64(s[0]) {
			t.Errorf("%s: matched, but %v", task, s)
		}
	}
	if notice, err := p.SizeNotice(); err != nil || notice != "" {
		t.Errorf("notice %q, %v", notice, err)
	}
	dir := create(t, p)
	if read, err := ReadPlan(dir); err != nil || !read.MatchParameters {
		t.Errorf("%+v, %v", read, err)
	}
	p.MatchParameters = false
	if err := Create(dir, p); err == nil || !strings.Contains(err.Error(), "its match_parameters is true, not false") {
		t.Errorf("error %v", err)
	}
}
