package cluster

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// job returns a job with everything set.
func job() Job {
	return Job{Study: "/data/studies/gonogo", Engram: "/usr/local/bin/engram", Name: "sweep-gonogo", Tasks: 8, Pack: 4,
		CPUs: 2, MemoryMB: 3000, GPUs: 1,
		Time: 26*time.Hour + 90*time.Second, Backend: "xla:cuda", Partition: "gpu", Account: "lab",
		Image: "registry/engram:1", Claim: "studies", Mount: "/data"}
}

// kubeconform returns its verdict on a manifest, by the schema of Kubernetes' own API (testdata/job_schema.py).
func kubeconform(manifest string) (string, error) {
	command := exec.Command("go", "tool", "kubeconform", "-strict", "-verbose", "-schema-location",
		"testdata/job-batch-v1.json", "-")
	command.Stdin = strings.NewReader(manifest)
	out, err := command.CombinedOutput()
	return string(out), err
}

// The manifest passes kubeconform; one with a field that does not exist or is missing, or a value of the wrong type,
// does not.
func TestKubeconformTakesTheManifest(t *testing.T) {
	for what, j := range map[string]Job{"with a GPU": job(),
		"without": func() Job { j := job(); j.GPUs = 0; return j }()} {
		t.Run(what, func(t *testing.T) {
			manifest, err := j.Kubernetes()
			if err != nil {
				t.Fatal(err)
			}
			if said, err := kubeconform(string(manifest)); err != nil ||
				!strings.Contains(said, "Job sweep-gonogo is valid") {
				t.Errorf("%s: %v: %s\n%s", what, err, said, manifest)
			}
		})
	}
	manifest, err := job().Kubernetes()
	if err != nil {
		t.Fatal(err)
	}
	for _, spoil := range []struct{ from, to, want string }{
		{"completionMode: ", "completionsMode: ", "'completionsMode' not allowed"},
		{"claimName: ", "claim: ", "'claim' not allowed"},
		{"onPodConditions:", "onPodCondition:", "'onPodCondition' not allowed"},
		{"completions: 8", "completions: eight", "got string, want integer"},
		{"values: [2]", "values: 2", "got number, want array"},
		{"value: \"2\"", "value: 2", "got number, want string"},
		{"operator: In", "", "missing property 'operator'"},
		{"batch/v1", "batch/v1beta1", "'batch/v1'"},
		{"parallelism: 8", "parallelism: 8\n  parallelism: 8", "already set"},
	} {
		spoiled := strings.Replace(string(manifest), spoil.from, spoil.to, 1)
		if said, err := kubeconform(spoiled); spoiled == string(manifest) || err == nil ||
			!strings.Contains(said, spoil.want) {
			t.Errorf("%q for %q: %v: %s", spoil.to, spoil.from, err, said)
		}
	}
}

// manifest has what TestTheManifestIsAnIndexedJob asks for; the names are Kubernetes'.
type manifest struct {
	Spec struct {
		CompletionMode                                                   string
		Completions, Parallelism, BackoffLimitPerIndex, MaxFailedIndexes int
		PodFailurePolicy                                                 struct {
			Rules []struct {
				Action      string
				OnExitCodes *struct{ ContainerName, Operator string }
			}
		}
		Template struct {
			Spec struct {
				RestartPolicy string
				Containers    []struct {
					Name         string
					Command      []string
					Resources    struct{ Limits map[string]string }
					VolumeMounts []struct{ Name, MountPath string }
				}
				Volumes []struct {
					Name                  string
					PersistentVolumeClaim struct{ ClaimName string }
				}
			}
		}
	}
}

// What the API server demands, or a user, beyond the schema: backoffLimitPerIndex and podFailurePolicy want Indexed and
// Never, rules name containers that exist, the pod runs the worker's command with what was asked for.
func TestTheManifestIsAnIndexedJob(t *testing.T) {
	data, err := job().Kubernetes()
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := yaml.Unmarshal(data, &m); err != nil {
		t.Fatalf("%v:\n%s", err, data)
	}
	spec, pod := m.Spec, m.Spec.Template.Spec
	if spec.CompletionMode != "Indexed" || spec.Completions != 8 || spec.Parallelism != 8 ||
		spec.BackoffLimitPerIndex != 3 || spec.MaxFailedIndexes > spec.Completions || pod.RestartPolicy != "Never" {
		t.Errorf("%+v", spec)
	}
	c := pod.Containers[0]
	if got, want := strings.Join(c.Command, " "), job().limited().Command(); got != want {
		t.Errorf("the pod runs %q, want %q", got, want)
	}
	if c.Resources.Limits["memory"] != "3000Mi" || c.Resources.Limits["nvidia.com/gpu"] != "1" {
		t.Errorf("resources %v", c.Resources)
	}
	if v := pod.Volumes[0]; c.VolumeMounts[0].Name != v.Name || c.VolumeMounts[0].MountPath != "/data" ||
		v.PersistentVolumeClaim.ClaimName != "studies" {
		t.Errorf("volumes %+v, mounted as %+v", pod.Volumes, c.VolumeMounts)
	}
	actions := map[string]bool{"FailJob": true, "FailIndex": true, "Ignore": true, "Count": true}
	for _, rule := range spec.PodFailurePolicy.Rules {
		if !actions[rule.Action] || rule.OnExitCodes != nil &&
			(rule.OnExitCodes.ContainerName != c.Name || rule.OnExitCodes.Operator != "In") {
			t.Errorf("the failure policy has %+v", rule)
		}
	}
}

