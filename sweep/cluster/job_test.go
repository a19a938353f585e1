package cluster

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// job is one with everything set.
func job() Job {
	return Job{Study: "/data/studies/gonogo", Engram: "/usr/local/bin/engram", Name: "sweep-gonogo", Tasks: 8, Pack: 4, CPUs: 2, MemoryMB: 3000, GPUs: 1,
		Time: 26*time.Hour + 90*time.Second, Backend: "xla:cuda", Partition: "gpu", Account: "lab", Image: "registry/engram:1", Claim: "studies", Mount: "/data"}
}

// The manifest is read strictly, into Kubernetes' own types: a field that does not exist, or is of the wrong type, is an
// error.
func TestTheManifestIsAnIndexedJob(t *testing.T) {
	data, err := job().Kubernetes()
	if err != nil {
		t.Fatal(err)
	}
	var k batch.Job
	if err := yaml.UnmarshalStrict(data, &k); err != nil {
		t.Fatalf("%v:\n%s", err, data)
	}
	if err := yaml.UnmarshalStrict([]byte(strings.Replace(string(data), "completionMode", "completionsMode", 1)), new(batch.Job)); err == nil {
		t.Error("a field that does not exist passes")
	}
	spec, pod := k.Spec, k.Spec.Template.Spec
	if k.APIVersion != "batch/v1" || k.Kind != "Job" || *spec.CompletionMode != batch.IndexedCompletion || *spec.Completions != 8 || *spec.Parallelism != 8 {
		t.Errorf("%s %s, %+v", k.APIVersion, k.Kind, spec)
	}
	// What the API server demands beyond the types: backoffLimitPerIndex and podFailurePolicy want Indexed and Never.
	if *spec.BackoffLimitPerIndex != 3 || spec.PodFailurePolicy == nil || pod.RestartPolicy != core.RestartPolicyNever || *spec.MaxFailedIndexes > *spec.Completions {
		t.Errorf("backoff %d, restart %s, %+v", *spec.BackoffLimitPerIndex, pod.RestartPolicy, spec.PodFailurePolicy)
	}
	c := pod.Containers[0]
	if got, want := strings.Join(c.Command, " "), job().Command(); got != want {
		t.Errorf("the pod runs %q, want %q", got, want)
	}
	memory, gpus := c.Resources.Limits[core.ResourceMemory], c.Resources.Limits["nvidia.com/gpu"]
	if memory.Value() != 3000<<20 || gpus.Value() != 1 || c.VolumeMounts[0].Name != pod.Volumes[0].Name || pod.Volumes[0].PersistentVolumeClaim.ClaimName != "studies" {
		t.Errorf("resources %+v, volumes %+v", c.Resources, pod.Volumes)
	}
	for _, rule := range spec.PodFailurePolicy.Rules {
		if rule.OnExitCodes != nil && *rule.OnExitCodes.ContainerName != c.Name {
			t.Errorf("the failure policy is about container %q", *rule.OnExitCodes.ContainerName)
		}
	}
}

// HTCondor is not in Debian: what can be checked is the form, and that every command is one of the manual's
// (condor_submit, version 24).
func TestTheSubmitFileHasTheFormOfHTCondors(t *testing.T) {
	data, err := job().HTCondor()
	if err != nil {
		t.Fatal(err)
	}
	commands := strings.Fields(`universe executable arguments environment should_transfer_files request_cpus request_memory request_gpus log output error
		kill_sig job_max_vacate_time allowed_job_duration max_retries success_exit_code`)
	assignment, queue, set := regexp.MustCompile(`^([a-z_]+) += (\S.*)$`), regexp.MustCompile(`^queue 8$`), map[string]string{}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for i, l := range lines {
		switch m := assignment.FindStringSubmatch(l); {
		case strings.HasPrefix(l, "#"):
		case m != nil && strings.Contains(" "+strings.Join(commands, " ")+" ", " "+m[1]+" "):
			set[m[1]] = m[2]
		case queue.MatchString(l) && i == len(lines)-1:
		default:
			t.Errorf("line %d: %q", i+1, l)
		}
	}
	if set["executable"]+" "+set["arguments"] != job().Command() || set["request_memory"] != "3000 MB" || set["allowed_job_duration"] != "93690" {
		t.Errorf("%v", set)
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
		for _, want := range []string{"--time=1-02:01:30\n", "--mem=3000M\n", "--cpus-per-task=2\n", "--gres=gpu:1\n", "--partition=gpu\n", "--account=lab\n", j.Command() + " &\n"} {
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
		"choose lower-case letters":          func(j *Job) { j.Name = "My sweep" },
		"0 tasks":                            func(j *Job) { j.Tasks = 0 },
		"-1 GPUs":                            func(j *Job) { j.GPUs = -1 },
		"choose a minute or more":            func(j *Job) { j.Time = time.Second },
		"characters that schedulers take":    func(j *Job) { j.Study = "/data/my study; rm -rf" },
		"partition \"a\\nb\" has characters": func(j *Job) { j.Partition = "a\nb" },
	} {
		j := job()
		spoil(&j)
		if _, err := j.Slurm(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	j := job()
	j.Mount = filepath.Join(j.Study, "below")
	if _, err := j.Kubernetes(); err == nil || !strings.Contains(err.Error(), "a mount in which the study's directory is") {
		t.Errorf("a mount without the study: %v", err)
	}
}
