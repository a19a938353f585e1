// Package soak trains, watches and evaluates for a long time, each in its own process, and measures whether the memory
// and the open files of these processes stay flat.
package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"engram/internal/numbers"
)

// Options say what is done and for how long.
type Options struct {
	Executable string        // the engram command
	Dir        string        // in which the run is made
	Backend    string        // that trains
	For        time.Duration // how long
	Every      time.Duration // time between two samples
	Watch      func(Sample)  // may be nil
}

// Sample is one measurement of a process.
type Sample struct {
	Process     string  `json:"process"` // train, watch, page or eval
	Seconds     float64 `json:"seconds"` // since the beginning
	Memory      int64   `json:"memory"`  // resident bytes; for eval, the peak of one evaluation's process
	Descriptors int     `json:"descriptors,omitempty"`
}

// Result holds the medians of one process's samples over the second quarter of the time, when everything has been done
// once, and over the last.
type Result struct {
	Process          string `json:"process"`
	Samples          int    `json:"samples"`
	MemoryEarly      int64  `json:"memory_early"`
	MemoryLate       int64  `json:"memory_late"`
	DescriptorsEarly int    `json:"descriptors_early"`
	DescriptorsLate  int    `json:"descriptors_late"`
}

// Flat reports whether the process holds no more than before: no more descriptors, and no more memory than a tenth or
// 4 MB above, which is the scatter of Go's collector.
func (r Result) Flat() bool {
	return r.DescriptorsLate <= r.DescriptorsEarly && r.MemoryLate <= r.MemoryEarly+max(r.MemoryEarly/10, 4<<20)
}

// training holds the arguments of the run: small, with frequent reports, evaluations and checkpoints, and without end.
const training = "train --quiet --no-report --task GoNogo --hidden 16 --capacity 4000 --updates 1000000000" +
	" --metrics-every 20 --eval-every 500 --eval-trials 20 --checkpoint-every 200"

// Run soaks, and returns a result for each process.
func (o Options) Run(ctx context.Context) ([]Result, error) {
	run := filepath.Join(o.Dir, "run")
	train, err := start("train", nil, o.Executable, append(strings.Fields(training), "--backend", o.Backend, "--run",
		run)...)
	if err != nil {
		return nil, err
	}
	defer train.stop()
	if err := o.untilTrained(ctx, train, run); err != nil {
		return nil, err
	}
	watch, err := start("watch", nil, o.Executable, "watch", run, "--json")
	if err != nil {
		return nil, err
	}
	defer watch.stop()
	page, address, err := o.serve(run)
	if err != nil {
		return nil, err
	}
	defer page.stop()
	return o.sample(ctx, []*process{train, watch, page}, address, run)
}

// untilTrained waits for the first checkpoint, which evaluations need.
func (o Options) untilTrained(ctx context.Context, train *process, run string) error {
	for {
		if found, _ := filepath.Glob(filepath.Join(run, "checkpoints", "[1-9]*")); len(found) > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(o.Every / 10):
		}
		if _, _, err := train.sample(); err != nil {
			return err
		}
	}
}

// serve starts the page and returns its address.
func (o Options) serve(run string) (*process, string, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, "", err
	}
	defer reader.Close()
	p, err := start("page", writer, o.Executable, "watch", run, "--serve")
	writer.Close()
	if err != nil {
		return nil, "", err
	}
	address, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		p.stop()
		return nil, "", fmt.Errorf("soak: page: %w: %s", err, p.errors.String())
	}
	return p, strings.TrimSpace(address), nil
}

// sample evaluates, reads the page and measures, again and again.
func (o Options) sample(ctx context.Context, processes []*process, address, run string) ([]Result, error) {
	samples := map[string][]Sample{}
	note := func(s Sample) {
		samples[s.Process] = append(samples[s.Process], s)
		if o.Watch != nil {
			o.Watch(s)
		}
	}
	for began := time.Now(); time.Since(began) < o.For && ctx.Err() == nil; {
		memory, err := o.evaluate(run)
		if err = errors.Join(err, read(address+"runs")); err != nil {
			return nil, err
		}
		seconds := time.Since(began).Seconds()
		note(Sample{Process: "eval", Seconds: seconds, Memory: memory})
		for _, p := range processes {
			memory, descriptors, err := p.sample()
			if err != nil {
				return nil, err
			}
			note(Sample{p.name, seconds, memory, descriptors})
		}
		select {
		case <-ctx.Done():
		case <-time.After(o.Every):
		}
	}
	return results(samples), ctx.Err()
}

// evaluate evaluates the run once, and returns the peak of the memory that this took.
func (o Options) evaluate(run string) (int64, error) {
	command := exec.Command(o.Executable, "eval", "--run", run, "--trials", "50", "--json")
	if out, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("soak: eval: %w: %s", err, out)
	}
	return peak(command.ProcessState), nil
}

// read reads a page to its end over a new connection.
func read(url string) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	answer, err := client.Get(url)
	if err != nil {
		return fmt.Errorf("soak: %w", err)
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

func results(samples map[string][]Sample) (list []Result) {
	for _, name := range []string{"train", "watch", "page", "eval"} {
		all := samples[name]
		early, late := all[len(all)/4:len(all)/2], all[len(all)*3/4:]
		memory := func(s Sample) int64 { return s.Memory }
		descriptors := func(s Sample) int64 { return int64(s.Descriptors) }
		list = append(list, Result{name, len(all), median(early, memory), median(late, memory),
			int(median(early, descriptors)), int(median(late, descriptors))})
	}
	return list
}

// median returns the median of a number of each sample; 0 without samples.
func median(samples []Sample, number func(Sample) int64) int64 {
	if len(samples) == 0 {
		return 0
	}
	var values []float64
	for _, s := range samples {
		values = append(values, float64(number(s)))
	}
	return int64(numbers.Median(values))
}
