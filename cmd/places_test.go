package cmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	analysis "engram/analysis/report"
	"engram/lab"
	"engram/lab/export"
	"engram/lab/record"
	"engram/lab/report"
	"engram/suite"
	suitereport "engram/suite/report"
	"engram/sweep"
	sweepreport "engram/sweep/report"
)

// writers has a line for every command with a flag that names what it writes; $FILE is a file to write, and $DIR a
// folder to write into.
var writers = []string{
	"analyse RUN --out $FILE", "analyse RUN --over-training --out $FILE", "record RUN --out $FILE",
	"perturb RUN --wipe delay --out $FILE", "report --run RUN --out $FILE", "report RUN RUN --out $FILE",
	"suite report SUITE --out $FILE", "sweep report STUDY --out $FILE", "bench growth --out $FILE",
	"tasks show GoNogo --svg $FILE", "classroom --file $FILE", "classroom --out $DIR",
	"export RUN --format csv --out $DIR", "train --task GoNogo --run $DIR", "demo --run $DIR", "suite run --out $DIR",
	"sweep run STUDY.json --out $DIR", "sweep make STUDY.json --out $DIR", "kernel install --data $DIR",
	"selftest kills --dir $DIR", "selftest soak --dir $DIR",
}

// begun runs a command line up to the command's own work, and counts how often that begins.
func begun(line []string) (times int, err error) {
	root := newRoot()
	var count func(c *cobra.Command)
	count = func(c *cobra.Command) {
		c.RunE = func(*cobra.Command, []string) error { times++; return nil }
		for _, below := range c.Commands() {
			count(below)
		}
	}
	count(root)
	root.SetArgs(line)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	err = root.Execute()
	return times, err
}

// TestPlacesBeforeWork gives every command that writes a place where it cannot: one line that names the place and the
// remedy, before its work begins.
func TestPlacesBeforeWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, fifo := filepath.Join(dir, "file"), filepath.Join(dir, "fifo")
	put(t, file, "old", 0o644)
	if err := syscall.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(dir, strings.Repeat("a", 300))
	bad := map[string]map[string]string{ // the remedy for each bad place
		"$FILE": {filepath.Join(dir, "no", "such"): "make it", dir: "name a file", fifo: "name another",
			file + "/below": "folder", "/proc/a": "name one in a folder that you can write", long: "use a shorter one"},
		"$DIR": {file: "name", fifo: "name", file + "/below": "name", "/proc/a": "name", long: "use a shorter one"},
	}
	good := map[string]string{"$FILE": file, "$DIR": dir}
	for _, line := range writers {
		words := strings.Fields(line)
		last := len(words) - 1
		kind := words[last]
		words[last] = good[kind]
		if times, err := begun(words); times != 1 || err != nil {
			t.Errorf("%s: began %d times, %v", words, times, err)
		}
		for place, remedy := range bad[kind] {
			switch {
			case line == "bench growth --out $FILE" && remedy == "make it", // it makes the folder
				words[0] == "demo" && (place == file || place == fifo): // it adds a number
				continue
			}
			words[last] = place
			times, err := begun(words)
			if err == nil || !strings.Contains(err.Error(), place[:min(len(place), 30)]) ||
				!strings.Contains(err.Error(), remedy) || strings.Contains(err.Error(), "\n") || times != 0 {
				t.Errorf("%.200s: began %d times, %v, want %s", words, times, err, remedy)
			}
		}
	}
	left, err := os.ReadDir(dir)
	if data, failed := os.ReadFile(file); err != nil || failed != nil || len(left) != 2 || string(data) != "old" {
		t.Errorf("left %v, %v and %q, %v", left, err, data, failed)
	}
}

// TestEveryPlaceIsChecked fails if a flag that names what a command writes has no line in the table.
func TestEveryPlaceIsChecked(t *testing.T) {
	t.Parallel()
	reads := []string{"engram eval --run", "engram report --run", "engram kernel remove --data"}
	commands(func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			flag := c.CommandPath() + " --" + f.Name
			if !slices.Contains([]string{"out", "svg", "file", "run", "dir", "data"}, f.Name) ||
				slices.Contains(reads, flag) {
				return
			}
			if !slices.ContainsFunc(writers, func(line string) bool {
				path, _, _ := strings.Cut(c.CommandPath(), " ")
				return strings.HasPrefix(path+" "+line, c.CommandPath()) && strings.Contains(line, " --"+f.Name+" ")
			}) {
				t.Errorf("%s: say in the table what it writes", flag)
			}
		})
	})
}

