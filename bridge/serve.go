package bridge

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"engram/tasks"
)

// asked is the first line of a program of Python that steps engram's tasks.
type asked struct {
	Protocol     int             `json:"protocol"`
	Name         string          `json:"name"`
	Options      json.RawMessage `json:"options,omitempty"`
	Environments int             `json:"environments"`
	TimeLimit    int             `json:"time_limit,omitempty"`
	List         bool            `json:"list,omitempty"` // the names of the tasks, and nothing else
}

// served is the answer to it.
type served struct {
	Protocol     int      `json:"protocol"`
	Error        string   `json:"error,omitempty"`
	Names        []string `json:"names,omitempty"`
	Observations []string `json:"observations,omitempty"` // a name for each number, [O]
	Actions      []string `json:"actions,omitempty"`      // [A]
	DT           int      `json:"dt,omitempty"`           // ms a step
	MaxTrial     int      `json:"max_trial_steps,omitempty"`
	Trials       bool     `json:"trials,omitempty"`  // ends of trials are marked
	Ceiling      *float64 `json:"ceiling,omitempty"` // the most that a trial can earn on average
}

// The most bytes of the first line, and the most environments of one process.
const longestAsked, mostServed = 1 << 20, 4096

// Serve lets a program of Python step tasks of engram: the frames of a worker in the other direction. The program's
// first line names the task; the answer describes it. Then come the frames of package bridge, each of which is answered
// with the observations, rewards, ground truths and flags of all environments. Serve returns at the input's end, and
// after an error, which it tells the program and returns.
func Serve(in io.Reader, out io.Writer) error {
	if file, is := in.(*os.File); is {
		pipe, err := newPrompt(file)
		if err != nil {
			return err
		}
		in = pipe
	}
	r := bufio.NewReaderSize(in, 1<<16)
	s, answer, err := newServer(r)
	if err != nil {
		answer = served{Protocol: protocol, Error: err.Error()}
	}
	line, failed := json.Marshal(answer)
	if failed == nil {
		_, failed = out.Write(append(line, '\n'))
	}
	if err = errors.Join(err, failed); err != nil || s == nil {
		return err
	}
	return s.serve(r, out)
}

// server is the environments that a program of Python steps.
type server struct {
	envs    []tasks.Env
	actions int
	answers *answers
	live    []bool // has been reset
}

// newServer reads the first line and makes the environments, or lists the tasks.
func newServer(r *bufio.Reader) (*server, served, error) {
	about := served{Protocol: protocol}
	line, err := boundedLine(r)
	if err != nil {
		return nil, about, err
	}
	var a asked
	if err := json.Unmarshal(line, &a); err != nil {
		return nil, about, fmt.Errorf("the first line is no JSON object: %w", err)
	}
	switch {
	case a.Protocol != protocol:
		return nil, about, fmt.Errorf("protocol %d, where this engram speaks %d: install the package of the same "+
			"version", a.Protocol, protocol)
	case a.List:
		about.Names = tasks.Names()
		return nil, about, nil
	case strings.Contains(a.Name, ":"):
		return nil, about, fmt.Errorf("%s is an environment of Python: use it there", a.Name)
	case a.Environments < 1 || a.Environments > mostServed:
		return nil, about, fmt.Errorf("invalid environments %d: use 1 to %d", a.Environments, mostServed)
	}
	s := &server{live: make([]bool, a.Environments)}
	for range a.Environments {
		env, err := tasks.New(a.Name, a.Options)
		if err == nil {
			env, err = tasks.Wrap(env, tasks.Wrappers{TimeLimit: a.TimeLimit})
		}
		if err != nil {
			return nil, about, err
		}
		s.envs = append(s.envs, env)
	}
	spec := s.envs[0].Spec()
	about.Observations, about.Actions, about.DT = spec.Observations, spec.Actions, spec.StepMillis
	about.MaxTrial, about.Trials = spec.MaxTrialSteps, tasks.HasTrials(s.envs[0])
	if task, _ := tasks.TaskOf(s.envs[0]); task != nil {
		ceiling := task.Ceiling()
		about.Ceiling = &ceiling
	}
	s.actions, s.answers = len(spec.Actions), newAnswers(a.Environments, len(spec.Observations))
	return s, about, nil
}

