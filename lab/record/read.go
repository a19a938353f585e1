package record

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"engram/drqn"
	"engram/internal/memory"
	"engram/internal/npz"
	"engram/internal/strictjson"
)

// Recording is a recording in memory: N trials of T steps in all. Arrays are row-major; the steps of trial n are those
// from Offsets[n] up to Offsets[n+1].
type Recording struct {
	About
	Observations, Actions, Periods []string  // names
	Offsets                        []int     // [N+1]
	Correct                        []bool    // the trial was answered correctly, [N]; nil if that is not known
	Fresh                          []bool    // the trial began with a state of zeros, [N]
	Observation                    []float32 // [T, O]
	Action                         []int32   // [T]
	Reward                         []float32 // [T]
	Q                              []float32 // the actions' values, [T, A]
	H                              []float32 // the cell's activity after the step, [T, H]
	GroundTruth                    []int32   // [T]; -1 where there is none
	Period                         []int16   // number of the step's period in Periods, or -1, [T]
	Evidence                       []float32 // summed over the trial up to the step, [T]; nil if the task has none
	// State is the recurrent state after each of StateStep's steps, or its components; see docs/recording.md.
	State      []float32
	StateName  string // M, state, M_pca or state_pca; empty if none was recorded
	StateShape []int  // of one row
	StateStep  []int
	conditions map[string]condition
}

// condition is one number, or one text, of each trial.
type condition struct {
	numbers []float64
	texts   []string
}

// Damaged is the error of a file that is no whole recording.
type Damaged struct {
	Path   string
	Reason error
}

// Error implements error.
func (d Damaged) Error() string {
	return fmt.Sprintf("recording %s is cut short, altered, or none: %v: record it again", d.Path, d.Reason)
}

// Unwrap returns the reason.
func (d Damaged) Unwrap() error { return d.Reason }

// Read reads a recording. A file that is cut short or altered is an error that names it, Damaged; so is one that needs
// more memory than is free.
func Read(path string) (*Recording, error) {
	free, err := memory.Free()
	if err != nil {
		free = math.Inf(1)
	}
	return read(path, free)
}

func read(path string, free float64) (*Recording, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if size := float64(info.Size()); info.Mode().IsRegular() && size > free {
		return nil, fmt.Errorf("recording %s takes about %.1f GB of memory, of which %.1f GB are free: record fewer "+
			"trials, or less of the state (--state)", path, size/1e9, free/1e9)
	}
	f, err := npz.Open(path)
	if err != nil {
		return nil, damaged(path, err)
	}
	defer f.Close()
	r := &Recording{conditions: map[string]condition{}}
	if err := r.read(f); err != nil {
		return nil, damaged(path, err)
	}
	return r, nil
}

// Fits returns an error if what would be recorded may need more memory than is free once it is read.
func Fits(p *drqn.Policy, o Options) error {
	free, err := memory.Free()
	if size := Size(p, o); err == nil && size > free {
		return fmt.Errorf("%d trials take up to %.1f GB of memory, of which %.1f GB are free: use fewer trials "+
			"(--trials)", o.Trials, size/1e9, free/1e9)
	}
	return nil
}

// damaged returns err as Damaged, unless it tells that the file could not be opened.
func damaged(path string, err error) error {
	var unopened *os.PathError
	if errors.As(err, &unopened) {
		return err
	}
	return Damaged{path, err}
}

