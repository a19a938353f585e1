package cluster

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Times in the forms of Go, of days and of Slurm are read; all else names the forms.
func TestParseTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"4h": 4 * time.Hour, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "0.5d": 12 * time.Hour,
		"1d12h": 36 * time.Hour,
		"240":   4 * time.Hour, "90:30": 90*time.Minute + 30*time.Second, "01:30:00": 90 * time.Minute,
		"36:00:00":   36 * time.Hour,
		"2-00:00:00": 48 * time.Hour, "2-12": 60 * time.Hour, "1-02:30": 26*time.Hour + 30*time.Minute,
		" 2d ": 48 * time.Hour, "365d": longest,
	} {
		if got, err := ParseTime(text); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-4h", "30s", "2w", "d", "NaNd", "Infd", "-1d", "1e9d", "366d",
		"999999999-00:00:00", "9999999999999h", "1:75:00", "1-24:00:00",
		"00:00:30", "2d-1h", "1-", "infinite", "UNLIMITED", "1:2:3:4", "4 h", "4x", "2d\n; rm"} {
		if got, err := ParseTime(text); err == nil || !strings.Contains(err.Error(), TimeForms) {
			t.Errorf("%q: %v, %v; want an error that names the forms", text, got, err)
		}
	}
}

// Names that are derived from a directory fit every engine, and differ where the directories do.
func TestNameOf(t *testing.T) {
	long := strings.Repeat("abcdefghi-", 12)
	seen := map[string]string{}
	for _, study := range []string{"/s/gonogo", "/s/My Study", "/s/研究", "/s/-", "/s/50%A", "/s/" + long,
		"/s/" + long + "x", "/s/" + strings.Repeat("a", 36) + "-" + strings.Repeat("b", 30), "/",
		"/s/" + strings.Repeat("z", 46), "/s/" + strings.Repeat("z", 47), "/s/UPPER_case.v2-"} {
		got := NameOf(study)
		if err := checkName(got); err != nil || strings.Contains(got, "--") {
			t.Errorf("%s: %q: %v", study, got, err)
		}
		if len(study) > 50 && seen[got] != "" {
			t.Errorf("%s and %s are both %q", study, seen[got], got)
		}
		seen[got] = study
	}
	if got := NameOf("/s/" + strings.Repeat("z", 46)); got != "sweep-"+strings.Repeat("z", 46) {
		t.Errorf("52 letters are shortened: %q", got)
	}
	if err := checkName(strings.Repeat("a", 53)); err == nil || !strings.Contains(err.Error(), "--name") {
		t.Errorf("error %v", err)
	}
}

// Characters that one of the engines takes differently are refused by all of them; percent signs are doubled for Slurm.
func TestPathsOfStudies(t *testing.T) {
	for _, study := range []string{"/data/my study", "/data/it's", `/data/a"b`, "/data/a\nb", `/data/a\b`,
		"/data/jürgen", "/data/$HOME", "/data/a;b", "/data/a#b", "/data/a*b", "/data/~x", "/data/a\x1b[2J"} {
		j := job()
		j.Study = study
		for engine, write := range map[string]func() ([]byte, error){"slurm": j.Slurm, "htcondor": j.HTCondor,
			"kubernetes": j.Kubernetes} {
			if _, err := write(); err == nil || !strings.Contains(err.Error(), "invalid study") {
				t.Errorf("%s: %q: error %v", engine, study, err)
			}
		}
	}
	j := job()
	j.Study = "/data/50%A/p%%q/-x"
	script, err := j.Slurm()
	if err != nil || !strings.Contains(string(script), "--output=/data/50%%A/p%%%%q/-x/logs/%A-%a.log\n") ||
		!strings.Contains(string(script), "sweep worker /data/50%A/p%%q/-x --pack") {
		t.Errorf("%v:\n%s", err, script)
	}
}

