// Command lint checks the files of the folder docker as Docker would read them, without an engine: Dockerfile by
// BuildKit's linter, compose.yaml by the loader of Docker Compose. It is a module of its own, so that engram does not
// depend on either.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/opencontainers/go-digest"
)

func main() {
	dockerfile, compose := os.Args[1], os.Args[2]
	found, err := lintDockerfile(dockerfile)
	if err == nil {
		err = loadCompose(compose)
	}
	if err != nil {
		found = append(found, err.Error())
	}
	for _, line := range found {
		fmt.Fprintln(os.Stderr, line)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
	fmt.Printf("lint: %s and %s are clean\n", dockerfile, compose)
}

// lintDockerfile returns what BuildKit warns of, in all stages.
func lintDockerfile(path string) (warnings []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	source := llb.NewSourceMap(nil, path, "Dockerfile", text)
	source.Definition = new(llb.Definition)
	results, err := dockerfile2llb.DockerfileLint(context.Background(), text,
		dockerfile2llb.ConvertOpt{MetaResolver: anyBase{}, SourceMap: source})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if results.Error != nil {
		warnings = append(warnings, fmt.Sprintf("%s: %s", path, results.Error.Message))
	}
	for _, w := range results.Warnings {
		line := 0
		if len(w.Location.Ranges) > 0 {
			line = int(w.Location.Ranges[0].Start.Line)
		}
		warnings = append(warnings, fmt.Sprintf("%s:%d: %s: %s", path, line, w.RuleName, w.Detail))
	}
	return warnings, nil
}

// anyBase takes every base image for an empty one, so that no registry is asked, and refuses a base that is not pinned:
// a tag alone names another image next month.
type anyBase struct{}

func (anyBase) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte,
	error) {
	if !strings.Contains(ref, "@"+string(digest.Canonical)+":") {
		return "", "", nil, fmt.Errorf("base %s has no digest: write it as NAME:TAG@%s:...", ref, digest.Canonical)
	}
	config := []byte(`{"os": "linux", "architecture": "amd64", "config": {"Env": ["PATH=/usr/bin"]}}`)
	return ref, digest.FromBytes(config), config, nil
}

// loadCompose returns what is wrong with a compose file: its syntax, its schema, services that are not there.
func loadCompose(path string) error {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithName("engram"), cli.WithProfiles([]string{"*"}))
	if err != nil {
		return err
	}
	_, err = options.LoadProject(context.Background())
	return err
}
