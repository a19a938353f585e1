package lab

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"engram/drqn"
	"engram/internal/durable"
)

// Start describes the weights of another run's agent with which a run begins. The weights themselves are in the run's
// start.json, so that it can be resumed exactly whatever becomes of the other run.
type Start struct {
	Run    string   `json:"run"`             // the other run's directory, as it was named
	Update int64    `json:"update"`          // of its checkpoint
	Taken  []string `json:"taken"`           // names of the parameters that were taken
	Fresh  []string `json:"fresh,omitempty"` // those that the other run lacks: drawn from the run's seed
	Left   []string `json:"left,omitempty"`  // those of the other run that this one lacks
	SHA256 string   `json:"sha256"`          // of start.json

	data []byte // start.json: the tensors taken
}

// StartFrom returns the weights of the run's newest checkpoint as the start of a run of another config. Parameters are
// taken by their names. The cell must be the same (mpn and frozen have the same parameters), and a parameter that both
// have must have the same shape: tasks with equal numbers of observations and actions fit each other.
func (r *Run) StartFrom(c drqn.Config) (*Start, error) {
	policy, update, err := r.Policy()
	if err != nil {
		return nil, err
	}
	if theirs, ours := family(r.Config.Cell), family(c.Cell); theirs != ours {
		return nil, fmt.Errorf("the weights of %s are those of cell %s, and do not fit cell %s: use cell = %[2]s",
			r.Dir, r.Config.Cell, c.Cell)
	}
	params, err := c.Params()
	if err != nil {
		return nil, err
	}
	s := &Start{Run: r.Dir, Update: update}
	there := map[string]drqn.Tensor{}
	for _, t := range policy.Tensors() {
		there[t.Name] = t
		s.Left = append(s.Left, t.Name)
	}
	var taken []tensor
	for _, p := range params {
		t, found := there[p.Name]
		switch {
		case !found:
			s.Fresh = append(s.Fresh, p.Name)
			continue
		case !slices.Equal(t.Shape, p.Shape):
			return nil, fmt.Errorf("the weights of %s do not fit: %s is %s there and %s here: use the same sizes, and "+
				"a task with as many observations and actions", r.Dir, p.Name, shapeText(t.Shape), shapeText(p.Shape))
		}
		taken, s.Taken = append(taken, tensor{t.Name, append([]int{}, t.Shape...), t.Data}), append(s.Taken, p.Name)
		s.Left = slices.DeleteFunc(s.Left, func(name string) bool { return name == p.Name })
	}
	if s.data, err = json.Marshal(taken); err != nil {
		return nil, err
	}
	s.SHA256 = fmt.Sprintf("%x", sha256.Sum256(s.data))
	return s, nil
}

// family returns the cell whose parameters a cell has.
func family(cell string) string {
	if cell == "frozen" {
		return "mpn"
	}
	return cell
}

// shapeText formats a shape, such as 64 x 20.
func shapeText(shape []int) string {
	if len(shape) == 0 {
		return "a single number"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", " x "), "[]")
}

// String returns, in one line, which parameters a run took from which other one.
func (s *Start) String() string {
	text := fmt.Sprintf("weights of %s after update %d: %s", s.Run, s.Update, strings.Join(s.Taken, ", "))
	if len(s.Fresh) > 0 {
		text += "; drawn anew: " + strings.Join(s.Fresh, ", ")
	}
	if len(s.Left) > 0 {
		text += "; not taken: " + strings.Join(s.Left, ", ")
	}
	return text
}

// write writes the run's start.json.
func (s *Start) write(dir string) error {
	return durable.ReplaceBytes(filepath.Join(dir, startFile), s.data)
}

// check refuses to begin an existing run with other weights than its own. A nil start asks for none.
func (s *Start) check(r *Run) error {
	switch own := r.About.Start; {
	case s == nil || own != nil && own.SHA256 == s.SHA256:
		return nil
	case own == nil:
		return fmt.Errorf("run %s exists and began with random weights, not with those of %s: use another directory",
			r.Dir, s.Run)
	default:
		return fmt.Errorf("run %s exists and began with other weights (%s after update %d) than those of %s after "+
			"update %d: use another directory", r.Dir, own.Run, own.Update, s.Run, s.Update)
	}
}

// start gives the agents of new runs the weights that they begin with. The target network is equal to the online one,
// as at the beginning of every run.
func (p *population) start() error {
	if !slices.ContainsFunc(p.runs, func(r *opened) bool { return r.About.Start != nil }) {
		return nil
	}
	states := make([]drqn.State, len(p.runs))
	for k, r := range p.runs {
		s := &states[k]
		if err := p.trainer.Snapshot(k, s); err != nil {
			return err
		}
		if r.About.Start == nil {
			continue
		}
		tensors, err := r.startTensors()
		if err != nil {
			return err
		}
		at := p.trainer.Network().Values(s.Weights)
		for _, t := range tensors {
			if len(at[t.Name]) != len(t.Data) {
				return fmt.Errorf("%s does not fit the run's config: train into a new directory",
					filepath.Join(r.Dir, startFile))
			}
			copy(at[t.Name], t.Data)
		}
		copy(s.Target, s.Weights)
		p.notice(fmt.Sprintf("run %s begins with %s", r.Dir, r.About.Start))
	}
	return p.trainer.Restore(states)
}

// startTensors reads the weights that the run begins with, and refuses altered ones.
func (r *Run) startTensors() ([]tensor, error) {
	numbers, err := r.Config.StateNumbers()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(r.Dir, startFile)
	data, err := durable.Read(path, jsonLimit(numbers))
	if err != nil {
		return nil, fmt.Errorf("the weights that run %s begins with: %w", r.Dir, err)
	}
	var tensors []tensor
	err = json.NewDecoder(bytes.NewReader(data)).Decode(&tensors)
	if sum := fmt.Sprintf("%x", sha256.Sum256(data)); err == nil && sum != r.About.Start.SHA256 {
		err = errors.New("its checksum is not that of run.json")
	}
	if err != nil {
		return nil, fmt.Errorf("%s was cut or altered: %w: train into a new directory", path, err)
	}
	return tensors, nil
}
