package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"engram/bridge"
	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/strictjson"
)

// longestEvaluations bounds the file of a run's evaluations in bytes: 100,000 evaluations need a third of it.
const longestEvaluations = 64 << 20

// Summary holds what says how a run went, without weights and metrics: the JSON of three files of its directory, as it
// stands there. Fields that this version does not know are kept.
type Summary struct {
	Config      json.RawMessage   `json:"config"`      // config.json
	Run         json.RawMessage   `json:"run"`         // run.json
	Evaluations []json.RawMessage `json:"evaluations"` // the lines of evals.jsonl
}

// ReadSummary reads the summary of a run's directory.
func ReadSummary(dir string) (Summary, error) {
	var files [3][]byte
	for i, name := range []string{configFile, runFile, evaluationsFile} {
		data, err := durable.Read(filepath.Join(dir, name), longestEvaluations)
		if errors.Is(err, fs.ErrNotExist) {
			return Summary{}, fmt.Errorf("%s is missing", filepath.Join(dir, name))
		} else if err != nil {
			return Summary{}, fmt.Errorf("run %s: %w", dir, err)
		}
		files[i] = data
	}
	s := Summary{Config: files[0], Run: files[1]}
	for line := range bytes.Lines(files[2]) {
		if bytes.HasSuffix(line, []byte("\n")) { // otherwise its writer was killed
			s.Evaluations = append(s.Evaluations, line)
		}
	}
	return s, nil
}

// Open decodes the summary of the run that was at dir, and checks that its config can be used, as Open does for a run's
// directory. Only the config and the description of the run that it returns can be read: its directory may be gone.
func (s Summary) Open(dir string) (*Run, []drqn.Evaluation, error) {
	r, err := decodeRun(dir, s.Config, s.Run)
	if err != nil {
		return nil, nil, err
	}
	if err := r.Config.Validate(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", filepath.Join(dir, configFile), err)
	}
	evaluations := make([]drqn.Evaluation, len(s.Evaluations))
	for i, line := range s.Evaluations {
		if err := json.Unmarshal(line, &evaluations[i]); err != nil {
			return nil, nil, fmt.Errorf("run %s: evaluation %d is not as it was written: %w", dir, i+1,
				strictjson.InWords(err))
		}
	}
	return r, evaluations, nil
}

// decodeRun decodes the files of a run's config and description.
func decodeRun(dir string, config, about []byte) (*Run, error) {
	r := &Run{Dir: dir}
	var err error
	if r.Config, err = drqn.DecodeConfig(bytes.NewReader(config), drqn.Earlier()); err == nil {
		r.Config, err = r.Config.WithoutUnused()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, configFile), err)
	}
	if err := json.Unmarshal(about, &r.About); err != nil {
		return nil, fmt.Errorf("%s is not as it was written: %w", filepath.Join(dir, runFile),
			strictjson.InWords(err))
	}
	if r.About.Format > formatState {
		return nil, fmt.Errorf("run %s has format %d: %w", dir, r.About.Format, errNewer)
	}
	if d := r.About.Environment; d != nil {
		if err := bridge.Remember(r.Config.Task, r.Config.TaskOptions, *d); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, runFile), err)
		}
	}
	return r, nil
}
