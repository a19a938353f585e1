package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"engram/internal/lock"
	"engram/sweep/search"
)

// workerVariable makes this test binary a worker of the directory it names.
const workerVariable = "ENGRAM_TEST_SWEEP_WORKER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(workerVariable); dir != "" {
		if err := Work(context.Background(), dir, Options{}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// functionStudy returns a study of a function.
func functionStudy(function, sampler string, trials int) Study {
	return Study{Goal: Goal{Kind: "function", Function: function}, Sampler: search.Method{Kind: sampler},
		Trials: trials}
}

// made makes a study's directory.
func made(t *testing.T, s Study) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "study")
	if err := Create(dir, s); err != nil {
		t.Fatal(err)
	}
	return dir
}

// checked opens a study and checks its invariants: every suggestion is what its history gives, and each trial is in
// one state.
func checked(t *testing.T, dir string) (*Reader, Status) {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Audit(); err != nil {
		t.Error(err)
	}
	s, err := r.Status()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, n := range s.States {
		sum += n
	}
	if sum != len(r.view.trials) {
		t.Errorf("%d trials in states, %d begun", sum, len(r.view.trials))
	}
	return r, s
}

func worked(t *testing.T, dir string, o Options) {
	t.Helper()
	if err := Work(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
}

func TestAStudyIsCarriedOutWithEverySampler(t *testing.T) {
	for _, sampler := range search.Kinds() {
		s := functionStudy("mixed", sampler, 40)
		dir := made(t, s)
		worked(t, dir, Options{Workers: 3})
		if _, status := checked(t, dir); !status.Done || status.States[Complete] != 40 || status.Attempts != 40 ||
			status.Best == nil {
			t.Errorf("%s: %s", sampler, status.Line())
		}
	}
}

// With one worker the whole study repeats; with any number of workers the audit in checked holds.
func TestSameSeedSameSuggestions(t *testing.T) {
	values := func(seed uint64) []map[string]any {
		s := functionStudy("hartmann6", "tpe", 30)
		s.Seed = seed
		dir := made(t, s)
		worked(t, dir, Options{})
		r, _ := checked(t, dir)
		trials, err := r.Trials()
		if err != nil {
			t.Fatal(err)
		}
		var all []map[string]any
		for _, trial := range trials {
			all = append(all, trial.Values)
		}
		return all
	}
	a, b, other := values(1), values(1), values(2)
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("one seed gives two sweeps")
	}
	if fmt.Sprint(a) == fmt.Sprint(other) {
		t.Error("two seeds give one sweep")
	}
}

func TestTheAuditSeesWhatWasNotSuggested(t *testing.T) {
	dir := made(t, functionStudy("branin", "tpe", 20))
	worked(t, dir, Options{Workers: 2})
	path := filepath.Join(dir, attemptsDir, attemptFile(15, 1))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var first line
	head, rest, _ := strings.Cut(string(data), "\n")
	if err := json.Unmarshal([]byte(head), &first); err != nil {
		t.Fatal(err)
	}
	first.Values["x"] = first.Values["x"].(float64)/2 + 0.1
	changed, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(string(changed)+"\n"+rest), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Audit(); err == nil || !strings.Contains(err.Error(), "trial 15") {
		t.Errorf("audit returns %v", err)
	}
}

// Workers that share nothing but the directory share the trials out: none is tried twice.
func TestWorkersShareTrialsOut(t *testing.T) {
	s := functionStudy("branin", "random", 120)
	dir := made(t, s)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() { worked(t, dir, Options{Workers: 2}) })
	}
	group.Wait()
	_, status := checked(t, dir)
	if status.Attempts != 120 || status.States[Complete] != 120 {
		t.Errorf("%d attempts at %s", status.Attempts, status.Line())
	}
}

// Processes that are killed at random moments lose no result, and no trial counts twice.
func TestKilledWorkersLoseNothing(t *testing.T) {
	s := functionStudy("branin", "tpe", 60)
	s.Goal.Steps, s.Goal.Milliseconds, s.MaxAttempts = 3, 3, 50
	dir := made(t, s)
	rng := rand.New(rand.NewPCG(11, 0))
	var kills atomic.Int64
	acknowledged := map[string]string{}
	for round := 0; ; round++ {
		var group sync.WaitGroup
		for range 3 {
			after := time.Duration(80+rng.IntN(120)) * time.Millisecond
			group.Go(func() {
				worker := exec.Command(os.Args[0])
				worker.Env = append(os.Environ(), workerVariable+"="+dir)
				if err := worker.Start(); err != nil {
					t.Error(err)
					return
				}
				if round < 6 {
					time.Sleep(after)
					if worker.Process.Kill() == nil {
						kills.Add(1)
					}
				}
				worker.Wait()
			})
		}
		group.Wait()
		r, status := checked(t, dir)
		trials, err := r.Trials()
		if err != nil {
			t.Fatal(err)
		}
		for _, trial := range trials { // what has a value keeps it
			if trial.Value == nil {
				continue
			}
			key, value := fmt.Sprint(trial.Trial), fmt.Sprint(trial.Counted, *trial.Value)
			if before, ok := acknowledged[key]; ok && before != value {
				t.Errorf("trial %s was %s and is %s", key, before, value)
			}
			acknowledged[key] = value
		}
		if status.Done {
			if status.States[Complete] != 60 || kills.Load() == 0 {
				t.Errorf("after %d kills: %s", kills.Load(), status.Line())
			}
			t.Logf("%d kills, %d attempts at %d trials", kills.Load(), status.Attempts, status.Trials)
			return
		}
		if round == 30 {
			t.Fatalf("after %d rounds: %s", round, status.Line())
		}
	}
}

