package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"engram/bridge"
	"engram/drqn"
	"engram/lab"
)

// terminal opens a pseudo-terminal of a width and returns its two ends.
func terminal(t *testing.T, width uint16) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	control := func(request uintptr, argument unsafe.Pointer) {
		raw, err := ours.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		raw.Control(func(fd uintptr) {
			if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(argument)); no != 0 {
				t.Error(no)
			}
		})
	}
	var unlocked, number int32
	size := [4]uint16{24, width} // rows and columns
	control(syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	control(syscall.TIOCGPTN, unsafe.Pointer(&number))
	control(syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	return ours, theirs
}

// onTerminal runs the command with its errors on a terminal, and returns what that was sent.
func onTerminal(t *testing.T, width uint16, args ...string) string {
	t.Helper()
	ours, theirs := terminal(t, width)
	command := exec.Command(binary(), args...)
	command.Stderr = theirs
	command.Env = append(os.Environ(), "TERM=xterm-256color")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	var sent bytes.Buffer
	io.Copy(&sent, ours) // ends by an error when the other end is closed
	command.Wait()
	return sent.String()
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestBar checks that training on a terminal redraws one bar in one line that fits, and clears it at the end. A config
// that is refused leaves none.
func TestBar(t *testing.T) {
	t.Parallel()
	const bar = `^█+░*  \d+ of 40(  \d+/s  \d+ \w+ left)?`
	for width, want := range map[uint16]string{130: bar + `  loss \S+  reward \S+  eps`, 60: bar + `$`} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			sent := onTerminal(t, width, append(smallTraining(t.TempDir()+"/run"), "--updates", "40", "--no-report")...)
			if !strings.Contains(sent, "\x1b[3") && !strings.Contains(sent, "\x1b[9") {
				t.Errorf("it is without colour: %q", sent)
			}
			lines := strings.Split(strings.TrimSpace(colours.ReplaceAllString(sent, "")), "\r\n")
			bars := strings.Split(lines[len(lines)-1], "\r\x1b[K")
			if len(bars) < 2 || bars[len(bars)-1] != "" {
				t.Errorf("the bar is not cleared at the end: %q", bars)
			}
			for _, bar := range bars[:len(bars)-1] {
				if !regexp.MustCompile(want).MatchString(bar) || len([]rune(bar)) >= int(width) {
					t.Errorf("of %d columns: %q", width, bar)
				}
			}
		})
	}
	sent := onTerminal(t, 80, append(smallTraining(t.TempDir()+"/run"), "--capacity", "9")...)
	if strings.Count(sent, "\n") != 1 || !strings.Contains(sent, "engram: capacity 9") {
		t.Errorf("a config that is refused: %q", sent)
	}
}

// TestProgressSaysCompiling checks that a terminal has a bar of no update while XLA compiles, and is cleared after it,
// and that other outputs have the notice alone.
func TestProgressSaysCompiling(t *testing.T) {
	t.Parallel()
	ours, theirs := terminal(t, 100)
	plainRead, plainWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer plainRead.Close()
	said := map[string]string{}
	for name, out := range map[string][2]*os.File{"terminal": {ours, theirs}, "plain": {plainRead, plainWrite}} {
		p := newProgress(out[1], []lab.Job{{Config: drqn.Config{Updates: 40}}})
		for _, now := range []bool{true, false} {
			if err := p.Compiling(now); err != nil {
				t.Error(err)
			}
		}
		out[1].Close()
		sent, _ := io.ReadAll(out[0]) // ends by an error on a terminal
		said[name] = colours.ReplaceAllString(strings.ReplaceAll(string(sent), "\r\n", "\n"), "")
	}
	if want := compiling + "\n"; said["plain"] != want {
		t.Errorf("a pipe was sent %q, want %q", said["plain"], want)
	}
	want := "^" + regexp.QuoteMeta(compiling) + "\n" + `░+  0 of 40  compiling the train step\r\x1b\[K$`
	if !regexp.MustCompile(want).MatchString(said["terminal"]) {
		t.Errorf("a terminal was sent %q", said["terminal"])
	}
}

// TestProgressCountsEpisodes checks that progress counts what the environment has: trials, or episodes.
func TestProgressCountsEpisodes(t *testing.T) {
	t.Parallel()
	const general = "gymnasium:Progress-v0"
	err := bridge.Remember(general, nil, bridge.Description{Protocol: 1, Observations: []string{"x"},
		Actions: []string{"stay", "go"}})
	if err != nil {
		t.Fatal(err)
	}
	for task, want := range map[string]string{"GoNogo": "/trial  eps", general: "/episode  eps"} {
		c, err := drqn.Preset("default")
		if err != nil {
			t.Fatal(err)
		}
		c.Task = task
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p := newProgress(out, []lab.Job{{Config: c}})
		for update := range int64(3) {
			p.next = time.Time{}
			if err := p.Metrics(drqn.Metrics{Update: 1 + update}); err != nil {
				t.Fatal(err)
			}
		}
		out.Close()
		if said, err := io.ReadAll(in); err != nil || !strings.Contains(string(said), want) {
			t.Errorf("%s: %q, %v, want %q", task, said, err, want)
		}
	}
}
