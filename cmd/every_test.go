package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// use is how a test runs a command.
type use struct {
	args   string // $RUN, $SUITE, $STUDY and $FILE (the study's) are there, $NEW is to be made
	trains bool   // it continues although nobody reads what it prints
	stop   bool   // it is interrupted, because it would take long
}

// uses has every command: one that is new needs a line here.
var uses = map[string]use{
	"engram":                {},
	"engram help":           {args: "train"},
	"engram demo":           {args: "--backend go --run $NEW", trains: true, stop: true},
	"engram train":          {args: small + " --run $NEW", trains: true},
	"engram resume":         {args: "$RUN --no-report", trains: true},
	"engram eval":           {args: "--run $RUN --trials 3 --task-options {\"timing\":{\"delay\":200}}"},
	"engram report":         {args: "--run $RUN --out $NEW"},
	"engram watch":          {args: "$RUN"},
	"engram runs":           {args: "$RUN"},
	"engram export":         {args: "$RUN --format csv"},
	"engram record":         {args: "$RUN --trials 3 --out $NEW"},
	"engram perturb":        {args: "$RUN --wipe delay --trials 3"},
	"engram analyse":        {args: "$RUN --trials 40 --out $NEW"},
	"engram digest":         {args: "$RUN"},
	"engram tasks":          {args: "--trials 2"},
	"engram tasks show":     {args: "GoNogo"},
	"engram tasks trace":    {args: "GoNogo --steps 20"},
	"engram tasks serve":    {}, // an error: stdin has no first line
	"engram env":            {},
	"engram env show":       {args: "gymnasium:CartPole-v1 --python nowhere/python"}, // an error: there is no Python
	"engram env list":       {args: "gymnasium --python nowhere/python"},
	"engram suite":          {},
	"engram suite run":      {args: "--out $NEW " + smallSuite + " --seeds 1", trains: true},
	"engram suite table":    {args: "$SUITE"},
	"engram suite memory":   {args: "$SUITE"}, // an error: it has no lengths
	"engram suite holds":    {args: "$SUITE --trials 40"},
	"engram suite report":   {args: "$SUITE --out $NEW"},
	"engram suite archive":  {args: "$SUITE $NEW"},
	"engram sweep":          {},
	"engram sweep run":      {args: "$FILE --workers 1 --out $NEW", trains: true},
	"engram sweep make":     {args: "$FILE --out $NEW"},
	"engram sweep resume":   {args: "$STUDY --workers 1", trains: true},
	"engram sweep worker":   {args: "$STUDY", trains: true},
	"engram sweep status":   {args: "$STUDY"},
	"engram sweep best":     {args: "$STUDY"},
	"engram sweep report":   {args: "$STUDY --out $NEW"},
	"engram sweep export":   {args: "$STUDY --csv"},
	"engram sweep check":    {args: "$STUDY"},
	"engram sweep submit":   {args: "$STUDY --engine slurm --dry-run"},
	"engram lab":            {args: "$FILE"}, // an error: it is no folder
	"engram new":            {args: "$NEW"},
	"engram classroom":      {args: "--out $FILE"}, // an error: it is no folder
	"engram kernel":         {},
	"engram kernel install": {args: "--data $NEW"}, // an error outside the clone
	"engram kernel remove":  {args: "--data $NEW"},
	"engram doctor":         {},
	"engram bench":          {args: "--backend go --rounds 1 --only push"},
	"engram bench growth":   {args: "--rounds 0"}, // an error: one round takes long, and cannot be interrupted
	"engram selftest":       {},
	"engram selftest kills": {args: "--kills 9 --updates 90 --backend go", stop: true},
	"engram selftest soak":  {args: "--for 1m --every 1s --backend go", stop: true},
}

// readers are further uses, of commands that read what they are not always given.
var readers = []struct {
	path, thing, file string // what is read, and the one file of it; "": all its files
	use               use
}{
	{"engram train", "run", "config.json", use{args: "--config $RUN/config.json --updates 1 --run $NEW --no-report"}},
	{"engram train", "run", "", use{args: small + " --from $RUN --run $NEW --no-report"}},
	{"engram suite run", "suite", "suite.json", use{args: "--plan $SUITE/suite.json --workers 1 --out $NEW"}},
	{"engram suite table", "suite", "timing.jsonl",
		use{args: "$SUITE --references $SUITE/GoNogo/mpn/seed-0/timing.jsonl"}},
	{"engram report", "run", "", use{args: "$RUN $RUN --out $NEW"}},
	{"engram report", "suite", "", use{args: "$SUITE $SUITE --out $NEW"}},
	{"engram watch", "suite", "", use{args: "$SUITE"}},
	{"engram runs", "study", "", use{args: "$STUDY"}},
}

