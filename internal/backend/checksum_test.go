package backend

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDamagedInTheMiddle checks that a plugin in the form of a library, but with another sum than its install's, is
// reported in one line.
func TestDamagedInTheMiddle(t *testing.T) {
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	library, err := os.ReadFile(executable) // a library by its form
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	plugin := filepath.Join(dir, pluginFile("cpu"))
	write(t, plugin+sumExtension, fmt.Sprintf("%x  plugin\n", sha256.Sum256(library)))
	clear(library[len(library)/2:][:200_000])
	write(t, plugin, string(library))
	only(t, dir)
	_, _, err = Open(XLACPU)
	if err == nil || !strings.Contains(err.Error(), "it is damaged") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, "it is damaged")
	}
	if _, choice, err := Open(""); err != nil || choice.Name != Go || !strings.Contains(choice.Why, "it is damaged") {
		t.Errorf("without a request: %+v, %v", choice, err)
	}
}

// TestCheckSum checks that a plugin is hashed unless it is recorded as whole in its present state.
func TestCheckSum(t *testing.T) {
	content := []byte("plugin")
	good := fmt.Sprintf("%x  plugin\n", sha256.Sum256(content))
	damaged := bytes.ToUpper(content) // of the same size
	plugin := filepath.Join(t.TempDir(), "plugin.so")
	only(t, t.TempDir())
	installed := time.Unix(1_700_000_000, 5)
	put := func(content []byte, changed time.Time) {
		t.Helper()
		write(t, plugin, string(content))
		if err := os.Chtimes(plugin, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what, want string) {
		t.Helper()
		err := checkSum(plugin)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", what, err, want)
		}
	}
	put(content, installed)
	expect("no sum", "")
	for _, sum := range []string{"", "plugin", good[:40], "x" + good[1:]} {
		write(t, plugin+sumExtension, sum)
		expect("sum "+sum, "does not begin with a SHA-256")
	}
	write(t, plugin+sumExtension, good)
	put(damaged, installed)
	expect("damaged", "it is damaged")
	expect("damaged, again", "it is damaged")
	put(content, installed)
	expect("whole", "")
	put(damaged, installed.Add(time.Nanosecond))
	expect("damaged since", "it is damaged")

	// The other ways to know, shown by a file that hashing would refuse.
	put(damaged, installed)
	expect("verified by this process", "")
	verifiedHere.Clear()
	expect("verified by another process", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", "")
	expect("another user", "it is damaged")
	write(t, plugin+sumExtension, good+"# 6 1700000000.000000005\n")
	expect("verified by setup", "")
	put(damaged, installed.Add(time.Second))
	expect("changed since setup", "it is damaged")
}
