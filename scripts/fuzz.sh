#!/usr/bin/env bash
# Fuzzes every target for some time, FUZZERS (2) at a time, and prints for each how many inputs it tried. An input that
# fails is written to the package's testdata/fuzz, where it stays as a test.
# usage: scripts/fuzz.sh [TIME] [TARGET...]   such as 1m (the default) or 1h; TARGET such as FuzzConfig
set -euo pipefail
cd "$(dirname "$0")/.."

export FUZZTIME=${1:-1m}
wanted=("${@:2}")

# -vet=off: scripts/check.sh vets everything, and a test's own vet reads all dependencies again. -fuzzminimizetime:
# minimising inputs that only reach new code would take most of the time.
fuzz() {
    local package=$1 target=$2 log
    log=$(mktemp)
    if GOMAXPROCS=2 go test -vet=off "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" \
        -fuzzminimizetime 100x -parallel 1 > "$log" 2>&1; then
        printf '%-20s %s\n' "$target" "$(grep -oE 'execs: [0-9]+' "$log" | tail -1)"
        rm "$log"
    else
        printf '%s in %s FAILED:\n' "$target" "$package"
        grep -v '^fuzz: elapsed' "$log" | head -60
        rm "$log"
        return 1
    fi
}
export -f fuzz

grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z]+' . | sed -E 's|^\./(.*)/[^/]*:func (.*)|./\1 \2|' | sort |
    while read -r package target; do
        if [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *" $target "* ]]; then echo "$package $target"; fi
    done | xargs -P "${FUZZERS:-2}" -L 1 bash -c 'fuzz "$@"' fuzz
