package bench

import (
	"bufio"
	"context"
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

// openPeers starts those that the rows are compared with: they compile, which takes torch.compile up to a minute.
func (o Options) openPeers(ctx context.Context, list []*measurement) (peers, error) {
	all := peers{}
	for _, m := range list {
		for _, s := range o.scriptsOf(m.peer) {
			o.Say(fmt.Sprintf("starting %s for %s", s.name, m.Shape))
			p, err := startPeer(ctx, s, o.Scripts)
			if err != nil {
				all.close()
				return nil, fmt.Errorf("%s: %w: run '%s'", s.name, err, s.remedy)
			}
			all[m.peer] = append(all[m.peer], p)
			if _, err := p.answer(); err != nil {
				all.close()
				return nil, fmt.Errorf("%s: %w: run '%s'", s.name, err, s.remedy)
			}
		}
	}
	return all, nil
}

// peerScript is a script of Python that does what a row does.
type peerScript struct {
	python, name string
	arguments    []string
	remedy       string // the command that installs what it needs
}

// scriptsOf returns the scripts of a row's peers that can be started.
func (o Options) scriptsOf(key string) []peerScript {
	switch {
	case key == pythonPeers:
		return []peerScript{{bridge.Python(), "vector_env.py", nil, "make python-env"}}
	case key == "" || o.Python == "":
		return nil
	}
	arguments := strings.Split(key, "x") // hidden units and window
	return []peerScript{{o.Python, "torch_step.py", arguments, "make bench-peers"},
		{o.Python, "jax_step.py", arguments, "make bench-peers"}}
}

func startPeer(ctx context.Context, s peerScript, folder string) (*peer, error) {
	arguments := append([]string{filepath.Join(folder, s.name)}, s.arguments...)
	c := exec.CommandContext(ctx, s.python, append(arguments, "--rounds")...)
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
