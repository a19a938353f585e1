package notebook

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"engram/plots"
)

// captureUpdates collects what areas of cells would show, by the id of the area.
func captureUpdates(t *testing.T) map[string][]string {
	t.Helper()
	shown := map[string][]string{}
	before := update
	update = func(id, html string) error { shown[id] = append(shown[id], html); return nil }
	t.Cleanup(func() { update = before })
	return shown
}

// only returns what the one area showed.
func only(t *testing.T, shown map[string][]string) []string {
	t.Helper()
	if len(shown) != 1 {
		t.Fatalf("%d areas, want 1", len(shown))
	}
	for _, states := range shown {
		return states
	}
	return nil
}

// justShown stops an area's clock: what is set now comes sooner than one sees.
func justShown(a *area) { a.shown = time.Now().Add(time.Hour) }

func TestLiveChartsReplaceEachOtherAndTheLastStays(t *testing.T) {
	shown := captureUpdates(t)
	live := NewLive()
	if len(shown) > 0 {
		t.Error("something shows before the first chart")
	}
	for _, title := range []string{"first", "second", "third", "last"} {
		live.Show(line(title), line("below"))
		justShown(live.area)
	}
	if states := only(t, shown); len(states) != 1 || !strings.Contains(states[0], "first") {
		t.Fatalf("%d states show; want the first at once, and no other before its time", len(states))
	}
	live.Close()
	live.Close()
	states := only(t, shown)
	if len(states) != 2 || !strings.Contains(states[1], "<h4>last</h4>") ||
		strings.Count(states[1], "data:image/svg+xml;base64,") != 2 {
		t.Errorf("%d states; the last must have the last chart and the one below it as pictures, too", len(states))
	}
	if !strings.Contains(states[1], `"animation":false`) {
		t.Error("a chart that is drawn anew grows from nothing each time")
	}
}

// TestClearLeavesNothing removes a bar and a chart of work that was refused; what never showed stays away.
func TestClearLeavesNothing(t *testing.T) {
	shown := captureUpdates(t)
	bar, live := NewBar(300, 300, "updates"), NewLive()
	live.Show(line("of another run"))
	bar.Set(300, "not shown yet")
	bar.Clear()
	live.Clear()
	NewLive().Clear()
	if len(shown) != 2 {
		t.Errorf("%d areas, want those of the bar and the chart", len(shown))
	}
	for _, states := range shown {
		if last := states[len(states)-1]; len(states) < 2 || last != "" {
			t.Errorf("%d states, the last %q; want it empty", len(states), last)
		}
	}
}

func TestLiveChartsAreDrawnAgainAfterAWhile(t *testing.T) {
	shown := captureUpdates(t)
	live := NewLive()
	live.Show(line("first"))
	live.area.shown = time.Now().Add(-redrawEvery)
	live.Show(line("second"))
	if states := only(t, shown); len(states) != 2 || !strings.Contains(states[1], "second") {
		t.Errorf("%d states show, want the second chart too", len(states))
	}
}

// Of a heatmap with a slider, animation is turned off where ECharts looks for it.
func TestStillSlider(t *testing.T) {
	h := plots.Heatmap{Title: "M", Matrices: [][][]float64{{{1}}, {{2}}}, Frames: []string{"a", "b"}}
	options, err := still{h}.Options()
	if err != nil {
		t.Fatal(err)
	}
	if base := options["baseOption"].(map[string]any); base["animation"] != false {
		t.Errorf("animation is %v", base["animation"])
	}
}

func TestLiveFailsTheCell(t *testing.T) {
	captureUpdates(t)
	defer func() {
		if recover() == nil {
			t.Error("an empty chart is no panic")
		}
	}()
	NewLive().Show(plots.Lines{Title: "empty"})
}

func TestBar(t *testing.T) {
	shown := captureUpdates(t)
	bar := NewBar(1000, 200, "updates")
	justShown(bar.area)
	bar.Set(500, "loss <0.1")
	bar.Set(1000, "solved")
	bar.Close()
	states := only(t, shown)
	if len(states) != 2 {
		t.Fatalf("%d states, want the first and the last", len(states))
	}
	for i, wants := range [][]string{{`max="1000" value="200"`, "200 of 1000 updates"},
		{`value="1000"`, "1000 of 1000 updates", "· solved"}} {
		for _, want := range wants {
			if !strings.Contains(states[i], want) {
				t.Errorf("state %d lacks %q: %s", i, want, states[i])
			}
		}
		if strings.Contains(states[i], "left") {
			t.Errorf("state %d tells the time left, of nothing done or nothing to do: %s", i, states[i])
		}
	}
	// 300 of 800 in 3 s: 5 s for the other 500; what was done before counts not.
	bar.began = time.Now().Add(-3 * time.Second)
	bar.area.shown = time.Time{}
	bar.Set(500, "loss <0.1")
	states = only(t, shown)
	if last := states[len(states)-1]; !strings.Contains(last, "about 5 s left") ||
		!strings.Contains(last, "loss &lt;0.1") {
		t.Errorf("the bar says %s", last)
	}
	justShown(bar.area)
	bar.Set(500, "compiling")
	bar.Flush()
	if states = only(t, shown); !strings.Contains(states[len(states)-1], "compiling") {
		t.Errorf("at once the bar says %s", states[len(states)-1])
	}
}

func TestInterruptible(t *testing.T) {
	ctx, stop := Interruptible()
	defer stop()
	if ctx.Err() != nil {
		t.Fatal(ctx.Err())
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Error("an interrupt does not cancel")
	}
}
