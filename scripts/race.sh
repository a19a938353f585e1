#!/usr/bin/env bash
# Runs tests under the race detector: those of packages in which goroutines run. A package is left out
# - if neither its tests nor any engram code that they link starts a goroutine: the detector could find nothing there;
# - if its tests start engram, a shell or Python as a child, which is built without the detector ($children).
# internal/boundstest has an alarm that panics, and counts as nothing.
# usage: scripts/race.sh [go test's arguments]    such as -count 3
#        scripts/race.sh --list                   prints the packages
set -euo pipefail
cd "$(dirname "$0")/.."

goroutine='^[[:space:]]*(defer )?go [a-zA-Z]|\.Go\(|\.Parallel\(\)|AfterFunc\(|httptest\.'
harmless=engram/internal/boundstest
children='engram/(cmd|internal/selftest/soak|python|scripts/env)'

# starters prints the packages of which a file of one of these kinds (GoFiles, TestGoFiles ...) starts a goroutine.
starters() {
    local kind
    for kind in "$@"; do
        go list -f "{{\$p := .}}{{range .$kind}}{{\$p.Dir}}/{{.}}{{\"\\n\"}}{{end}}" ./...
    done | { xargs -d "\n" -r grep -lE "$goroutine" || true; } | xargs -d "\n" -r -n 1 dirname | sort -u | sed "s|^$PWD|engram|"
}

# linked prints each package that has tests, followed by the packages that these link.
linked() {
    go list -test -f '{{if and .Deps (eq .Name "main")}}{{.ImportPath}} {{join .Deps " "}}{{end}}' ./... |
        sed -nE 's/ \[[^]]*\]//g; s/^([^ ]+)\.test /\1 /p'
}

code=$(starters GoFiles CgoFiles | grep -vxF "$harmless")
packages=$({ starters TestGoFiles XTestGoFiles; linked | while read -r package dependencies; do
    if tr ' ' '\n' <<< "$dependencies" | grep -qxF "$code"; then echo "$package"; fi
done; } | grep -vxE "$children" | sort -u)

if [ "${1:-}" = --list ]; then
    echo "$packages"
    exit
fi
# GoMLX converts pointers in a way that checkptr, which -race turns on, does not accept.
# shellcheck disable=SC2086 # names of packages have no spaces
exec go test -race -short -vet=off -timeout 20m -gcflags=all=-d=checkptr=0 "$@" $packages
