package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"engram/bridge"
)

// peer is a process that does the same work elsewhere: it says for each of its variants what the first call took, if
// that compiles, and answers each line by its variants' median times in the row's unit.
type peer struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// peers are the running processes by the shape that they measure.
type peers map[string][]*peer

// openPeers starts those that the rows are compared with: they compile, which takes torch.compile up to a minute. One
// that Python cannot run is left out, and said; without any it is an error.
func (o Options) openPeers(ctx context.Context, list []*measurement) (peers, error) {
	all := peers{}
	var failed []error
	for _, s := range o.peerScripts() {
		if err := o.openPeer(ctx, all, s, list); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w: run '%s'", s.name, err, s.remedy))
			o.Say(fmt.Sprintf("left out: %v", failed[len(failed)-1]))
		}
	}
	if len(failed) > 0 && len(all) == 0 {
		return nil, errors.Join(failed...)
	}
	return all, nil
}

// peerScript is a script of Python that does what some rows do.
type peerScript struct {
	python, name string
	environments bool   // steps environments; else does train steps
	remedy       string // the command that installs what it needs
}

// peerScripts returns the scripts for which a Python is named.
func (o Options) peerScripts() []peerScript {
	list := []peerScript{{bridge.Python(), "vector_env.py", true, "make python-env"}}
	if o.Python == "" {
		return list
	}
	return append(list, peerScript{o.Python, "torch_step.py", false, "make bench-peers"},
		peerScript{o.Python, "jax_step.py", false, "make bench-peers"})
}

// openPeer starts a script for each row that it is a peer of.
func (o Options) openPeer(ctx context.Context, all peers, s peerScript, list []*measurement) error {
	for _, m := range list {
		if m.peer == "" || s.environments != (m.peer == pythonPeers) {
			continue
		}
		o.Say(fmt.Sprintf("starting %s for %s", s.name, m.Shape))
		arguments := []string{filepath.Join(o.Scripts, s.name), "--rounds"}
		if !s.environments {
			arguments = append(arguments, stepArguments(m.Size)...)
		}
		p, err := startPeer(ctx, s.python, arguments)
		if err != nil {
			return err
		}
		if _, err := p.answer(); err != nil {
			peers{m.peer: {p}}.close()
			return err
		}
		all[m.peer] = append(all[m.peer], p)
	}
	return nil
}

// stepArguments returns the arguments for train steps of a size; a round has at most 100, and fewer where they are
// long.
func stepArguments(s Size) []string {
	var arguments []string
	calls := min(100, callsFor(shape{K: 1, B: s.Batch, L: s.Window, H: s.Hidden}))
	for _, n := range []int{s.Hidden, s.Window, s.Batch, s.Input, actions, calls} {
		arguments = append(arguments, strconv.Itoa(n))
	}
	return arguments
}

// startPeer starts a script.
func startPeer(ctx context.Context, python string, arguments []string) (*peer, error) {
	c := exec.CommandContext(ctx, python, arguments...)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &peer{c, in, bufio.NewScanner(out)}, c.Start()
}

// answer reads lines "variant milliseconds" up to one that is empty.
func (p *peer) answer() (map[string]float64, error) {
	times := map[string]float64{}
	for p.out.Scan() {
		if p.out.Text() == "" {
			return times, nil
		}
		name, text, _ := strings.Cut(p.out.Text(), " ")
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("it said %q", p.out.Text())
		}
		times[name] = value
	}
	return nil, fmt.Errorf("it ended: %w", p.command.Wait())
}

// measure measures one round of the peers of a row.
func (all peers) measure(m *measurement, say func(string)) error {
	for _, p := range all[m.peer] {
		say(fmt.Sprintf("peers of %s %s", m.Name, m.Shape))
		if _, err := fmt.Fprintln(p.in, "go"); err != nil {
			return err
		}
		times, err := p.answer()
		if err != nil {
			return fmt.Errorf("%s: %w", p.command.Args[1], err)
		}
		for name, value := range times {
			if m.rounds == nil {
				m.rounds = map[string][]float64{}
			}
			m.rounds[name] = append(m.rounds[name], value)
		}
	}
	return nil
}

// close ends the processes.
func (all peers) close() {
	for _, list := range all {
		for _, p := range list {
			p.in.Close()
			_ = p.command.Wait() // it ends at the end of its input
		}
	}
}
