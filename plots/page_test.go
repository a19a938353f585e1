package plots_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"engram/plots"
)

func page(t *testing.T, p plots.Page) string {
	t.Helper()
	var out bytes.Buffer
	n, err := p.WriteTo(&out)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(out.Len()) {
		t.Errorf("WriteTo says %d bytes and wrote %d", n, out.Len())
	}
	return out.String()
}

func TestPageStandsAlone(t *testing.T) {
	t.Parallel()
	html := page(t, plots.Page{Title: "run",
		Sections: []plots.Section{{Charts: []plots.Chart{lines(), heatmap(2), trial(), strips()}}}})
	reference := regexp.MustCompile(`(?i)<(script|link|img|image|iframe|use)\b[^>]*\b(src|href)\s*=\s*["']?([^"'\s>]*)`)
	contents := regexp.MustCompile(`(?s)(<script[^>]*>).*?</script>`)
	for _, found := range reference.FindAllStringSubmatch(contents.ReplaceAllString(html, "$1"), -1) {
		if !strings.HasPrefix(found[3], "data:") {
			t.Errorf("the page needs %q", found[3])
		}
	}
	if strings.Contains(html, "@import") || regexp.MustCompile(`url\(\s*["']?http`).MatchString(html) {
		t.Error("a style needs something from elsewhere")
	}
	if n := strings.Count(html, "<svg"); n < 4 {
		t.Errorf("%d static pictures for 4 charts", n)
	}
}

// renamed sets every text of a chart, however deep, and returns how many there were.
func renamed(v reflect.Value, name string) (count int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(name)
		return 1
	case reflect.Struct:
		for i := range v.NumField() {
			count += renamed(v.Field(i), name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			count += renamed(v.Index(i), name)
		}
	}
	return count
}

// TestNamesCannotRun gives everything in every kind of chart, and on the page around, a name that would run.
func TestNamesCannotRun(t *testing.T) {
	t.Parallel()
	const evil = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'`
	var harmless, renamedCharts []plots.Chart
	for name, chart := range charts() {
		copied := reflect.New(reflect.TypeOf(chart)).Elem()
		copied.Set(reflect.ValueOf(chart))
		if renamed(copied, evil) < 2 {
			t.Errorf("%s has no names", name)
		}
		renamedCharts = append(renamedCharts, copied.Interface().(plots.Chart))
	}
	for _, chart := range charts() { // made anew: the copies share their slices
		harmless = append(harmless, chart)
	}
	html := page(t, plots.Page{Title: evil, Subtitle: evil,
		Sections: []plots.Section{{Heading: evil, Text: evil, Charts: renamedCharts,
			Table: &plots.Table{Header: []string{evil}, Rows: [][]string{{evil}}}}}})
	for _, part := range []string{"<script>alert", "<img src=x"} {
		if strings.Contains(html, part) {
			t.Errorf("%q came through", part)
		}
	}
	plain := page(t, plots.Page{Title: "t", Sections: []plots.Section{{Charts: harmless}}})
	if got, want := strings.Count(html, "</script>"), strings.Count(plain, "</script>"); got != want {
		t.Errorf("%d ends of scripts, %d with harmless names", got, want)
	}
}

func TestSaveReplacesOnlyWhenWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := (plots.Page{Title: "first"}).Save(path); err != nil {
		t.Fatal(err)
	}
	broken := plots.Page{Title: "second",
		Sections: []plots.Section{{Charts: []plots.Chart{plots.Lines{Title: "empty"}}}}}
	if err := broken.Save(path); err == nil || !strings.Contains(err.Error(), `"empty"`) {
		t.Errorf("error %v does not name the chart", err)
	}
	kept, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(kept), "<h1>first</h1>") {
		t.Errorf("the first page is gone (%v)", err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v (%v) lie beside the page", left, err)
	}
	if err := (plots.Page{}).Save(filepath.Join(path, "no", "such")); err == nil {
		t.Error("a path that cannot be is no error")
	}
}

func TestAddfSeparatesCellsByTabs(t *testing.T) {
	table := plots.Table{Header: []string{"a", "b"}}
	table.Addf("%d\t%.1f %%", 3, 50.0)
	table.Addf("alone")
	if want := [][]string{{"3", "50.0 %"}, {"alone"}}; !reflect.DeepEqual(table.Rows, want) {
		t.Errorf("rows %q, want %q", table.Rows, want)
	}
}

// The hash is that of dist/echarts.min.js in the npm package echarts 5.6.0.
func TestEChartsIsTheReleasedOne(t *testing.T) {
	t.Parallel()
	const want = "bf4a223524e40b77c304bec67e1222cf551f14880cf42c69dc046558e11c07b1"
	source, err := os.ReadFile("assets/echarts.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(source)); got != want {
		t.Errorf("sha256 is %s, want %s", got, want)
	}
}