// TestFoldersNotWritable runs commands whose default place is in a folder that this user may only read: each says so
// before it begins.
func TestFoldersNotWritable(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	for _, name := range []string{"run", "suite", "study"} {
		path := filepath.Join(dir, name)
		if err := os.Chmod(path, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(path, 0o755) })
	}
	for line, file := range map[string]string{
		"analyse $RUN": "run/analysis.html", "report --run $RUN": "run/report.html",
		"export $RUN --format csv": "run/export", "suite report $SUITE": "suite/report.html",
		"suite holds $SUITE": "suite/holds.jsonl", "sweep report $STUDY": "study/report.html"} {
		words := strings.Join(fill(line, dir, ""), " ")
		// without rights of root, which may write everywhere
		_, said := shell(t, "! $engram "+words, "unshare", "--user")
		oneError(t, line, said, filepath.Join(dir, file)+" cannot be written: permission denied: name one in")
	}
}

// TestLibraryPlacesBeforeWork calls what writes a file with a place where it cannot, and without what it would read.
func TestLibraryPlacesBeforeWork(t *testing.T) {
	t.Parallel()
	nowhere := filepath.Join(t.TempDir(), "no", "such")
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, "", 0o644)
	run := &lab.Run{Dir: nowhere}
	for name, err := range map[string]error{
		"analysis": third(analysis.Write(t.Context(), run, nil, "", analysis.Options{})),
		"report":   second(report.Write(t.Context(), run, "")),
		"compare":  second(compareRuns(nil, nowhere+"/a.html")),
		"suite":    second(suitereport.Write(nowhere, "")),
		"sweep":    second(sweepreport.Write(&sweep.Reader{Dir: nowhere}, "")),
		"record":   second(record.Write(t.Context(), nil, nowhere+"/a.npz", record.Options{})),
		"export":   second(export.Write(nil, "csv", file)),
		"archive":  suite.Archive(nowhere, file+"/below"),
	} {
		if err == nil || !strings.Contains(err.Error(), "its folder "+nowhere+" does not exist: make it") &&
			!strings.Contains(err.Error(), file+" is not a folder: name another") &&
			!strings.Contains(err.Error(), "use another directory") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[A any](_ A, err error) error { return err }

func third[A, B any](_ A, _ B, err error) error { return err }

// TestEmptyPaths gives every flag and argument that names a file or a folder an empty one: one line with the remedy,
// before the work begins.
func TestEmptyPaths(t *testing.T) {
	t.Parallel()
	const words = " has no name: give it one"
	tried := 0
	commands(func(c *cobra.Command) {
		path := strings.Fields(c.CommandPath())[1:]
		check := func(line []string) {
			tried++
			if times, err := begun(line); err == nil || !strings.Contains(err.Error(), words) || times != 0 {
				t.Errorf("%q: began %d times, %v", line, times, err)
			}
		}
		args := []string{}
		for _, word := range strings.Fields(c.Use)[1:] {
			if word = strings.Trim(word, "[]."); word != strings.ToUpper(word) && word != "STUDY.json" ||
				slices.Contains([]string{"NAME", "PACKAGE"}, word) || strings.HasPrefix(word, "-") {
				break
			}
			args = append(args, "")
		}
		if len(args) > 0 {
			check(slices.Concat(path, args))
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			value, _ := pflag.UnquoteUsage(f)
			if slices.Contains([]string{"file", "directory", "folder", "run"}, value) {
				check(append(slices.Concat(path, slices.Repeat([]string{"a"}, len(args))), "--"+f.Name, ""))
			}
		})
	})
	if tried < 40 {
		t.Errorf("%d were tried", tried)
	}
}

// TestFlagsThatExclude sets flags that exclude each other: the error has the remedy, in engram's words.
func TestFlagsThatExclude(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"suite memory DIR --json --times":        "--json and --times exclude each other: use one of them",
		"suite table DIR --json --csv --md":      "--csv and --json and --md exclude each other",
		"watch RUN --serve --once":               "--once and --serve exclude each other",
		"suite run --out DIR --plan p --seeds 3": "--plan and --seeds exclude each other",
	} {
		times, err := begun(strings.Fields(line))
		if err == nil || times != 0 || !strings.Contains(err.Error(), want) || !errors.As(err, &usageError{}) {
			t.Errorf("%s: began %d times, %v, want %q", line, times, err, want)
		}
	}
}
