package child

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain is also the processes of the tests: a parent that runs a child, and a child that waits for its parent.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "parent":
			fmt.Println(Run(context.Background(), os.Args[0], []string{"child", os.Args[2]}, nil))
			return
		case "child":
			waitForParent(os.Args[2])
			return
		case "fails":
			fmt.Fprintln(os.Stderr, "first\nengram: it is too late")
			os.Exit(3)
		}
	}
	os.Exit(m.Run())
}

// waitForParent writes into a file that it runs, and then that it is an orphan.
func waitForParent(path string) {
	say, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	orphaned := make(chan bool)
	WatchParent(func() { close(orphaned) })
	inherited, _ := exec.Command("sh", "-c", "ls -l /proc/self/fd/3; env").CombinedOutput()
	fmt.Fprintln(say, os.Getenv("GOMAXPROCS"), os.Getenv("NPROC"), strings.Contains(string(inherited), "pipe:"),
		strings.Contains(string(inherited), parentFD))
	select {
	case <-orphaned:
		fmt.Fprintln(say, "orphaned")
	case <-time.After(30 * time.Second):
	}
}

// TestParentDies kills a parent: its child, which has one core and hands the pipe on to nobody, learns of it.
func TestParentDies(t *testing.T) {
	fifo := t.TempDir() + "/said"
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	parent := exec.Command(os.Args[0], "parent", fifo)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	lines := bufio.NewReader(said)
	if line, _ := lines.ReadString('\n'); line != "1 1 false false\n" {
		t.Errorf("the child has %q, want one core, and to hand on neither pipe nor variable", line)
	}
	parent.Process.Kill()
	parent.Wait()
	if rest, _ := io.ReadAll(lines); string(rest) != "orphaned\n" {
		t.Errorf("after its parent's death the child said %q", rest)
	}
}

// TestFailure checks that the error of a child is how it ended, and its last line.
func TestFailure(t *testing.T) {
	err := Run(context.Background(), os.Args[0], []string{"fails"}, nil)
	if err == nil || err.Error() != "exit status 3: it is too late" {
		t.Errorf("the error is %v", err)
	}
}

// TestCancel checks that a cancelled child is terminated.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	defer in.Close()
	time.AfterFunc(50*time.Millisecond, func() { cancel(); out.Close() })
	if err := Run(ctx, "sleep", []string{"30"}, in); err == nil ||
		!strings.HasPrefix(err.Error(), "signal: terminated") {
		t.Errorf("the error is %v", err)
	}
}

// TestNoParent checks that a variable that names no pipe is ignored.
func TestNoParent(t *testing.T) {
	for _, fd := range []string{"", "x", "0", "1", "-1", "99"} {
		t.Setenv(parentFD, fd)
		WatchParent(func() { t.Errorf("%q was taken for a pipe", fd) })
	}
	time.Sleep(10 * time.Millisecond)
}
