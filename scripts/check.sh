#!/usr/bin/env bash
# Checks what tests do not: formatting, vet, staticcheck, which packages link XLA or draw, and the form of docs
# and lines (internal/docrules). Prints what is wrong and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(go list -f '{{.Dir}}' ./... | xargs -d '\n' gofmt -l)
if [ -n "$unformatted" ]; then
    printf 'not formatted (run gofmt -w):\n%s\n' "$unformatted"
    exit 1
fi
go vet ./...
GOOS=js GOARCH=wasm GOEXPERIMENT= go vet ./classroom/wasm # no other GOOS has its files
go tool staticcheck ./...

# A notebook's cell links all that its declarations name: a cell that only reads or describes must not pay for XLA.
linking=$(go list -f '{{$p := .ImportPath}}{{range .Deps}}{{if eq . "github.com/gomlx/go-xla/pjrt"}}{{$p}}{{"\n"}}{{end}}{{end}}' ./... |
    grep -vxE '|engram/(cmd|internal|lab/live|nb/train)(/.*)?') || true
if [ -n "$linking" ]; then
    printf 'these link XLA, which only lab/live, nb/train, cmd/ and internal/ may (pass the backend in, as lab.Train does):\n%s\n' "$linking"
    exit 1
fi

# Engines do not draw: a program that reads a run links no charts.
drawing=$(go list -deps ./lab ./drqn ./replay ./mpn ./tasks ./analysis ./analysis/neural ./lab/record ./lab/perturb |
    grep -E '^(github\.com/go-echarts/|gonum\.org/v1/plot|engram/plots)') || true
if [ -n "$drawing" ]; then
    printf 'lab, drqn, replay, mpn, tasks or analysis links these, which draw (draw in a report package, suite or sweep):\n%s\n' "$drawing"
    exit 1
fi
# A function's doc starts with a verb; no line has more than 120 columns.
go run ./internal/docrules
echo "check: formatting, vet, staticcheck, what is linked, docs and lines are clean"
