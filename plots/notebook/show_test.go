package notebook

import (
	"strings"
	"testing"
	"time"

	"engram/plots"
)

func TestATableOfACellScrolls(t *testing.T) {
	shown := capture(t)
	ShowTable(&plots.Table{Header: []string{"a"}, Rows: [][]string{{"<b>"}}})
	if s := shown.String(); !strings.Contains(s, "overflow-x: auto") || !strings.Contains(s, "<td>&lt;b&gt;</td>") {
		t.Errorf("the table is %s", s)
	}
}

func TestABarOfWorkDoneElsewhereSaysItsTime(t *testing.T) {
	shown := captureUpdates(t)
	bar := NewBar(800, 200, "updates")
	bar.Took(33 * time.Second)
	bar.Set(200, "")
	bar.Close()
	states := only(t, shown)
	if last := states[len(states)-1]; !strings.Contains(last, "33.0 s") {
		t.Errorf("the bar says %s", last)
	}
}