// claimed writes the claim of an attempt on another machine, which then falls silent.
func claimed(t *testing.T, dir string, l line, silent time.Duration) {
	t.Helper()
	l.Event, l.Time, l.Host = eventClaim, now(), "elsewhere"
	if l.Machine == "" {
		l.Machine = "another kernel"
	}
	w, err := claimFile(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-silent)
	if err := os.Chtimes(w.path, then, then); err != nil {
		t.Fatal(err)
	}
}

// firstValues returns the values that the study suggests for trial 0.
func firstValues(t *testing.T, s Study) map[string]any {
	t.Helper()
	s = s.filled()
	sampler, _, err := s.plan()
	if err != nil {
		t.Fatal(err)
	}
	p, err := sampler.Suggest(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Space.Values(p)
}

func TestASilentAttemptElsewhereIsTakenOver(t *testing.T) {
	s := functionStudy("branin", "random", 1)
	for _, c := range []struct {
		silent time.Duration
		taken  bool
	}{{10 * time.Second, false}, {70 * time.Second, true}} { // lost after 60 seconds
		dir := made(t, s)
		claimed(t, dir, line{Trial: 0, Attempt: 1, Values: firstValues(t, s)}, c.silent)
		worked(t, dir, Options{})
		if _, status := checked(t, dir); status.Done != c.taken ||
			status.Attempts != map[bool]int{true: 2, false: 1}[c.taken] {
			t.Errorf("silent for %s: %d attempts, %s", c.silent, status.Attempts, status.Line())
		}
	}
}

// On this machine the lock decides, however long ago the last sign of life was.
func TestALivingAttemptHereIsLeftAlone(t *testing.T) {
	s := functionStudy("branin", "random", 1)
	dir := made(t, s)
	l := line{Event: eventClaim, Time: now(), Trial: 0, Attempt: 1, Values: firstValues(t, s), Machine: lock.Boot()}
	w, err := claimFile(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(w.path, long, long); err != nil {
		t.Fatal(err)
	}
	worked(t, dir, Options{})
	if _, status := checked(t, dir); status.States[Running] != 1 {
		t.Errorf("with its worker alive: %s", status.Line())
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if _, status := checked(t, dir); status.States[Lost] != 1 {
		t.Errorf("with its worker gone: %s", status.Line())
	}
	worked(t, dir, Options{})
	if _, status := checked(t, dir); status.States[Complete] != 1 || status.Attempts != 2 {
		t.Errorf("after another worker: %s", status.Line())
	}
}

// A worker that counted as dead may report after its successor has: the trial counts once, by the first attempt.
func TestATrialReportedTwiceCountsOnce(t *testing.T) {
	s := functionStudy("branin", "random", 1)
	dir := made(t, s)
	claimed(t, dir, line{Trial: 0, Attempt: 1, Values: firstValues(t, s)}, time.Hour)
	worked(t, dir, Options{})
	_, before := checked(t, dir)
	value := *before.Best.Value
	orphan, err := os.OpenFile(filepath.Join(dir, attemptsDir, attemptFile(0, 1)), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(orphan, `{"event":"end","state":"complete","value":%v,"seconds":1}`+"\n", value)
	orphan.Close()
	r, after := checked(t, dir)
	trials, err := r.Trials()
	if err != nil {
		t.Fatal(err)
	}
	if after.States[Complete] != 1 || len(trials) != 1 || trials[0].Counted != 1 || trials[0].Attempts != 2 ||
		*after.Best.Value != value {
		t.Errorf("%+v, %s", trials, after.Line())
	}
}

func TestATrialLostAgainAndAgainIsSetAside(t *testing.T) {
	s := functionStudy("branin", "random", 2)
	dir := made(t, s)
	for attempt := 1; attempt <= DefaultMaxAttempts; attempt++ {
		claimed(t, dir, line{Trial: 0, Attempt: attempt, Values: firstValues(t, s)}, time.Hour)
	}
	worked(t, dir, Options{RetryFailed: true})
	_, status := checked(t, dir)
	if status.States[Aside] != 1 || status.States[Complete] != 1 || !status.Done || len(status.Failed) != 1 ||
		status.Failed[0].Trial != 0 {
		t.Errorf("%s, failed %+v", status.Line(), status.Failed)
	}
}

// A cancelled run leaves its trials to the next one, which takes them at once.
func TestInterruptedTrialsGoOn(t *testing.T) {
	s := functionStudy("branin", "random", 4)
	s.Goal.Steps, s.Goal.Milliseconds = 100, 20
	dir := made(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := Work(ctx, dir, Options{Workers: 2}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("cancelled: %v", err)
	}
	if _, status := checked(t, dir); status.States[Interrupted] != 2 {
		t.Fatalf("cancelled: %s", status.Line())
	}
	for _, trial := range []int{0, 1} { // shorten them: what is tested is who takes them
		claimed(t, dir, line{Trial: trial, Attempt: 2, Values: valuesOf(t, dir, trial)}, time.Hour)
	}
	quick := filepath.Join(dir, studyFile)
	data, err := os.ReadFile(quick)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(quick, []byte(strings.Replace(string(data), `"milliseconds": 20`, `"milliseconds": 0.1`, 1)),
		0o644); err != nil {
		t.Fatal(err)
	}
	worked(t, dir, Options{Workers: 2})
	if _, status := checked(t, dir); status.States[Complete] != 4 || status.Attempts != 8 {
		t.Errorf("%d attempts at %s", status.Attempts, status.Line())
	}
}

func valuesOf(t *testing.T, dir string, trial int) map[string]any {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r.view.trials[trial].attempts[0].claim.Values
}

func TestMinutesEndARunInGoodOrder(t *testing.T) {
	s := functionStudy("branin", "random", 1000)
	s.Goal.Steps, s.Goal.Milliseconds = 1, 50
	dir := made(t, s)
	worked(t, dir, Options{Minutes: 0.3 / 60})
	_, status := checked(t, dir)
	if status.Done || status.States[Complete] == 0 || status.States[Running]+status.States[Lost] != 0 {
		t.Errorf("after the time: %s", status.Line())
	}
}

func TestAFinishedStudyIsNotRunAgain(t *testing.T) {
	dir := made(t, functionStudy("branin", "halton", 5))
	worked(t, dir, Options{})
	before := contents(t, dir)
	worked(t, dir, Options{Workers: 2, RetryFailed: true, Wait: true})
	if after := contents(t, dir); !slices.Equal(before, after) {
		t.Errorf("files were %v and are %v", before, after)
	}
}

// contents returns the names, sizes and times of a study's files.
func contents(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			all = append(all, fmt.Sprint(path, " ", info.Size(), " ", info.ModTime()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPrunersStopTrials(t *testing.T) {
	for kind, rule := range map[string]search.Rule{"median": {Kind: "median"},
		"asha": {Kind: "asha", First: 1, Factor: 3}} {
		t.Run(kind, func(t *testing.T) {
			s := functionStudy("branin", "random", 40)
			s.Goal.Steps, s.Pruner = 9, rule
			dir := made(t, s)
			worked(t, dir, Options{}) // one worker: with more, how many are pruned depends on who reports first
			r, status := checked(t, dir)
			if status.States[Pruned] < 10 || status.States[Complete] < 3 {
				t.Errorf("%s: %s", kind, status.Line())
			}
			trials, err := r.Trials()
			if err != nil {
				t.Fatal(err)
			}
			for _, trial := range trials {
				if trial.State == Pruned && (trial.Reason == "" || trial.Step == 9 && trial.Value != nil) {
					t.Errorf("%s: pruned trial %+v", kind, trial)
				}
			}
		})
	}
}

func TestAnUnfinishedLineIsLeftAndADamagedOneNamed(t *testing.T) {
	s := functionStudy("branin", "random", 1)
	dir := made(t, s)
	claimed(t, dir, line{Trial: 0, Attempt: 1, Values: firstValues(t, s)}, time.Hour)
	path := filepath.Join(dir, attemptsDir, attemptFile(0, 1))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"event":"end","state":"compl`:             "",
		"{\"event\":\"end\",\"state\"\n":            "line 2 is not as it was written",
		`{"event":"dance"}` + "\n":                  `event "dance" is unknown`,
		`{"event":"report","step":3}` + "\n":        "the report of step 3 has no score",
		`{"event":"end","state":"complete"}` + "\n": "has no value",
	} {
		t.Run(text, func(t *testing.T) {
			if err := os.WriteFile(path, append(slices.Clone(data), text...), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) ||
				!strings.Contains(err.Error(), attemptFile(0, 1))) {
				t.Errorf("%q: %v, want %q", text, err, want)
			}
		})
	}
}
