package cmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// diskTraining returns the arguments of a training that writes checkpoints of some 100 KB.
func diskTraining(dir string) string {
	return strings.Join(smallTraining(dir), " ") + " --updates 200 --capacity 2000 --metrics-every 10" +
		" --checkpoint-every 20 --eval-every 50 --quiet --json --no-report"
}

// shell runs a script by sh, with $engram the command, and returns what it printed on each stream.
func shell(t *testing.T, script string, wrapper ...string) (stdout, stderr string) {
	t.Helper()
	args := append(wrapper, "sh", "-euc", script)
	command := exec.Command(args[0], args[1:]...)
	command.Env = append(os.Environ(), "engram="+binary())
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	return out.String(), errs.String()
}

// inNamespace runs a script that may mount file systems, which only it sees; that needs no rights.
var inNamespace = []string{"unshare", "--user", "--map-root-user", "--mount"}

// oneError checks that a command said one line with all the parts.
func oneError(t *testing.T, what, said string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(said, part) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: it said %q, want one line with %q", what, said, part)
		}
	}
}

// leftAlone trains once without any trouble and returns the files of that run.
var leftAlone = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir := filepath.Join(scratch, "alone")
	if said, err := exec.Command(binary(), strings.Fields(diskTraining(dir))...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, said)
	}
	files = map[string][]byte{}
	for _, name := range []string{"metrics.jsonl", "evals.jsonl", "checkpoints/200/weights.json",
		"checkpoints/200/acting.json"} {
		data, failed := os.ReadFile(filepath.Join(dir, name))
		files[name], err = data, errors.Join(err, failed)
	}
	return files, err
})

// same compares the files of a run with those of one that was left alone.
func same(t *testing.T, dir string) {
	t.Helper()
	files, err := leftAlone()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != string(want) {
			t.Errorf("%s is another: %v", name, err)
		}
	}
}

// TestFullDisk trains on a real file system that becomes full at every stage: training stops with one error. With more
// room it resumes from the last whole checkpoint and ends with the same bytes.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, room := range []int{16, 120, 300} {
		t.Run(fmt.Sprintf("%d KB", room), func(t *testing.T) {
			t.Parallel()
			fullDisk(t, room)
		})
	}
}

func fullDisk(t *testing.T, room int) {
	disk, kept := t.TempDir(), t.TempDir()
	_, said := shell(t, fmt.Sprintf(`
			mount -t tmpfs -o size=%dk tmpfs %s
			if $engram %s; then echo "it did not fail" >&2; fi
			mount -o remount,size=64m %[2]s
			$engram %[3]s
			cp -r %[2]s/run %[4]s`, room, disk, diskTraining(disk+"/run"), kept), inNamespace...)
	what := fmt.Sprintf("%d KB", room)
	oneError(t, what, said, "no space left on device")
	if room >= 300 {
		oneError(t, what, said, "is whole; 'engram resume "+disk+"/run' continues it")
	}
	same(t, filepath.Join(kept, "run"))
}

// TestReadOnly checks that a run on a file system that is mounted read-only can be read, but neither begun nor resumed.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	disk, kept := t.TempDir(), t.TempDir()
	run := disk + "/run"
	out, said := shell(t, fmt.Sprintf(`
		mount -t tmpfs tmpfs %s
		$engram %s --updates 100000 2>/dev/null & training=$!
		until [ -s %[3]s/metrics.jsonl ]; do sleep 0.02; done
		kill -TERM $training; wait $training && exit 9
		mount -o remount,ro %[1]s
		$engram %[2]s --updates 100000 && exit 9
		$engram resume --quiet %[3]s && exit 9
		$engram %[4]s && exit 9
		$engram eval --run %[3]s --trials 3 --json
		cp -r %[3]s %[5]s`, disk, diskTraining(run), run, diskTraining(disk+"/new"), kept), inNamespace...)
	lines := strings.SplitAfter(strings.TrimSpace(said), "\n")
	if len(lines) != 3 || !strings.Contains(out, `"trials":3`) {
		t.Fatalf("it said %q and printed %q", said, out)
	}
	for _, line := range lines {
		if !strings.Contains(line, "read-only file system") || !strings.Contains(line, disk) {
			t.Errorf("it said %q", line)
		}
	}
}

// TestDirectoryRemoved removes the directory of a training that runs.
func TestDirectoryRemoved(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	command := exec.Command(binary(), append(strings.Fields(diskTraining(dir)), "--updates", "100000000")...)
	var errs strings.Builder
	command.Stderr = &errs
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if size(t, filepath.Join(dir, "metrics.jsonl")) > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil || command.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	oneError(t, "removed", errs.String(), "was removed or renamed while it trained", dir)
	if _, err := os.Stat(dir); err == nil {
		t.Error("it made the directory again")
	}
}

// TestLimits trains under limits of open files and of the size of a file: training ends, or stops with one error.
// Without the limit it resumes and ends with the same bytes.
func TestLimits(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]string{"n": "too many open files", "f": "file too large"} {
		t.Run("ulimit -"+limit, func(t *testing.T) {
			t.Parallel()
			failed := 0
			for _, size := range map[string][]int{"n": {9, 11, 13, 15}, "f": {4, 40}}[limit] {
				dir := filepath.Join(t.TempDir(), "run")
				script := fmt.Sprintf(`(ulimit -%s %d; exec $engram %s) || true`, limit, size, diskTraining(dir))
				_, said := shell(t, script, "bash", "-c", `exec "$@"`, "-")
				if said == "" {
					continue
				}
				failed++
				oneError(t, fmt.Sprintf("ulimit -%s %d", limit, size), said, want)
				ok(t, strings.Fields(diskTraining(dir))...)
				same(t, dir)
			}
			if failed == 0 {
				t.Errorf("ulimit -%s never stopped a training: the test tests nothing", limit)
			}
		})
	}
}

// TestRecordingOnFullDisk records on a disk that is smaller than the recording could become, which is refused, and on
// one that becomes full: one error that names the file, and nothing is left.
func TestRecordingOnFullDisk(t *testing.T) {
	t.Parallel()
	disk, run := t.TempDir(), filepath.Join(copied(t), "run")
	file := filepath.Join(disk, "a.npz")
	out, said := shell(t, fmt.Sprintf(`
		mount -t tmpfs -o size=1m tmpfs %[1]s
		if $engram record %[2]s --trials 100000 --out %[3]s; then echo "it did not fail" >&2; fi
		head -c 500000 /dev/zero > %[1]s/fill
		if $engram record %[2]s --trials 190 --out %[3]s; then echo "it did not fail" >&2; fi
		ls -A %[1]s`, disk, run, file), inNamespace...)
	lines := strings.SplitAfter(said, "\n")
	if out != "fill\n" || len(lines) != 4 {
		t.Fatalf("it left %q and said %q", out, said)
	}
	oneError(t, "too large", lines[0], file+": 100000 trials could take ", "are free there: use fewer")
	oneError(t, "full", lines[2], file+" cannot be written: no space left on device: make room there")
}