func (r *Recording) read(f *npz.File) error {
	if err := r.readAbout(f); err != nil {
		return err
	}
	steps, trials := r.Steps, r.Trials
	errs := []error{
		texts(f, "observation_names", &r.Observations), texts(f, "action_names", &r.Actions),
		texts(f, "period_names", &r.Periods), ints(f, "trial_offsets", trials+1, &r.Offsets),
		values(f, "fresh", "|b1", trials, &r.Fresh),
		values(f, "observation", "<f4", steps, &r.Observation), values(f, "action", "<i4", steps, &r.Action),
		values(f, "reward", "<f4", steps, &r.Reward), values(f, "q", "<f4", steps, &r.Q),
		values(f, "h", "<f4", steps, &r.H), values(f, "ground_truth", "<i4", steps, &r.GroundTruth),
		values(f, "period", "<i2", steps, &r.Period),
	}
	if f.Has("correct") {
		errs = append(errs, values(f, "correct", "|b1", trials, &r.Correct))
	}
	if f.Has("evidence") {
		errs = append(errs, values(f, "evidence", "<f4", steps, &r.Evidence))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	return errors.Join(r.readState(f), r.readConditions(f))
}

func (r *Recording) readAbout(f *npz.File) error {
	_, number, err := npz.Read[int64](f, "format", "<i8")
	if err != nil {
		return err
	}
	if len(number) != 1 || number[0] != format {
		return fmt.Errorf("its format is %v; this engram reads %d: use another engram", number, format)
	}
	_, about, err := npz.ReadTexts(f, "about")
	if err != nil {
		return err
	}
	if len(about) != 1 {
		return fmt.Errorf("array about has %d texts", len(about))
	}
	if err := strictjson.Unmarshal([]byte(about[0]), &r.About); err != nil {
		return fmt.Errorf("array about: %w", err)
	}
	if r.Trials < 0 || r.Steps < 0 {
		return fmt.Errorf("it has %d trials of %d steps", r.Trials, r.Steps)
	}
	return nil
}

// check compares the arrays' lengths and what numbers them.
func (r *Recording) check() error {
	offsets := r.Offsets
	if offsets[0] != 0 || offsets[len(offsets)-1] != r.Steps || !slices.IsSorted(offsets) {
		return fmt.Errorf("array trial_offsets does not part %d steps", r.Steps)
	}
	for name, sizes := range map[string][2]int{"observation": {len(r.Observation), len(r.Observations)},
		"q": {len(r.Q), len(r.Actions)}} {
		if sizes[0] != r.Steps*sizes[1] {
			return fmt.Errorf("array %s has %d values for %d names", name, sizes[0], sizes[1])
		}
	}
	for _, p := range r.Period {
		if p < -1 || int(p) >= len(r.Periods) {
			return fmt.Errorf("period %d has no name", p)
		}
	}
	return nil
}

func (r *Recording) readState(f *npz.File) error {
	for _, name := range []string{"M", "state", "M_pca", "state_pca"} {
		if !f.Has(name) {
			continue
		}
		a, state, err := npz.Read[float32](f, name, "<f4")
		if err != nil {
			return err
		}
		if len(a.Shape) == 0 {
			return fmt.Errorf("array %s is one number", name)
		}
		r.State, r.StateName, r.StateShape = state, name, a.Shape[1:]
		if err := ints(f, strings.TrimSuffix(name, "_pca")+"_step", a.Shape[0], &r.StateStep); err != nil {
			return err
		}
		for _, step := range r.StateStep {
			if step < 0 || step >= r.Steps {
				return fmt.Errorf("a state is of step %d of %d", step, r.Steps)
			}
		}
		return nil
	}
	return nil
}

// readConditions reads the conditions; a list of numbers becomes one condition for each place, NAME.0, NAME.1 and so
// on.
func (r *Recording) readConditions(f *npz.File) error {
	for _, array := range f.Names() {
		name, isCondition := strings.CutPrefix(array, conditionPrefix)
		if !isCondition {
			continue
		}
		a, numbers, texts, err := anyValues(f, array)
		if err != nil {
			return err
		}
		if len(a.Shape) < 1 || len(a.Shape) > 2 || a.Shape[0] != r.Trials {
			return fmt.Errorf("array %s has the shape %v for %d trials", array, a.Shape, r.Trials)
		}
		if len(a.Shape) == 1 {
			r.conditions[name] = condition{numbers, texts}
			continue
		}
		for place := range a.Shape[1] {
			var column []float64
			for trial := range r.Trials {
				column = append(column, numbers[trial*a.Shape[1]+place])
			}
			r.conditions[fmt.Sprintf("%s.%d", name, place)] = condition{numbers: column}
		}
	}
	return nil
}

// anyValues reads numbers of any type, or texts, of one axis.
func anyValues(f *npz.File, name string) (npz.Array, []float64, []string, error) {
	if a, whole, err := npz.Read[int64](f, name, "<i8"); err == nil {
		return a, floats(whole), nil, nil
	}
	if a, numbers, err := npz.Read[float64](f, name, "<f8"); err == nil {
		return a, numbers, nil, nil
	}
	if a, marks, err := npz.Read[uint8](f, name, "|b1"); err == nil {
		return a, floats(marks), nil, nil
	}
	a, texts, err := npz.ReadTexts(f, name)
	if err == nil && len(a.Shape) != 1 {
		err = fmt.Errorf("array %s has the shape %v", name, a.Shape)
	}
	return a, nil, texts, err
}

func floats[V int64 | uint8](values []V) []float64 {
	numbers := make([]float64, len(values))
	for i, v := range values {
		numbers[i] = float64(v)
	}
	return numbers
}

// values reads an array whose first axis has the given length.
func values[V bool | int16 | int32 | int64 | float32](f *npz.File, name, dtype string, length int, into *[]V) error {
	a, read, err := npz.Read[V](f, name, dtype)
	if err == nil && (len(a.Shape) == 0 || a.Shape[0] != length) {
		err = fmt.Errorf("array %s has the shape %v, not [%d, ...]", name, a.Shape, length)
	}
	*into = read
	return err
}

func ints(f *npz.File, name string, length int, into *[]int) error {
	var wide []int64
	err := values(f, name, "<i8", length, &wide)
	for _, v := range wide {
		*into = append(*into, int(v))
	}
	return err
}

func texts(f *npz.File, name string, into *[]string) (err error) {
	_, *into, err = npz.ReadTexts(f, name)
	return err
}

// Hidden returns H.
func (r *Recording) Hidden() int { return len(r.H) / max(1, r.Steps) }

// Conditions lists the names of the conditions, sorted.
func (r *Recording) Conditions() []string {
	var names []string
	for name := range r.conditions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// mostLabels bounds the values of a condition that are labels.
const mostLabels = 32

// Labels returns the label of each trial by a condition, 0 to C-1 [N], and the labels' names [C]. A condition that the
// task does not have, is NaN in a trial, is the same in all, or has more than 32 values is an error.
func (r *Recording) Labels(name string) (labels []int, names []string, err error) {
	c, found := r.conditions[name]
	if !found {
		return nil, nil, fmt.Errorf("unknown condition %q of %s: use one of %s", name, r.Task,
			strings.Join(r.Conditions(), ", "))
	}
	texts := c.texts
	if texts == nil {
		texts = numbered(c.numbers)
	}
	numberOf := map[string]int{}
	for _, text := range distinct(c) {
		numberOf[text] = len(names)
		names = append(names, text)
	}
	missing := 0
	for _, v := range c.numbers {
		if math.IsNaN(v) {
			missing++
		}
	}
	switch {
	case missing > 0:
		return nil, nil, fmt.Errorf("condition %s is NaN in %d of %d trials: use another condition", name, missing,
			r.Trials)
	case len(names) < 2:
		return nil, nil, fmt.Errorf("condition %s is the same in all %d trials: use another condition or other "+
			"task options", name, r.Trials)
	case len(names) > mostLabels:
		return nil, nil, fmt.Errorf("condition %s has %d values, more than %d: use one that has fewer", name,
			len(names), mostLabels)
	}
	for _, text := range texts {
		labels = append(labels, numberOf[text])
	}
	return labels, names, nil
}

// distinct returns the different values of a condition, rising.
func distinct(c condition) []string {
	if c.texts != nil {
		sorted := slices.Clone(c.texts)
		slices.Sort(sorted)
		return slices.Compact(sorted)
	}
	sorted := slices.Clone(c.numbers)
	slices.Sort(sorted)
	return slices.Compact(numbered(sorted))
}

func numbered(values []float64) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return texts
}
