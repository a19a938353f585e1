package signals

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// exit ends a process of the tests as the command engram does.
func exit(s Stopped, late bool) {
	if late {
		fmt.Fprintf(os.Stderr, "%v before a checkpoint could be written\n", s)
	}
	os.Exit(s.ExitCode())
}

// TestSignals sends signals to a process that stops at the first, and to one that does not.
func TestSignals(t *testing.T) {
	switch os.Getenv("ENGRAM_TEST_SIGNALS") {
	case "stops":
		ctx, stop := WithSignals(context.Background(), exit)
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println("told")
		time.Sleep(echo / 5) // to write a checkpoint
		stop()
		var stopped Stopped
		if !errors.As(context.Cause(ctx), &stopped) || !errors.Is(ctx.Err(), context.Canceled) {
			os.Exit(1)
		}
		fmt.Println("stopped")
		os.Exit(stopped.ExitCode())
	case "stuck":
		ctx, _ := WithSignals(context.Background(), exit)
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println("told")
		select {}
	}
	// A signal that is taken here begins as usual in the processes, also where the tests themselves were begun by
	// nohup.
	taken := make(chan os.Signal, 8)
	signal.Notify(taken, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(taken) })
	for _, c := range []struct {
		name, mode string
		signals    []syscall.Signal
		code       int
		says       string // on standard error
	}{
		{"interrupt", "stops", []syscall.Signal{syscall.SIGINT}, 130, ""},
		{"terminate", "stops", []syscall.Signal{syscall.SIGTERM}, 143, ""},
		{"hang up", "stops", []syscall.Signal{syscall.SIGHUP}, 129, ""},
		{"one that is passed on", "stops", []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, 130, ""},
		{"a second one", "stuck", []syscall.Signal{syscall.SIGTERM, syscall.SIGINT}, 143, ""},
		{"time is over", "stuck", []syscall.Signal{syscall.SIGINT}, 130, "before a checkpoint could be written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			command := exec.Command(os.Args[0], "-test.run=^TestSignals$")
			command.Env = append(os.Environ(), "ENGRAM_TEST_SIGNALS="+c.mode)
			var errs strings.Builder
			command.Stderr = &errs
			out, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(out)
			for _, s := range c.signals { // one after each line
				if _, err := lines.ReadString('\n'); err != nil {
					t.Fatal(err)
				}
				if c.mode == "stuck" {
					time.Sleep(echo)
				}
				if err := command.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
			}
			rest, err := io.ReadAll(lines)
			if err != nil {
				t.Fatal(err)
			}
			if orderly := strings.Contains(string(rest), "stopped"); orderly != (c.mode == "stops") {
				t.Errorf("it said %q", rest)
			}
			err = command.Wait()
			if code := command.ProcessState.ExitCode(); code != c.code || !strings.Contains(errs.String(), c.says) ||
				c.says == "" && errs.Len() > 0 {
				t.Errorf("exit %d, want %d; it said %q, %v", code, c.code, errs.String(), err)
			}
		})
	}
}

// TestIgnoredSignals checks that a process begun to ignore a signal, as by nohup or a script's trap, continues when it
// comes.
func TestIgnoredSignals(t *testing.T) {
	if os.Getenv("ENGRAM_TEST_SIGNALS") == "ignores" {
		ctx, stop := WithSignals(context.Background(), exit)
		defer stop()
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println(context.Cause(ctx))
		return
	}
	for _, c := range []struct{ begin, name string }{{`nohup "$0" "$1"`, "HUP"}, {`trap '' HUP; "$0" "$1"`, "HUP"},
		{`trap '' INT; "$0" "$1"`, "INT"}} {
		t.Run(c.begin, func(t *testing.T) {
			t.Parallel()
			script := `exec 3>&1; { ` + c.begin + ` >&3 2>/dev/null & child=$!; }
				read -r go; kill -` + c.name + ` $child; sleep 0.2; kill -TERM $child; wait $child`
			command := exec.Command("bash", "-c", script, os.Args[0], "-test.run=^TestIgnoredSignals$")
			command.Env = append(os.Environ(), "ENGRAM_TEST_SIGNALS=ignores")
			in, _ := command.StdinPipe()
			out, _ := command.StdoutPipe()
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(out)
			lines.ReadString('\n')
			fmt.Fprintln(in, "go")
			rest, _ := io.ReadAll(lines)
			command.Wait()
			if !strings.HasPrefix(string(rest), "stopped by terminated\n") {
				t.Errorf("after a signal that it was begun to ignore, and a termination, it said %q", rest)
			}
		})
	}
}
