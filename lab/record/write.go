package record

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/npz"
	"engram/tasks"
)

// writer collects the steps of an agent.
type writer struct {
	about      About
	spec       tasks.Spec
	spools     []*spool
	perStep    map[string]*spool
	state      *stateRecord
	offsets    []int64 // [N+1]
	correct    []bool  // [N]
	fresh      []bool  // [N]
	conditions columns
	periods    []string       // names, in the order in which they were met
	numberOf   map[string]int // in periods
	evidence   []float64      // of the trial in hand, summed up to each step; nil if the task has none
	judged     bool           // it is known whether a trial was answered correctly
	failed     error          // the first of a hook
}

// spool is an array that waits in a file without a name until its length is known.
type spool struct {
	npz.Array // without the first axis, that of the steps
	file      *os.File
	out       *bufio.Writer
	rows      int
	whole     int // rows of whole trials
	scratch   []byte
}

func newWriter(ctx context.Context, p *drqn.Policy, dir string, o Options) (*writer, error) {
	c, spec := p.Config(), p.Spec()
	w := &writer{spec: spec, offsets: []int64{0}, perStep: map[string]*spool{}, numberOf: map[string]int{},
		about: About{Format: format, Task: c.Task, TaskOptions: c.TaskOptions, Cell: c.Cell, Episode: string(c.Episode),
			Run: o.Run, Update: o.Update, Seed: o.Seed, StepMillis: spec.StepMillis, State: o.State.String()}}
	w.about.Unit, w.judged = p.Goal().Unit(), p.Goal().Trials
	var err error
	if w.state, err = newStateRecord(ctx, p, o); err != nil {
		return nil, err
	}
	arrays := append([]npz.Array{
		{Name: "observation", Type: "<f4", Shape: []int{len(spec.Observations)}},
		{Name: "action", Type: "<i4"}, {Name: "reward", Type: "<f4"},
		{Name: "q", Type: "<f4", Shape: []int{len(spec.Actions)}}, {Name: "h", Type: "<f4", Shape: []int{p.Hidden()}},
		{Name: "ground_truth", Type: "<i4"}, {Name: "period", Type: "<i2"},
	}, w.state.arrays()...)
	if task, err := tasks.NewTask(c.Task, c.TaskOptions); err == nil {
		if _, evident := task.(tasks.Evident); evident {
			arrays = append(arrays, npz.Array{Name: "evidence", Type: "<f4"})
		}
	}
	for _, a := range arrays {
		s, err := newSpool(dir, a)
		if err != nil {
			w.close()
			return nil, err
		}
		w.spools, w.perStep[a.Name] = append(w.spools, s), s
	}
	return w, nil
}

// newSpool opens a file in dir and removes its name, so that a process that is killed leaves nothing behind.
func newSpool(dir string, a npz.Array) (*spool, error) {
	file, err := durable.CreateBeside(dir, durable.BesidePrefix)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &spool{Array: a, file: file, out: bufio.NewWriterSize(file, 1<<16)}, nil
}

// put appends a row.
func (s *spool) put(values any) (err error) {
	if s.scratch, err = binary.Append(s.scratch[:0], binary.LittleEndian, values); err != nil {
		return err
	}
	s.rows++
	_, err = s.out.Write(s.scratch)
	return err
}

// cut takes back the rows of a trial that is not whole.
func (s *spool) cut() error {
	if err := s.out.Flush(); err != nil {
		return err
	}
	size := int64(s.whole) * int64(len(s.scratch))
	s.rows = s.whole
	_, err := s.file.Seek(size, io.SeekStart)
	return errors.Join(err, s.file.Truncate(size))
}

// copyTo writes the array into an archive.
func (s *spool) copyTo(archive npz.Writer) error {
	if err := s.out.Flush(); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	a := s.Array
	a.Shape = append([]int{s.rows}, a.Shape...)
	entry, err := archive.Create(a)
	if err != nil {
		return err
	}
	_, err = io.Copy(entry, s.file)
	return err
}

func (w *writer) close() {
	for _, s := range w.spools {
		s.file.Close()
	}
}

