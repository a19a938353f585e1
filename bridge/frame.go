package bridge

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"engram/tasks"
)

// The operations of a frame to the worker.
const (
	opReset byte = iota
	opStep
	opDescribe
	opMake
	opUse
)

// The flags of an environment's answer.
const (
	flagTerminated = 1 << iota
	flagTruncated
	flagTrialEnd
	flagCorrect
	flagHasTruth
)

// longestText bounds a text of a worker, in bytes.
const longestText = 1 << 20

// resetFrame returns the frame that resets an environment. Seeds have 31 bits: Gymnasium takes none below 0, NeuroGym
// none of more than 32.
func resetFrame(frame []byte, environment int, seed uint64) []byte {
	frame = append(frame[:0], opReset, 12, 0, 0, 0)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(environment))
	return binary.LittleEndian.AppendUint64(frame, seed&math.MaxInt32)
}

// stepFrame returns the frame that takes a step with actions [N]; -1 leaves an environment as it is.
func stepFrame(frame []byte, actions []int32) []byte {
	frame = binary.LittleEndian.AppendUint32(append(frame[:0], opStep), uint32(4*len(actions)))
	for _, a := range actions {
		frame = binary.LittleEndian.AppendUint32(frame, uint32(a))
	}
	return frame
}

// describeFrame returns the frame that asks for a description of an environment's current trial.
func describeFrame(frame []byte, environment int) []byte {
	return numberFrame(frame, opDescribe, environment)
}

// makeFrame returns the frame that makes n further environments, which take the frames that follow.
func makeFrame(n int) []byte { return numberFrame(nil, opMake, n) }

// useFrame returns the frame after which the lockstep of that number takes the frames that follow. It has no answer.
func useFrame(number int) []byte { return numberFrame(nil, opUse, number) }

// numberFrame returns a frame of one number.
func numberFrame(frame []byte, op byte, number int) []byte {
	frame = append(frame[:0], op, 4, 0, 0, 0)
	return binary.LittleEndian.AppendUint32(frame, uint32(number))
}

// The kinds of a worker's frames.
const (
	kindAnswers byte = iota
	kindError
	kindText
)

// answers holds what N environments answered.
type answers struct {
	n, size int    // N, O
	body    []byte // of the newest frame
	header  [5]byte
}

func newAnswers(n, size int) *answers {
	return &answers{n: n, size: size, body: make([]byte, 4*n*size+9*n)}
}

// read reads a frame of answers. A frame of an error is a *workerError, and one of another form is another error.
func (a *answers) read(r io.Reader) error {
	size, err := a.begin(r, kindAnswers)
	if err != nil {
		return err
	}
	if int(size) != len(a.body) {
		return fmt.Errorf("a frame of %d bytes, not %d", size, len(a.body))
	}
	_, err = io.ReadFull(r, a.body)
	return err
}

// readText reads a frame of a text. Errors are as those of read.
func (a *answers) readText(r io.Reader) ([]byte, error) {
	size, err := a.begin(r, kindText)
	if err != nil {
		return nil, err
	}
	return readText(r, size)
}

// begin reads the head of a frame of a kind, and returns the number of bytes that follow.
func (a *answers) begin(r io.Reader, kind byte) (uint32, error) {
	if _, err := io.ReadFull(r, a.header[:]); err != nil {
		return 0, err
	}
	size := binary.LittleEndian.Uint32(a.header[1:])
	switch a.header[0] {
	case kind:
		return size, nil
	case kindError:
		text, err := readText(r, size)
		if err != nil {
			return 0, err
		}
		failed := new(workerError)
		if err := json.Unmarshal(text, failed); err != nil || failed.Trace == "" {
			return 0, fmt.Errorf("an error that is not JSON: %q", shown(string(text)))
		}
		return 0, failed
	}
	return 0, fmt.Errorf("a frame of kind %d with %d bytes, not of kind %d", a.header[0], size, kind)
}

func readText(r io.Reader, size uint32) ([]byte, error) {
	if size > longestText {
		return nil, fmt.Errorf("a text of %d bytes, more than %d", size, longestText)
	}
	text := make([]byte, size)
	_, err := io.ReadFull(r, text)
	return text, err
}

// observe copies the observation of environment i into o, [O].
func (a *answers) observe(i int, o []float32) {
	for k := range o {
		o[k] = math.Float32frombits(binary.LittleEndian.Uint32(a.body[4*(i*a.size+k):]))
	}
}

// step returns the answer of environment i, whose observation it copies into o, [O].
func (a *answers) step(i int, o []float32) tasks.Step {
	a.observe(i, o)
	rewards := 4 * a.n * a.size
	truths, flags := rewards+4*a.n, rewards+8*a.n
	f := a.body[flags+i]
	s := tasks.Step{Observation: o, Reward: math.Float32frombits(binary.LittleEndian.Uint32(a.body[rewards+4*i:])),
		Terminated: f&flagTerminated != 0, Truncated: f&flagTruncated != 0 && f&flagTerminated == 0,
		Info: tasks.Info{TrialEnd: f&flagTrialEnd != 0, Correct: f&flagCorrect != 0}}
	if f&flagHasTruth != 0 {
		s.Info.HasTruth, s.Info.GroundTruth = true, int(int32(binary.LittleEndian.Uint32(a.body[truths+4*i:])))
	}
	return s
}

// workerError is an error that Python raised.
type workerError struct {
	Trace       string `json:"error"` // the traceback's last line, then the others
	Environment int    `json:"environment"`
	Doing       string `json:"doing"` // such as "action 2"; empty while environments are made
}

// Error returns the traceback, its last line first.
func (e *workerError) Error() string {
	if e.Doing == "" {
		return e.Trace
	}
	return fmt.Sprintf("environment %d, %s: %s", e.Environment, e.Doing, e.Trace)
}
