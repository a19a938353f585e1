package suite

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"engram/drqn"
	"engram/internal/durable"
	"engram/internal/strictjson"
	"engram/lab"
)

// runsFile holds the finished runs of an archive, one packedRun a line.
const runsFile = "runs.jsonl"

// packedFormat is the version of a line of runs.jsonl; fields are added to it, and none is renamed.
const packedFormat = 1

// longestPacked bounds a line of runs.jsonl in bytes.
const longestPacked = 128 << 20

// packedRun is a line of runs.jsonl: one finished run.
type packedRun struct {
	Format int    `json:"format"` // packedFormat
	Task   string `json:"task"`
	Agent  string `json:"agent"`
	Seed   uint64 `json:"seed"`
	lab.Summary
	// Gates holds the quartiles of lambda_t at the run's end, which its metrics have; nil without a gate.
	Gates  *drqn.Quartiles `json:"gates,omitempty"`
	Digest string          `json:"digest,omitempty"` // lab.Digest's SHA-256 of the run, if its weights were still there
}

// archive holds the packed runs of a suite's directory, by the paths that their directories have or had in it.
type archive struct {
	dir  string
	runs map[string]packedRun
}

// openArchive reads the packed runs of a suite's directory. A suite that was never archived has none.
func openArchive(dir string) (archive, error) {
	a := archive{dir: dir, runs: map[string]packedRun{}}
	path := filepath.Join(dir, runsFile)
	file, err := durable.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	} else if err != nil {
		return a, fmt.Errorf("suite %s: %w", dir, err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestPacked)
	count := 0
	for lines.Scan() {
		count++
		if err := a.add(lines.Bytes()); err != nil {
			return a, fmt.Errorf("%s, line %d: %w", path, count, err)
		}
	}
	if err := lines.Err(); err != nil {
		return a, fmt.Errorf("%s, line %d: %w", path, count+1, err)
	}
	return a, nil
}

// add decodes a line of runs.jsonl.
func (a archive) add(line []byte) error {
	var r packedRun
	if err := decode(line, &r); err != nil {
		return err
	}
	if r.Format > packedFormat {
		return fmt.Errorf("unknown format %d: use a newer engram than this one, which reads up to %d", r.Format,
			packedFormat)
	}
	if err := r.check(line); err != nil {
		return err
	}
	name := Assignment{Task: r.Task, Agent: r.Agent, Seed: r.Seed}.String()
	if _, twice := a.runs[name]; twice {
		return fmt.Errorf("run %s stands here for the second time: remove one of its lines", name)
	}
	a.runs[name] = r
	return nil
}

// decode reads a part of a line.
func decode(text []byte, into any) error {
	if err := strictjson.Unmarshal(text, into); err != nil {
		return fmt.Errorf("not as it was written: %w: archive the suite again", err)
	}
	return nil
}

// check refuses a line without one of its fields, or of a run that has not finished. Whether this program can use the
// run's config shows when it is read.
func (r packedRun) check(line []byte) error {
	var has map[string]json.RawMessage
	if err := decode(line, &has); err != nil {
		return err
	}
	for _, name := range []string{"format", "task", "agent", "seed", "config", "run", "evaluations"} {
		if _, there := has[name]; !there {
			return fmt.Errorf("not as it was written: it has no %q: archive the suite again", name)
		}
	}
	var about lab.About
	if err := decode(r.Run, &about); err != nil {
		return err
	}
	if about.State != lab.Finished || about.Result == nil {
		return errors.New("not as it was written: its run has not finished: archive the suite again")
	}
	var evaluation drqn.Evaluation
	for _, text := range r.Evaluations {
		if err := decode(text, &evaluation); err != nil {
			return err
		}
	}
	return nil
}

// kept holds what tables read of a finished run.
type kept struct {
	run         *lab.Run
	evaluations []drqn.Evaluation
	gates       *drqn.Quartiles // of lambda_t at the end; nil without a gate, and where no metrics are left
}

// finished returns what is kept of the run of an assignment, read from its directory or else from the packed runs. It
// reports false where the run is missing or unfinished, or has a config that this program cannot use.
func (a archive) finished(of Assignment) (kept, bool, error) {
	path := filepath.Join(a.dir, of.String())
	r, err := lab.Open(path)
	if err == nil && r.About.State == lab.Finished {
		k := kept{run: r}
		if k.evaluations, err = r.Evaluations(); err == nil {
			k.gates, err = gatesAtEnd(r)
		}
		return k, true, err
	}
	packed, has := a.runs[of.String()]
	if !has {
		return kept{}, false, nil
	}
	r, evaluations, err := packed.Open(path)
	return kept{r, evaluations, packed.Gates}, err == nil && r.About.State == lab.Finished, nil
}

// gatesAtEnd returns the quartiles of lambda_t in the last of a run's metrics; nil if it has none.
func gatesAtEnd(r *lab.Run) (*drqn.Quartiles, error) {
	if !r.Config.Gated() {
		return nil, nil
	}
	metrics, err := r.Metrics()
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(metrics) == 0 {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return metrics[len(metrics)-1].Gates(), nil
}

// pack returns the line of a finished run.
func (a archive) pack(of Assignment) (packedRun, error) {
	path := filepath.Join(a.dir, of.String())
	r, err := lab.Open(path)
	if packed, has := a.runs[of.String()]; has && (err != nil || r.About.State != lab.Finished) {
		return packed, nil
	}
	packed := packedRun{Format: packedFormat, Task: of.Task, Agent: of.Agent, Seed: of.Seed}
	if err == nil {
		packed.Summary, err = lab.ReadSummary(path)
	}
	if err == nil {
		packed.Gates, err = gatesAtEnd(r)
	}
	if err != nil {
		return packed, err
	}
	if digest, err := r.Digest(); err == nil {
		packed.Digest = digest.SHA256
	}
	return packed, nil
}

// Archive copies a suite without weights and metrics: the plan, and runs.jsonl, which holds of each finished run its
// config, its description and its evaluations. The new directory is a suite too, in which every run has finished.
func Archive(dir, to string) error {
	if err := lab.CheckNew(to); err != nil {
		return err
	}
	if err := durable.WritableFolder(to); err != nil {
		return err
	}
	p, results, err := Results(dir)
	if err != nil {
		return err
	}
	a, err := openArchive(dir)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false) // so that texts stay as they are
	for _, r := range results {
		packed, err := a.pack(r.Assignment)
		if err == nil {
			err = lines.Encode(packed)
		}
		if err != nil {
			return fmt.Errorf("suite %s: %w", dir, err)
		}
	}
	err = os.MkdirAll(to, 0o777)
	if err == nil {
		err = durable.ReplaceBytes(filepath.Join(to, runsFile), text.Bytes())
	}
	if err == nil {
		err = p.write(to) // last: without it the directory is no suite
	}
	if err != nil {
		return fmt.Errorf("archive %s: %w", to, err)
	}
	return nil
}