// notRead are flags that name a file or a folder, and that no command reads from: it writes there, starts it, or has it
// on another machine.
var notRead = []string{"out", "file", "run", "svg", "dir", "python", "mount", "engram"}

// TestEveryCommandIsUsed fails if a command has no line in the table, or a line no command, and if a flag that names a
// file or a folder is in no use.
func TestEveryCommandIsUsed(t *testing.T) {
	seen := map[string]bool{}
	commands(func(c *cobra.Command) {
		seen[c.CommandPath()] = true
		if _, found := uses[c.CommandPath()]; !found {
			t.Errorf("%s: say in the table how a test runs it", c.CommandPath())
		}
		args := uses[c.CommandPath()].args
		for _, reader := range readers {
			if reader.path == c.CommandPath() {
				args += " " + reader.use.args
			}
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			value, _ := pflag.UnquoteUsage(f)
			isPath := slices.Contains([]string{"file", "directory", "folder", "path", "run"}, value)
			if isPath && !slices.Contains(notRead, f.Name) && !strings.Contains(args, "--"+f.Name+" ") {
				t.Errorf("%s --%s names a %s: say in a table how a test gives it one", c.CommandPath(), f.Name, value)
			}
		})
	})
	for path := range uses {
		if !seen[path] {
			t.Errorf("%s does not exist", path)
		}
	}
}

const studyText = `{"goal": {"kind": "function", "function": "branin"}, "sampler": {"kind": "random"}, "trials": 3,
	"space": [{"name": "x", "kind": "float", "low": -5, "high": 10},
		{"name": "y", "kind": "float", "low": 0, "high": 15}]}`

// made makes a run, a suite and a study, once.
var made = sync.OnceValues(func() (dir string, err error) {
	dir = filepath.Join(scratch, "made")
	if err = os.Mkdir(dir, 0o755); err != nil {
		return
	}
	err = os.WriteFile(filepath.Join(dir, "study.json"), []byte(studyText), 0o644)
	for _, args := range []string{
		"train --run $RUN " + small,
		"suite run --seeds 1 --out $SUITE " + smallSuite,
		"sweep run $FILE --workers 1 --out $STUDY",
	} {
		command := exec.Command(binary(), fill(args, dir, "")...)
		if out, failed := command.CombinedOutput(); failed != nil {
			err = errors.Join(err, failed, errors.New(string(out)))
		}
	}
	return
})

// fill puts the paths of a folder into the arguments of a command.
func fill(args, dir, new string) []string {
	in := func(name string) string { return filepath.Join(dir, name) }
	return strings.Fields(strings.NewReplacer("$RUN", in("run"), "$SUITE", in("suite"), "$STUDY", in("study"),
		"$FILE", in("study.json"), "$NEW", new).Replace(args))
}

// patience is the time after which a command hangs.
const patience = time.Minute

// ended is the result of a command.
type ended struct {
	out, errs string
	code      int // -1: it was killed by a signal
	signal    syscall.Signal
}

// The cases in which nobody reads any more what a command prints: its result, or its result and its errors.
const unread, lonely = "unread", "lonely"