// boundedLine reads a line of at most longestAsked bytes.
func boundedLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("no first line: %w", err)
		case len(line) > longestAsked:
			return nil, fmt.Errorf("the first line has more than %d bytes", longestAsked)
		}
	}
}

// serve answers frames until the input's end.
func (s *server) serve(r io.Reader, out io.Writer) error {
	var header [5]byte
	var frame []byte
	body := make([]byte, max(resetBytes, 4*len(s.envs)))
	for {
		if _, err := io.ReadFull(r, header[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		err := s.answer(r, header, body)
		if frame = s.answers.frame(frame[:0]); err != nil {
			frame = errorFrame(err)
		}
		if _, failed := out.Write(frame); err != nil || failed != nil {
			return errors.Join(err, failed)
		}
	}
}

// resetBytes is the length of a reset frame's body.
const resetBytes = 12

// answer reads the body of a frame and does what it asks.
func (s *server) answer(r io.Reader, header [5]byte, body []byte) error {
	op, size := header[0], binary.LittleEndian.Uint32(header[1:])
	switch {
	case op == opReset && size == resetBytes:
		if _, err := io.ReadFull(r, body[:size]); err != nil {
			return err
		}
		return s.reset(binary.LittleEndian.Uint32(body), binary.LittleEndian.Uint64(body[4:]))
	case op == opStep && int(size) == 4*len(s.envs):
		if _, err := io.ReadFull(r, body[:size]); err != nil {
			return err
		}
		return s.step(body)
	}
	return fmt.Errorf("a frame of kind %d with %d bytes, for %d environments", op, size, len(s.envs))
}

func (s *server) reset(i uint32, seed uint64) error {
	if int64(i) >= int64(len(s.envs)) {
		return fmt.Errorf("environment %d of %d", i, len(s.envs))
	}
	observation, err := s.envs[i].Reset(seed)
	if err != nil {
		return err
	}
	s.live[i] = true
	s.answers.set(int(i), tasks.Step{Observation: observation})
	return nil
}

// step takes the actions [N] of a frame's body; an environment whose action is -1 stays as it is.
func (s *server) step(body []byte) error {
	for i, env := range s.envs {
		action := int(int32(binary.LittleEndian.Uint32(body[4*i:])))
		if action == -1 {
			continue
		}
		if action < 0 || action >= s.actions {
			return fmt.Errorf("environment %d: invalid action %d: use 0 to %d", i, action, s.actions-1)
		}
		if !s.live[i] {
			return fmt.Errorf("environment %d has ended, or was never reset: reset it first", i)
		}
		step, err := env.Step(action)
		if err != nil {
			return fmt.Errorf("environment %d: %w", i, err)
		}
		s.live[i] = !step.Terminated && !step.Truncated
		s.answers.set(i, step)
	}
	return nil
}

// set encodes the answer of environment i, the flags in the order of their constants.
func (a *answers) set(i int, s tasks.Step) {
	for k, x := range s.Observation {
		binary.LittleEndian.PutUint32(a.body[4*(i*a.size+k):], math.Float32bits(x))
	}
	rewards := 4 * a.n * a.size
	truths, flags := rewards+4*a.n, rewards+8*a.n
	binary.LittleEndian.PutUint32(a.body[rewards+4*i:], math.Float32bits(s.Reward))
	binary.LittleEndian.PutUint32(a.body[truths+4*i:], uint32(int32(s.Info.GroundTruth)))
	a.body[flags+i] = 0
	for bit, is := range [...]bool{s.Terminated, s.Truncated, s.Info.TrialEnd, s.Info.Correct, s.Info.HasTruth} {
		if is {
			a.body[flags+i] |= 1 << bit
		}
	}
}

// frame appends the frame of the answers.
func (a *answers) frame(to []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(append(to, 0), uint32(len(a.body))), a.body...)
}

// errorFrame returns the frame of an error.
func errorFrame(err error) []byte {
	text, _ := json.Marshal(workerError{Trace: err.Error()}) // a struct of texts and numbers has JSON
	return append(binary.LittleEndian.AppendUint32([]byte{1}, uint32(len(text))), text...)
}
