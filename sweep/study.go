package sweep

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"engram/bridge"
	"engram/internal/durable"
	"engram/internal/lock"
	"engram/internal/plain"
	"engram/internal/strictjson"
	"engram/sweep/search"
)

// Version is the version of study.json and of the attempt files.
const Version = 1

const (
	studyFile   = "study.json"
	attemptsDir = "attempts"
	runsDir     = "runs"
)

// Kept lists the files and folders of a study, besides its runs, that cannot be made again.
func Kept() []string { return []string{studyFile, attemptsDir, lock.File} }

// IsStudy reports whether a directory is a study, be it one that cannot be read. A folder that only has a study.json
// may be its author's.
func IsStudy(dir string) bool { return durable.Exists(dir, attemptsDir) }

// Study says what is searched: study.json.
type Study struct {
	Version int           `json:"version"`
	Name    string        `json:"name,omitempty"`
	Goal    Goal          `json:"goal"`
	Space   search.Space  `json:"space"`
	Sampler search.Method `json:"sampler"`
	Pruner  search.Rule   `json:"pruner"`
	Trials  int           `json:"trials,omitempty"`  // 0: all of a grid
	Minutes float64       `json:"minutes,omitempty"` // after which a run of the study ends; 0: no limit
	Seed    uint64        `json:"seed"`
	// MaxAttempts is the number of failed or lost attempts after which a trial is set aside; 0 means 3.
	MaxAttempts int `json:"max_attempts,omitempty"`
	// StaleSeconds is the time after which a silent attempt on another machine counts as lost; 0 means 60. It is at
	// least 1 and, where agents train, at least lock.Silence (120), by which the locks of their runs go.
	StaleSeconds float64 `json:"stale_seconds,omitempty"`
}

// The defaults of a study.
const (
	DefaultMaxAttempts  = 3
	DefaultStaleSeconds = 60
)

// leastStaleSeconds keeps signs of life from filling the disk; longest, in seconds, keeps times within the range of a
// time.Duration.
const (
	leastStaleSeconds = 1
	longest           = 1e9
)

func (s Study) maxAttempts() int {
	if s.MaxAttempts == 0 {
		return DefaultMaxAttempts
	}
	return s.MaxAttempts
}

func (s Study) staleAfter() time.Duration {
	seconds := s.StaleSeconds
	if seconds == 0 {
		seconds = DefaultStaleSeconds
	}
	stale := time.Duration(max(seconds, leastStaleSeconds) * float64(time.Second))
	if s.Goal.Kind == "train" { // a worker that counts as dead here must also count as dead for the lock of its run
		stale = max(stale, lock.Silence)
	}
	return stale
}

// Check returns an error that names the first invalid part of a new study and the remedy, before anything runs.
func (s Study) Check() error {
	o, err := s.checked()
	if err == nil {
		err = s.checkUse(o)
	}
	if err == nil {
		err = s.checkEdge(o)
	}
	if t, trains := o.(*training); trains && err == nil {
		err = t.checkEffects(s.Space.Extremes(extremes))
	}
	return err
}

// checkMade checks a study that was made before, perhaps by an earlier version, which refused less.
func (s Study) checkMade() error {
	o, err := s.checked()
	if err != nil {
		return err
	}
	return s.checkEdge(o)
}

// checkEdge returns an error where a point at an edge of the space cannot be carried out.
func (s Study) checkEdge(o objective) error {
	edge := s.Space.Extremes(extremes)
	if t, trains := o.(*training); trains {
		bridge.DescribeTogether(t.environments(edge)...)
	}
	return s.checkPoints(o, edge)
}

