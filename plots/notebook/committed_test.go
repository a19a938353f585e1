package notebook

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// After a change of draw.js, 'make notebooks-script' puts it into the committed notebooks.
func TestNotebooksHaveTheLibrary(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var notebook struct {
			Cells []struct {
				Outputs []struct{ Data map[string]any }
			}
		}
		if err := json.Unmarshal(text, &notebook); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, cell := range notebook.Cells {
			for _, output := range cell.Outputs {
				html := joined(output.Data["text/html"])
				if !strings.Contains(html, "Charts are interactive") {
					continue
				}
				found++
				if html != beginning() {
					t.Errorf("%s has another script than plots.Library: run 'make notebooks-script'", path)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("%d notebooks have a script", found)
	}
}

// joined returns the text that a notebook saves as a list of lines.
func joined(lines any) string {
	var all strings.Builder
	list, _ := lines.([]any)
	for _, line := range list {
		all.WriteString(line.(string))
	}
	return all.String()
}
