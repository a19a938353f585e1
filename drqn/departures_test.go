package drqn

import (
	"os"
	"regexp"
	"testing"
)

// TestDepartures checks docs/departures.md against the default preset.
func TestDepartures(t *testing.T) {
	text, err := os.ReadFile("../docs/departures.md")
	if err != nil {
		t.Fatal(err)
	}
	c := preset(t, "default")
	line := regexp.MustCompile("(?m)^\\| `([a-z_0-9]+)` \\| [^|]+ \\| `([^`]*)` \\|")
	lines := line.FindAllStringSubmatch(string(text), -1)
	for _, line := range lines {
		if name, said := line[1], line[2]; c.Text(name) != said {
			t.Errorf("%s is %q, the page says %q", name, c.Text(name), said)
		}
	}
	if len(lines) < 20 {
		t.Errorf("%d lines were compared: the page or the pattern has changed", len(lines))
	}
}
