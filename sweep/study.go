package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"engram/internal/durable"
	"engram/sweep/search"
)

// Version is that of study.json and of the attempt files.
const Version = 1

const (
	studyFile   = "study.json"
	attemptsDir = "attempts"
	runsDir     = "runs"
)

// Study says what is searched: study.json.
type Study struct {
	Version int           `json:"version"`
	Name    string        `json:"name,omitempty"`
	Goal    Goal          `json:"goal"`
	Space   search.Space  `json:"space"`
	Sampler search.Method `json:"sampler"`
	Pruner  search.Rule   `json:"pruner"`
	Trials  int           `json:"trials,omitempty"`  // 0: all of a grid
	Minutes float64       `json:"minutes,omitempty"` // after which a run of the study ends; 0: none
	Seed    uint64        `json:"seed"`
	// MaxAttempts is the number of failed or lost attempts after which a trial is set aside; 0 means 3.
	MaxAttempts int `json:"max_attempts,omitempty"`
	// StaleSeconds is the time after which a silent attempt on another machine is lost; 0 means 60.
	StaleSeconds float64 `json:"stale_seconds,omitempty"`
}

// The defaults of a study.
const (
	DefaultMaxAttempts  = 3
	DefaultStaleSeconds = 60
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
	return time.Duration(seconds * float64(time.Second))
}

// Check returns an error that names what is impossible, before anything runs.
func (s Study) Check() error {
	if s.Version != Version {
		return fmt.Errorf("the study is of version %d, and this engram reads %d: use the engram it was made with", s.Version, Version)
	}
	switch {
	case s.Trials < 0:
		return fmt.Errorf("trials %d is impossible: choose 1 or more", s.Trials)
	case s.Minutes < 0 || math.IsNaN(s.Minutes) || math.IsInf(s.Minutes, 0):
		return fmt.Errorf("minutes %g is impossible: choose a number above 0, or 0 for no limit", s.Minutes)
	case s.MaxAttempts < 0:
		return fmt.Errorf("max_attempts %d is impossible: choose 1 or more, or 0 for %d", s.MaxAttempts, DefaultMaxAttempts)
	case s.StaleSeconds < 0:
		return fmt.Errorf("stale_seconds %g is impossible: choose a number above 0, or 0 for %d", s.StaleSeconds, DefaultStaleSeconds)
	}
	if err := s.Pruner.Check(); err != nil {
		return err
	}
	o, err := s.Goal.objective(s.Space)
	if err != nil {
		return err
	}
	if _, _, err := s.plan(); err != nil {
		return err
	}
	return s.checkPoints(o)
}

// plan is the sampler and the number of trials.
func (s Study) plan() (search.Sampler, int, error) {
	sampler, err := s.Sampler.New(s.Space, s.Seed)
	if err != nil {
		return nil, 0, err
	}
	trials := s.Trials
	if grid, ok := sampler.(*search.Grid); ok && (trials == 0 || trials > grid.Len()) {
		trials = grid.Len()
	}
	if trials == 0 {
		return nil, 0, fmt.Errorf("trials is missing: say how many the sampler %s shall try", s.Sampler.Kind)
	}
	return sampler, trials, nil
}

// extremes bounds the points that are checked beforehand.
const extremes = 500

// checkPoints holds points of the space against the limits of what is run.
func (s Study) checkPoints(o objective) error {
	for _, p := range s.Space.Extremes(extremes) {
		if err := o.check(p); err != nil {
			return fmt.Errorf("%w (with %s)", err, s.Space.Text(p))
		}
	}
	return nil
}

// DecodeStudy reads and checks a study. A field that does not exist, or text after the object, is an error.
func DecodeStudy(r io.Reader) (Study, error) {
	var s Study
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return s, fmt.Errorf("not a study: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return s, errors.New("not a study: there is text after the JSON object")
	}
	s = s.filled()
	return s, s.Check()
}

// filled is the study with what a file may leave out: a function has a space of its own.
func (s Study) filled() Study {
	if s.Version == 0 {
		s.Version = Version
	}
	if f, err := search.FunctionOf(s.Goal.Function); err == nil && len(s.Space) == 0 {
		s.Space = f.Space
	}
	return s
}

// ReadStudy reads and checks a study file.
func ReadStudy(path string) (Study, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Study{}, fmt.Errorf("study file: %w", err)
	}
	s, err := DecodeStudy(bytes.NewReader(data))
	if err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Create makes a study's directory, or checks that the one that is there holds the same study.
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
	there, err := os.ReadFile(filepath.Join(dir, studyFile))
	switch {
	case err == nil && bytes.Equal(there, data):
		return nil
	case err == nil:
		return fmt.Errorf("%s holds another study: choose another directory, or 'engram sweep resume %s' for the one that is there", dir, dir)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("study %s: %w", dir, err)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s exists and is no study: choose another directory", dir)
	}
	for _, d := range []string{attemptsDir, runsDir} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o777); err != nil {
			return fmt.Errorf("study %s cannot be made: %w", dir, err)
		}
	}
	if err := durable.ReplaceBytes(filepath.Join(dir, studyFile), data); err != nil {
		return fmt.Errorf("study %s cannot be made: %w", dir, err)
	}
	return nil
}

// openStudy reads the study of a directory.
func openStudy(dir string) (Study, error) {
	s, err := ReadStudy(filepath.Join(dir, studyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("%s is not a study: it has no %s; 'engram sweep run STUDY.json --out %s' makes one", dir, studyFile, dir)
	}
	return s, err
}
