package sweep

import (
	"os/exec"
	"regexp"
	"testing"
)

// Who carries studies out links nothing that draws: package report does that.
func TestSweepLinksNothingThatDraws(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	drawing := regexp.MustCompile(`.*(go-echarts|gonum/plot|engram/plots|bubbletea).*`)
	if found := drawing.FindAll(out, -1); len(found) > 0 {
		t.Errorf("it links %s", found)
	}
}
