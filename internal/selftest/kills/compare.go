package kills

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"engram/lab"
)

// compare compares the runs that were killed with those that were left alone.
func (r *Run) compare(killed, alone []string) (err error) {
	if r.Different, err = different(killed, alone); err != nil {
		return err
	}
	if r.Killed, err = digests(killed); err != nil {
		return err
	}
	r.Alone, err = digests(alone)
	return err
}

// digests returns the digests of the runs in some directories.
func digests(dirs []string) ([]string, error) {
	var sums []string
	for _, dir := range dirs {
		run, err := lab.Open(dir)
		if err != nil {
			return nil, err
		}
		d, err := run.Digest()
		if err != nil {
			return nil, err
		}
		sums = append(sums, d.SHA256)
	}
	return sums, nil
}

// readable returns an error unless a run's journals can be read and hold every update that is due.
func readable(r *lab.Run) error {
	metrics, err := r.Metrics()
	if err != nil {
		return err
	}
	for i, m := range metrics {
		if want := int64((i + 1) * r.Config.MetricsEvery); m.Update != want {
			return fmt.Errorf("%s: line %d of the metrics is of update %d, not %d", r.Dir, i+1, m.Update, want)
		}
	}
	evaluations, err := r.Evaluations()
	if err != nil {
		return err
	}
	for i, e := range evaluations {
		if want := int64(i * r.Config.EvalEvery); e.Update != want {
			return fmt.Errorf("%s: line %d of the evaluations is of update %d, not %d", r.Dir, i+1, e.Update, want)
		}
	}
	return nil
}

// different returns the files that differ between the runs of two lists.
func different(killed, alone []string) ([]string, error) {
	names := []string{}
	for i := range alone {
		got, err := fingerprint(killed[i])
		if err != nil {
			return nil, err
		}
		want, err := fingerprint(alone[i])
		if err != nil {
			return nil, err
		}
		for name, sum := range want {
			if got[name] != sum {
				names = append(names, filepath.Join(killed[i], name))
			}
		}
	}
	return names, nil
}

// fingerprint returns the SHA-256 of each part of a finished run: its journals, its result, and every file of its last
// checkpoint (weights, target network and moments, the state of acting, and the replay ring).
func fingerprint(dir string) (map[string]string, error) {
	r, err := lab.Open(dir)
	if err != nil {
		return nil, err
	}
	if r.About.State != lab.Finished {
		return nil, fmt.Errorf("run %s is %s, not finished: %s", dir, r.About.State, r.About.Error)
	}
	updates, err := r.Checkpoints()
	if err != nil || len(updates) == 0 {
		return nil, fmt.Errorf("run %s has no checkpoint: %w", dir, err)
	}
	last, err := r.Checkpoint(updates[len(updates)-1])
	if err != nil {
		return nil, err
	}
	result, err := json.Marshal(r.About.Result)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{"the result": sum(result), "the last checkpoint's update": fmt.Sprint(last.Update)}
	for name, sha := range last.Files {
		sums[name] = sha
	}
	for _, name := range []string{"config.json", "metrics.jsonl", "evals.jsonl"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		sums[name] = sum(data)
	}
	return sums, nil
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}
