package notebook

import (
	"strings"
	"testing"

	"engram/plots"
)

func TestALiveTableShowsItsLastStateEscaped(t *testing.T) {
	shown := captureUpdates(t)
	l := NewLiveTable()
	l.Show(&plots.Table{Header: []string{"trial"}, Rows: [][]string{{"1"}}})
	justShown(l.area)
	l.Show(&plots.Table{Header: []string{"trial"}, Rows: [][]string{{"<2>"}}})
	l.Close()
	states := only(t, shown)
	if len(states) != 2 || !strings.Contains(states[1], "<td>&lt;2&gt;</td>") ||
		!strings.Contains(states[1], "<thead><tr><th>trial</th></tr></thead>") ||
		!strings.Contains(states[1], plots.TableScript) {
		t.Errorf("%q", states)
	}
}