// start runs a command of the table on a copy of what was made, in a shell that first executes prepare. It checks what
// holds in all circumstances: the command ends, and without a stack trace.
func (u use) start(t *testing.T, path, prepare, dir, new string, during func(*exec.Cmd)) ended {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args := append(strings.Fields(path)[1:], fill(u.args, dir, new)...)
	command := exec.CommandContext(ctx, "sh", append([]string{"-c", prepare, binary()}, args...)...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr, command.WaitDelay, command.Dir = &out, &errs, time.Second, t.TempDir()
	if during == nil && u.stop {
		during = interrupt
	}
	if name := filepath.Base(new); name == unread || name == lonely {
		reader, writer, err := os.Pipe()
		if err = errors.Join(err, reader.Close()); err != nil {
			t.Fatal(err)
		}
		defer writer.Close()
		command.Stdout = writer
		if name == lonely {
			command.Stderr = writer
		}
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if during != nil {
		during(command)
	}
	err := command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Errorf("%s: %v", path, err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s %v, by %q, does not end", path, args, prepare)
	}
	for _, bad := range []string{"goroutine ", "panic:", "fatal error:"} {
		if strings.Contains(errs.String(), bad) {
			t.Errorf("%s, by %q, says %s", path, prepare, errs.String())
		}
	}
	status, _ := command.ProcessState.Sys().(syscall.WaitStatus)
	code := command.ProcessState.ExitCode()
	if status.Signaled() && status.Signal() == syscall.SIGINT { // before it handles interrupts: as a shell reports it
		code = 130
	}
	return ended{out.String(), errs.String(), code, status.Signal()}
}

func interrupt(command *exec.Cmd) {
	time.Sleep(300 * time.Millisecond) // it has begun to work
	command.Process.Signal(os.Interrupt)
}

// hangUp sends the hang-up of a terminal to a process that ignores it, once it does.
func hangUp(command *exec.Cmd) {
	ignores := regexp.MustCompile(`SigIgn:\s+[0-9a-f]+[13579bdf]\n`) // the lowest bit is SIGHUP
	for range 1000 {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", command.Process.Pid))
		if err != nil || ignores.Match(status) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	command.Process.Signal(syscall.SIGHUP)
}

// copied returns the folder of a copy of what was made.
func copied(t *testing.T) string {
	t.Helper()
	from, err := made()
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestEveryCircumstance runs every command with its output closed, on a full disk and without a reader, with hang-ups
// ignored, and under two umasks.
func TestEveryCircumstance(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	for path, u := range uses {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := dir
			if strings.Contains(u.args, "$STUDY") || strings.Contains(u.args, "$RUN") {
				dir = copied(t) // it may write there
			}
			run := func(name, prepare string, during func(*exec.Cmd)) ended {
				return u.start(t, path, prepare, dir, filepath.Join(top, name), during)
			}
			usual := run("usual", `exec "$0" "$@"`, nil)
			printed(t, run, usual)
			if path == "engram selftest kills" && usual.code != 130 {
				t.Errorf("interrupted: exit %d, it says %q", usual.code, usual.errs)
			}
			if u.stop || usual.code != 0 { // at least its help can be printed
				help := func(name, prepare string, during func(*exec.Cmd)) ended {
					return use{args: "--help"}.start(t, path, prepare, dir, filepath.Join(top, name), during)
				}
				printed(t, help, help("usual", `exec "$0" "$@"`, nil))
			}
			if mute := run("mute", `exec "$0" "$@" 2>/dev/full`, nil); mute.code != usual.code {
				t.Errorf("errors to a full disk: exit %d, usually %d", mute.code, usual.code)
			}
			u.heldOut(t, run(lonely, `exec "$0" "$@"`, nil), usual, filepath.Join(top, lonely))
			if !u.stop {
				if on := run("nohup", `trap "" HUP; exec "$0" "$@"`, hangUp); on.code != usual.code {
					t.Errorf("hang-ups ignored: exit %d by %v, usually %d: %s", on.code, on.signal, usual.code, on.errs)
				}
			}
			for _, umask := range []fs.FileMode{0o077, 0o002} {
				mask := map[fs.FileMode]string{0o077: "077", 0o002: "002"}[umask]
				run("umask"+mask, "umask "+mask+`; exec "$0" "$@"`, nil)
				follows(t, filepath.Join(top, "umask"+mask), umask)
			}
		})
	}
}

// printed runs a command with a standard output that is closed, full, or read by nobody: a result that was not written
// is an error that says so, and nothing else becomes one. Go opens /dev/null in the place of a closed output.
func printed(t *testing.T, run func(name, prepare string, during func(*exec.Cmd)) ended, usual ended) {
	t.Helper()
	const unwritten = "engram: the result could not be written: "
	for name, prepare := range map[string]string{"closed": `exec "$0" "$@" >&-`, unread: `exec "$0" "$@"`} {
		if e := run(name, prepare, nil); usual.code == 0 && e.code != 0 &&
			(e.code != 1 || !strings.Contains(e.errs, unwritten)) {
			t.Errorf("output that is %s: exit %d by %v, it says %q", name, e.code, e.signal, e.errs)
		}
	}
	full := run("full", `exec "$0" "$@" >/dev/full`, nil)
	switch {
	case usual.code == 0 && usual.out != "":
		if full.code != 1 || !strings.Contains(full.errs, unwritten) || !strings.Contains(full.errs, "no space left") {
			t.Errorf("output to a full disk: exit %d, it says %q", full.code, full.errs)
		}
	case usual.out == "" && full.code != usual.code:
		t.Errorf("missing output to a full disk: exit %d, usually %d", full.code, usual.code)
	}
}

// heldOut checks the result of a command without a reader: one that trains was not killed and came to its end.
func (u use) heldOut(t *testing.T, without, usual ended, new string) {
	t.Helper()
	switch {
	case without.code == usual.code, without.code == 1: // 1: its result could not be printed
	case !u.trains && without.signal == syscall.SIGPIPE: // as other programs end
	default:
		t.Errorf("without a reader: exit %d by %v, usually %d", without.code, without.signal, usual.code)
	}
	if about, err := os.ReadFile(filepath.Join(new, "run.json")); err == nil && !u.stop &&
		!bytes.Contains(about, []byte(`"finished"`)) {
		t.Errorf("without a reader: the run became %s", about)
	}
}

// follows checks that what was made has the permissions that the umask leaves.
func follows(t *testing.T, top string, umask fs.FileMode) {
	t.Helper()
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == top { // it makes nothing
			return nil
		} else if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := 0o666 &^ umask
		if entry.IsDir() {
			want = 0o777 &^ umask
		}
		if got := info.Mode().Perm(); got != want && got != want|0o111&^umask {
			t.Errorf("umask %03o: %s has %03o, want %03o", umask, path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestEveryFile puts a FIFO, and a sparse file of 4 TB, into the place of each file of a run, a suite and a study, and
// runs every command that reads there: none hangs or crashes.
func TestEveryFile(t *testing.T) {
	t.Parallel()
	from := copied(t)
	try := func(path, thing, only string, u use) {
		t.Run(strings.Join(strings.Fields(thing+"/"+only+" by "+path+" "+u.args), " "), func(t *testing.T) {
			t.Parallel()
			for _, file := range filesOf(t, from, thing) {
				if only == "" || only == filepath.Base(file) {
					u.inStrangePlace(t, path, from, thing, file)
				}
			}
		})
	}
	for thing, placeholder := range map[string]string{"run": "$RUN", "suite": "$SUITE", "study": "$STUDY",
		"study.json": "$FILE"} {
		for path, u := range uses {
			if strings.Contains(u.args, placeholder) {
				try(path, thing, "", u)
			}
		}
	}
	for _, reader := range readers {
		try(reader.path, reader.thing, reader.file, reader.use)
	}
}

// inStrangePlace runs a command on copies of what was made, in which each strange thing takes a file's place.
func (u use) inStrangePlace(t *testing.T, path, from, thing, file string) {
	t.Helper()
	for name, replace := range strange {
		top := filepath.Join(t.TempDir(), "top")
		strangePath := filepath.Join(top, file)
		err := errors.Join(copyThing(top, from, thing), os.Remove(strangePath), replace(strangePath))
		if err != nil {
			t.Fatal(err)
		}
		if e := u.start(t, path, `exec "$0" "$@"`, top, filepath.Join(top, "new"), nil); e.code < 0 {
			t.Errorf("%s is %s: %v", file, name, e.signal)
		}
	}
}

// copyThing copies a folder or a file of that name.
func copyThing(to, from, name string) error {
	data, err := os.ReadFile(filepath.Join(from, name))
	if err != nil { // a folder
		return os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join(from, name)))
	}
	return errors.Join(os.MkdirAll(to, 0o755), os.WriteFile(filepath.Join(to, name), data, 0o644))
}

// strange are the things that take a file's place.
var strange = map[string]func(path string) error{
	"a FIFO": func(path string) error { return syscall.Mkfifo(path, 0o644) },
	"of 4 TB": func(path string) error {
		return errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, 4<<40))
	},
}

// filesOf returns the files of a run, suite or study, relative to the folder that holds it.
func filesOf(t *testing.T, from, thing string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(from, thing), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var file string
			file, err = filepath.Rel(from, path)
			files = append(files, file)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files
}
