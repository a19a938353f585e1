#!/usr/bin/env bash
# The checks before the tests: formatting, vet, staticcheck. Prints what is wrong and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(go list -f '{{.Dir}}' ./... | xargs gofmt -l)
if [ -n "$unformatted" ]; then
    printf 'not formatted (run gofmt -w):\n%s\n' "$unformatted"
    exit 1
fi
go vet ./...
go tool staticcheck ./...
echo "check: formatting, vet and staticcheck are clean"