// checkUse refuses what a parameter has and the sampler or the hyperparameter cannot use.
func (s Study) checkUse(o objective) error {
	t, trains := o.(*training)
	for _, p := range s.Space {
		if p.Points != 0 && s.Sampler.Kind != "grid" {
			return fmt.Errorf("parameter %s has points, which sampler %s has no use for: leave them out, or use grid",
				p.Name, s.Sampler.Kind)
		}
		if trains {
			if err := t.checkKind(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// checked returns the study's objective, or an error that names the first invalid part of the study but for its points.
func (s Study) checked() (objective, error) {
	if err := s.checkFields(); err != nil {
		return nil, err
	}
	o, err := s.Goal.objective(s.Space, nil)
	if err == nil {
		_, _, err = s.plan()
	}
	return o, err
}

// checkFields refuses invalid numbers, and an invalid space, sampler or pruner.
func (s Study) checkFields() error {
	if s.Version != Version {
		return fmt.Errorf("the study is of version %d, and this engram reads %d: use the engram it was made with",
			s.Version, Version)
	}
	switch {
	case s.Trials < 0 || s.Trials > search.MaxGrid:
		return fmt.Errorf("invalid trials %d: use 1 to %d", s.Trials, search.MaxGrid)
	case s.MaxAttempts < 0:
		return fmt.Errorf("invalid max_attempts %d: use 1 or more, or 0 for %d", s.MaxAttempts,
			DefaultMaxAttempts)
	case !(s.StaleSeconds >= 0 && s.StaleSeconds <= longest):
		return fmt.Errorf("invalid stale_seconds %g: use a number from %d to %.0f, or 0 for %d",
			s.StaleSeconds, leastStaleSeconds, longest,
			DefaultStaleSeconds)
	}
	return cmp.Or(checkMinutes(s.Minutes), s.Pruner.Check())
}

// plan returns the study's sampler and its number of trials.
func (s Study) plan() (search.Sampler, int, error) {
	sampler, err := s.Sampler.New(s.Space, s.Seed)
	if err != nil {
		return nil, 0, err
	}
	trials := s.Trials
	if finite, ok := sampler.(interface{ Len() int }); ok && (trials == 0 || trials > finite.Len()) {
		trials = finite.Len()
	}
	if trials == 0 {
		return nil, 0, fmt.Errorf("trials is missing: set how many the sampler %s tries", s.Sampler.Kind)
	}
	return sampler, trials, nil
}

// extremes bounds the number of points that are checked before the study is made.
const extremes = 500

// checkPoints returns an error where one of the points, which are at an edge of the space, cannot be carried out.
func (s Study) checkPoints(o objective, edge []search.Point) error {
	for _, p := range edge {
		if err := o.check(p); err != nil {
			return fmt.Errorf("%w (with %s)", err, s.Space.Text(p))
		}
	}
	return nil
}

// DecodeStudy reads and checks a study. An unknown field, or text after the object, is an error.
func DecodeStudy(r io.Reader) (Study, error) {
	return decodeStudy(r, Study.Check)
}

func decodeStudy(r io.Reader, check func(Study) error) (Study, error) {
	s, err := strictjson.Decode(r, Study{})
	if err != nil {
		return s, fmt.Errorf("not a study: %w", err)
	}
	s = s.filled()
	return s, check(s)
}

// filled returns the study with the fields set that a file may leave out, such as the space of a function.
func (s Study) filled() Study {
	if s.Version == 0 {
		s.Version = Version
	}
	if f, err := search.FunctionOf(s.Goal.Function); err == nil && len(s.Space) == 0 {
		s.Space = f.Space
	}
	return s
}

// longestStudy bounds the size of a study file, in bytes.
const longestStudy = 16 << 20

// ReadStudy reads and checks a study file.
func ReadStudy(path string) (Study, error) { return readStudy(path, Study.Check) }

func readStudy(path string, check func(Study) error) (Study, error) {
	data, err := durable.Read(path, longestStudy)
	if err != nil {
		return Study{}, fmt.Errorf("study file: %w", err)
	}
	s, err := decodeStudy(bytes.NewReader(data), check)
	if err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Create makes a study's directory. Where it exists, it must hold the same study, which may ask for fewer trials.
func Create(dir string, s Study) error {
	s = s.filled()
	if err := s.Check(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	other := holdsOther(dir) // before the study is looked for: another process may be making it
	there, err := openStudy(dir)
	switch {
	case err == nil:
		return s.enlarge(dir, there, data)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case other:
		return fmt.Errorf("%s exists and is no study: use another directory", dir)
	}
	for _, d := range []string{attemptsDir, runsDir} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o777); err != nil {
			return fmt.Errorf("study %s cannot be made: %w", dir, err)
		}
	}
	switch err := durable.CreateBytes(filepath.Join(dir, studyFile), data); {
	case errors.Is(err, fs.ErrExist):
		return Create(dir, s) // another process was quicker
	case err != nil:
		return fmt.Errorf("study %s cannot be made: %w", dir, err)
	}
	return nil
}

// holdsOther reports whether a directory holds more than a study that is just being made: empty folders, and the file
// that becomes study.json.
func holdsOther(dir string) bool {
	folders := []string{attemptsDir, runsDir}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !slices.Contains(folders, e.Name()) && !strings.HasPrefix(e.Name(), durable.BesidePrefix) {
			return true
		}
	}
	return slices.ContainsFunc(folders, func(folder string) bool {
		within, _ := os.ReadDir(filepath.Join(dir, folder))
		return len(within) > 0
	})
}

// enlarge replaces the study of a directory by one that asks for more trials or other minutes. Where it differs in
// anything else, the error names the fields.
func (s Study) enlarge(dir string, there Study, data []byte) error {
	same := there
	same.Trials, same.Minutes = s.Trials, s.Minutes
	different, err := s.differences(same)
	switch {
	case err != nil:
		return err
	case different != "":
		return fmt.Errorf("%s holds another study, which differs in %s: use another directory, or "+
			"'engram sweep resume %s' for the study that is there", dir, different, plain.Path(dir))
	case s.Trials == there.Trials && s.Minutes == there.Minutes:
		return nil
	case s.Trials < there.Trials && s.Trials != 0:
		return fmt.Errorf("%s asks for %d trials, more than %d: a study can only be made larger", dir, there.Trials,
			s.Trials)
	}
	if err := durable.ReplaceBytes(filepath.Join(dir, studyFile), data); err != nil {
		return fmt.Errorf("study %s cannot be made larger: %w", dir, err)
	}
	return nil
}

// differences names the fields of study.json in which two studies differ.
func (s Study) differences(other Study) (string, error) {
	fields := func(s Study) (map[string]json.RawMessage, error) {
		data, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		var all map[string]json.RawMessage
		return all, json.Unmarshal(data, &all)
	}
	a, errA := fields(s)
	b, errB := fields(other)
	if err := errors.Join(errA, errB); err != nil {
		return "", err
	}
	var names []string
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, there := a[name]; !there {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", "), nil
}

// openStudy reads the study of a directory to carry it out; the error wraps fs.ErrNotExist where it is missing.
func openStudy(dir string) (Study, error) { return studyIn(dir, Study.checkMade) }

// viewStudy reads the study of a directory as openStudy does, and starts no Python: an environment of Python is
// described by the study's runs, and before there are any the points in it are not checked again.
func viewStudy(dir string) (Study, error) {
	return studyIn(dir, func(s Study) error {
		o, err := s.checked()
		if err != nil {
			return err
		}
		edge := s.Space.Extremes(extremes)
		if t, trains := o.(*training); trains {
			edge = t.described(edge, filepath.Join(dir, runsDir))
		}
		return s.checkPoints(o, edge)
	})
}

func studyIn(dir string, check func(Study) error) (Study, error) {
	s, err := readStudy(filepath.Join(dir, studyFile), check)
	if errors.Is(err, fs.ErrNotExist) {
		return s, durable.Missing(fmt.Sprintf("%s is not a study: it has no %s; 'engram sweep run STUDY.json --out "+
			"%s' makes one", dir, studyFile, plain.Path(dir)))
	}
	return s, err
}
