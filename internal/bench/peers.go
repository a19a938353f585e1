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
)

// peer is a process that does the same train step elsewhere: it says for each of its variants what the first call took,
// and answers each line by its variants' median times.
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
	if o.Python == "" {
		return all, nil
	}
	var failed []error
	for _, script := range []string{"torch_step.py", "jax_step.py"} {
		if err := o.openPeer(ctx, all, script, list); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w: run 'make bench-peers'", script, err))
			o.Say(fmt.Sprintf("left out: %v", failed[len(failed)-1]))
		}
	}
	if len(failed) > 0 && len(all) == 0 {
		return nil, errors.Join(failed...)
	}
	return all, nil
}

// openPeer starts a script for each row that has peers.
func (o Options) openPeer(ctx context.Context, all peers, script string, list []*measurement) error {
	for _, m := range list {
		if m.peer == "" {
			continue
		}
		o.Say(fmt.Sprintf("starting %s for %s, which compiles", script, m.Shape))
		p, err := startPeer(ctx, o.Python, filepath.Join(o.Scripts, script), m.Size)
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

// startPeer starts a script for a size; a round of it has at most 100 steps, and fewer where they are long.
func startPeer(ctx context.Context, python, script string, s Size) (*peer, error) {
	arguments := []string{script, "--rounds"}
	calls := min(100, callsFor(shape{K: 1, B: s.Batch, L: s.Window, H: s.Hidden}))
	for _, n := range []int{s.Hidden, s.Window, s.Batch, s.Input, actions, calls} {
		arguments = append(arguments, strconv.Itoa(n))
	}
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
		ms, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("it said %q", p.out.Text())
		}
		times[name] = ms
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
		for name, ms := range times {
			if m.rounds == nil {
				m.rounds = map[string][]float64{}
			}
			m.rounds[name] = append(m.rounds[name], ms)
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