// What this Slurm does not take is said with what it takes; the largest array itself is taken.
func TestLimitsOfSlurm(t *testing.T) {
	config := "MaxArraySize            = 1001\nMaxJobCount             = 10000\nMaxJobId = 7\n"
	if array, jobs, none := limit(config, "MaxArraySize"), limit(config, "MaxJobCount"), limit(config,
		"MaxStepCount"); array != 1001 || jobs != 10000 || none != -1 {
		t.Errorf("limits %d, %d, %d", array, jobs, none)
	}
	for _, c := range []struct {
		tasks, array, jobs int
		want               string
	}{{1001, 1001, 10000, ""}, {1002, 1001, 10000, "--tasks 1001, or --pack 5"}, {5000, -1, -1, ""},
		{5000, 1001, 10000, "5000 tasks are more than this Slurm's 1001 in an array"},
		{99, 1001, 100, ""}, {100, 1001, 100, "--tasks 99"}, {1, 0, 100, "accepts no job arrays"}} {
		j := job()
		j.Tasks = c.tasks
		err := checkTasks(j, c.array, c.jobs)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}

// Off Slurm a worker stops by itself before its limit and asks for another one, unless the study's minutes end it
// before.
func TestAWorkersOwnLimit(t *testing.T) {
	for _, c := range []struct {
		limit   time.Duration
		minutes float64
		want    string
	}{{4 * time.Hour, 0, " --minutes 235 --again"}, {4 * time.Minute, 0, " --minutes 3 --again"}, {4 * time.Hour, 300,
		" --minutes 235 --again"}, {4 * time.Hour, 10, ""}} {
		j := job()
		j.Time, j.Minutes = c.limit, c.minutes
		for engine, write := range map[string]func() ([]byte, error){"htcondor": j.HTCondor,
			"kubernetes": j.Kubernetes} {
			data, err := write()
			text := strings.NewReplacer(`", "`, " ", "\n", " ").Replace(string(data))
			if err != nil || strings.Contains(text, "--again") != (c.want != "") || !strings.Contains(text, c.want) {
				t.Errorf("%s: %+v: %v:\n%s", engine, c, err, data)
			}
		}
		if script, err := j.Slurm(); err != nil || strings.Contains(string(script), "--again") {
			t.Errorf("Slurm, which tells its workers: %v:\n%s", err, script)
		}
	}
}

// The JSON of what was submitted keeps its fields.
func TestSubmittedFields(t *testing.T) {
	data, err := json.Marshal(Submitted{Format: SubmittedFormat, Array: "12", Finish: "13", Tasks: 2,
		Time: time.Unix(0, 0).UTC()})
	if want := `{"format":1,"array":"12","finish":"13","tasks":2,"time":"1970-01-01T00:00:00Z"}`; err != nil ||
		string(data) != want {
		t.Errorf("%s, want %s (%v)", data, want, err)
	}
}

// A study's newest job is found in a directory whose name has a pattern's characters; a file that names no job is not
// asked of Slurm.
func TestNewestSubmitted(t *testing.T) {
	study := filepath.Join(t.TempDir(), "a[b]*?")
	for name, text := range map[string]string{
		"slurm-1.json": `{"array":"1","finish":"2","tasks":1,"time":"2026-01-01T00:00:00Z"}`,
		"slurm-3.json": `{"array":"3","finish":"4","tasks":1,"time":"2026-01-02T00:00:00Z"}`,
		"slurm-5.json": `{"array":"--help","finish":"6","time":"2026-01-03T00:00:00Z"}`,
		"slurm-7.json": `{`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Write(study, name, []byte(text)); err != nil {
				t.Fatal(err)
			}
		})
	}
	if got, found := newestSubmitted(study); !found || got.Array != "3" {
		t.Errorf("%+v, %v", got, found)
	}
	if err := os.WriteFile(filepath.Join(study, logsDir, "3-0.log"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := (Submitted{Array: "3", Tasks: 3}).why(study); !strings.HasPrefix(got,
		"2 of its 3 tasks left no log in "+study) {
		t.Errorf("why: %s", got)
	}
}
