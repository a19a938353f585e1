package kills

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"engram/drqn"
	"engram/internal/child"
)

// process trains in a process of its own.
type process struct {
	options Options
	dir     string
	config  drqn.Config

	began   time.Time
	command *exec.Cmd
	said    bytes.Buffer
	ended   chan error
	left    map[string]bool // checkpoints that were left unfinished
}

// runs returns the directories of the population's runs.
func (p *process) runs() []string {
	if p.options.Members == 1 {
		return []string{p.dir}
	}
	var dirs []string
	for k := range p.options.Members {
		dirs = append(dirs, filepath.Join(p.dir, fmt.Sprintf("seed-%d", p.config.Seed+uint64(k))))
	}
	return dirs
}

// start starts the process that begins the run or, by the same command, resumes it.
func (p *process) start(ctx context.Context) error {
	config, err := json.Marshal(p.config)
	if err != nil {
		return err
	}
	p.command = exec.CommandContext(ctx, p.options.Executable, "train", "--run", p.dir, "--members",
		fmt.Sprint(p.options.Members),
		"--backend", p.options.Backend, "--config", "-", "--quiet", "--json", "--no-report")
	p.said.Reset()
	p.command.Stdin, p.command.Stderr = bytes.NewReader(config), &p.said
	p.began, p.ended = time.Now(), make(chan error, 1)
	wait, err := child.Start(p.command)
	if err != nil {
		return err
	}
	go func(ended chan error) {
		err := wait()
		if ctx.Err() != nil { // it was killed because the test was stopped
			err = ctx.Err()
		}
		ended <- err
	}(p.ended)
	return nil
}

// firstReport waits until training has written metrics, and returns how long that took.
func (p *process) firstReport() time.Duration {
	for len(p.ended) == 0 {
		if info, err := os.Stat(filepath.Join(p.runs()[0], "metrics.jsonl")); err == nil && info.Size() > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(p.began)
}

// wait waits for the process to end by itself.
func (p *process) wait() error { return p.failed(<-p.ended) }

func (p *process) failed(err error) error {
	if err != nil {
		return fmt.Errorf("training into %s: %w: %s", p.dir, err, bytes.TrimSpace(p.said.Bytes()))
	}
	return nil
}

// kill kills the process after a time or, if writing, after that as soon as it is seen to write a checkpoint. finished
// reports that it had ended before.
func (p *process) kill(after time.Duration, writing bool) (finished bool, err error) {
	time.Sleep(after)
	for writing && len(p.ended) == 0 && !p.writes() {
		time.Sleep(50 * time.Microsecond)
	}
	select {
	case err := <-p.ended:
		return true, p.failed(err)
	default:
	}
	if err := p.command.Process.Kill(); err != nil {
		return false, err
	}
	<-p.ended
	if p.command.ProcessState.Success() { // it ended in the same instant
		return true, nil
	}
	return false, nil
}

// leftUnfinished reports whether the killed process left a checkpoint unfinished.
func (p *process) leftUnfinished() bool {
	found := false
	for _, dir := range p.runs() {
		paths, _ := filepath.Glob(filepath.Join(dir, "checkpoints", ".new-*")) // the pattern is good
		for _, path := range paths {
			found = found || !p.left[path]
			p.left[path] = true
		}
	}
	return found
}

// writes reports whether a checkpoint is being written.
func (p *process) writes() bool {
	for _, dir := range p.runs() {
		entries, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
		if err == nil && len(entries) > 0 && entries[0].Name()[0] == '.' { // they are in order
			return true
		}
	}
	return false
}