// describe notes the condition of a trial that begins. One that did not end, because its episode was cut, is no whole
// trial and is taken back.
func (w *writer) describe(about tasks.TrialDescription) {
	if len(w.fresh) > w.about.Trials {
		w.fresh, w.about.Steps = w.fresh[:w.about.Trials], int(w.offsets[w.about.Trials])
		w.conditions.drop()
		for _, s := range w.spools {
			w.failed = cmp.Or(w.failed, s.cut())
		}
	}
	for _, s := range w.spools {
		s.whole = s.rows
	}
	w.conditions.add(about.Params)
}

// begin sums up the evidence of a trial.
func (w *writer) begin(task tasks.Task, trial *tasks.Trial) {
	evident, has := task.(tasks.Evident)
	if !has {
		return
	}
	w.evidence = w.evidence[:0]
	sum := 0.0
	for step := range trial.Steps() {
		sum += evident.Evidence(trial, step)
		w.evidence = append(w.evidence, sum)
	}
}

// add appends a step.
func (w *writer) add(m drqn.Moment) {
	if w.failed != nil {
		return
	}
	truth := int32(-1)
	if m.Step.Info.HasTruth {
		truth = int32(m.Step.Info.GroundTruth)
	}
	for name, values := range map[string]any{
		"observation": m.Observation, "action": int32(m.Action), "reward": m.Step.Reward, "q": m.Q, "h": m.Hidden,
		"ground_truth": truth, "period": w.period(m.Periods, m.At),
	} {
		w.failed = cmp.Or(w.failed, w.perStep[name].put(values))
	}
	if s := w.perStep["evidence"]; s != nil {
		w.failed = cmp.Or(w.failed, s.put(float32(w.evidence[m.At])))
	}
	w.failed = cmp.Or(w.failed, w.state.add(w.perStep, m, w.about.Steps))
	if m.At == 0 {
		w.fresh = append(w.fresh, m.Fresh)
	}
	w.about.Steps++
	if tasks.Ends(m.Step, w.judged) {
		w.offsets, w.correct = append(w.offsets, int64(w.about.Steps)), append(w.correct, m.Step.Info.Correct)
		w.about.Trials++
	}
}

// period returns the number of a step's period among period_names, or -1.
func (w *writer) period(periods []tasks.Period, step int) int16 {
	i := periodOf(periods, step)
	if i < 0 {
		return -1
	}
	name := periods[i].Name
	number, known := w.numberOf[name]
	if !known {
		number = len(w.periods)
		w.periods, w.numberOf[name] = append(w.periods, name), number
	}
	return int16(number)
}

// writeTo writes the archive.
func (w *writer) writeTo(to io.Writer) error {
	buffered := bufio.NewWriterSize(to, 1<<20)
	archive := npz.NewWriter(buffered)
	about, err := json.Marshal(w.about)
	if err != nil {
		return err
	}
	trials := []int{w.about.Trials}
	errs := []error{
		archive.Put("format", "<i8", nil, int64(format)),
		archive.PutTexts("about", nil, []string{string(about)}),
		archive.Put("trial_offsets", "<i8", []int{w.about.Trials + 1}, w.offsets),
		archive.Put("fresh", "|b1", trials, w.fresh),
		putNames(archive, "observation_names", w.spec.Observations),
		putNames(archive, "action_names", w.spec.Actions), putNames(archive, "period_names", w.periods),
	}
	if w.judged {
		errs = append(errs, archive.Put("correct", "|b1", trials, w.correct))
	}
	for _, c := range w.conditions.all() {
		errs = append(errs, c.putTo(archive))
	}
	errs = append(errs, w.state.writeTo(archive))
	for _, s := range w.spools {
		errs = append(errs, s.copyTo(archive))
	}
	return cmp.Or(append(errs, archive.Close(), buffered.Flush())...) // a full disk fails them all
}

func putNames(archive npz.Writer, name string, names []string) error {
	return archive.PutTexts(name, []int{len(names)}, names)
}

// conditionPrefix begins the names of the arrays of conditions.
const conditionPrefix = "condition_"

func (c column) putTo(archive npz.Writer) error {
	name := conditionPrefix + c.name
	switch values := c.numbers.(type) {
	case []int64:
		return archive.Put(name, "<i8", c.shape, values)
	case []float64:
		return archive.Put(name, "<f8", c.shape, values)
	case []bool:
		return archive.Put(name, "|b1", c.shape, values)
	}
	if slices.Equal(c.shape, []int{len(c.texts)}) {
		return archive.PutTexts(name, c.shape, c.texts)
	}
	return fmt.Errorf("condition %s has the shape %v", c.name, c.shape)
}