// readSubmit returns a submit file as HTCondor's own parser reads it.
func readSubmit(file string) (queue int, commands map[string]string, err error) {
	command := exec.Command("../../scripts/env/python.sh", "readers", "testdata/read_submit.py")
	command.Stdin, command.Stderr = strings.NewReader(file), os.Stderr
	out, err := command.Output()
	if err != nil {
		return 0, nil, err
	}
	var read struct {
		Queue    int
		Commands map[string]string
	}
	err = json.Unmarshal(out, &read)
	return read.Queue, read.Commands, err
}

// HTCondor's own parser reads the submit file, but takes any name for a command's: that these are in the manual of
// condor_submit (version 24) is checked apart.
func TestHTCondorReadsTheSubmitFile(t *testing.T) {
	data, err := job().HTCondor()
	if err != nil {
		t.Fatal(err)
	}
	queue, commands, err := readSubmit(string(data))
	if err != nil {
		t.Fatal(err)
	}
	if queue != 8 || commands["executable"]+" "+commands["arguments"] != job().limited().Command() {
		t.Errorf("%d jobs of %q with %q", queue, commands["executable"], commands["arguments"])
	}
	for name, want := range map[string]string{"environment": `"GOMAXPROCS=2 NPROC=2"`, "request_cpus": "2",
		"request_memory": "3000 MB", "request_gpus": "1",
		"on_exit_remove": "(ExitCode =?= 0) || (ExitCode =?= 2) || ((ExitCode =!= 75) && (NumJobCompletions > 3))",
		"log":            "/data/studies/gonogo/logs/htcondor.log", "should_transfer_files": "NO",
		"kill_sig": "SIGTERM"} {
		t.Run(name, func(t *testing.T) {
			if commands[name] != want {
				t.Errorf("%s is %q, want %q", name, commands[name], want)
			}
		})
	}
	known := strings.Fields(`universe executable arguments environment should_transfer_files request_cpus request_memory
		request_gpus log output error kill_sig job_max_vacate_time on_exit_remove`)
	for name := range commands {
		if !slices.Contains(known, name) {
			t.Errorf("the manual has no command %q", name)
		}
	}
	for from, to := range map[string]string{"executable              =": "executable", "queue 8": "queue eight jobs"} {
		spoiled := strings.Replace(string(data), from, to, 1)
		if _, _, err := readSubmit(spoiled); spoiled == string(data) || err == nil {
			t.Errorf("%q for %q passes", to, from)
		}
	}
}

// Bash reads the script, and sbatch of a real Slurm does in the other test.
func TestTheBatchScript(t *testing.T) {
	j := job()
	for _, finish := range []bool{false, true} {
		j.Finish = finish
		script, err := j.Slurm()
		if err != nil {
			t.Fatal(err)
		}
		path, err := Write(t.TempDir(), "slurm.sh", script)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("bash", "-n", path).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		text := string(script)
		for _, want := range []string{"--time=1-02:01:30\n", "--mem=3000M\n", "--cpus-per-task=2\n", "--gres=gpu:1\n",
			"--partition=gpu\n", "--account=lab\n", j.Command() + " &\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("the script has no %q:\n%s", want, text)
			}
		}
		if strings.Contains(text, "--array=0-7\n") == finish || strings.Contains(text, " --wait") != finish {
			t.Errorf("finish %v:\n%s", finish, text)
		}
	}
}

func TestJobsThatCannotBe(t *testing.T) {
	for want, spoil := range map[string]func(*Job){
		"must be absolute paths":             func(j *Job) { j.Study = "runs/study" },
		"use --name with lower-case letters": func(j *Job) { j.Name = "My sweep" },
		"job of 0 tasks":                     func(j *Job) { j.Tasks = 0 },
		"number of GPUs -1":                  func(j *Job) { j.GPUs = -1 },
		"1 minute to 365 days":               func(j *Job) { j.Time = time.Second },
		"schedulers read some":               func(j *Job) { j.Study = "/data/my study; rm -rf" },
		"partition \"a\\nb\": schedulers":    func(j *Job) { j.Partition = "a\nb" },
	} {
		t.Run(want, func(t *testing.T) {
			j := job()
			spoil(&j)
			if _, err := j.Slurm(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v; want %q", err, want)
			}
		})
	}
	j := job()
	j.Mount = filepath.Join(j.Study, "below")
	if _, err := j.Kubernetes(); err == nil ||
		!strings.Contains(err.Error(), "a mount that holds the study's directory") {
		t.Errorf("a mount without the study: %v", err)
	}
}
