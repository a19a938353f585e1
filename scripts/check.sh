#!/usr/bin/env bash
# The checks before the tests: formatting, vet, staticcheck, and who links XLA. Prints what is wrong and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(go list -f '{{.Dir}}' ./... | xargs gofmt -l)
if [ -n "$unformatted" ]; then
    printf 'not formatted (run gofmt -w):\n%s\n' "$unformatted"
    exit 1
fi
go vet ./...
go tool staticcheck ./...

# A notebook's cell links what its declarations name: what cells read and describe with must not cost them XLA.
linking=$(go list -f '{{$p := .ImportPath}}{{range .Deps}}{{if eq . "github.com/gomlx/go-xla/pjrt"}}{{$p}}{{"\n"}}{{end}}{{end}}' ./... |
    grep -vxE '|engram/(cmd|internal|lab/live)(/.*)?') || true
if [ -n "$linking" ]; then
    printf 'these link XLA, which only lab/live, cmd/ and internal/ may (pass the backend in, as lab.Train does):\n%s\n' "$linking"
    exit 1
fi
echo "check: formatting, vet, staticcheck and who links XLA are clean"
