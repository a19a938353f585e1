#!/usr/bin/env bash
# Writes the tables of README.md and docs/ again: the lines between "<!-- engram suite table DIR --md -->" (or
# "suite memory", "suite holds") and "<!-- end -->" are what that command prints.
set -euo pipefail
cd "$(dirname "$0")/.."

tables() { # FILE: prints the file with new tables
    local line arguments
    while IFS= read -r line; do
        printf '%s\n' "$line"
        if [[ $line =~ ^\<!--\ engram\ (suite\ (table|memory|holds)\ .*)\ --\>$ ]]; then
            read -ra arguments <<< "${BASH_REMATCH[1]}"
            bin/engram "${arguments[@]}"
            while IFS= read -r line && [ "$line" != "<!-- end -->" ]; do :; done
            printf '%s\n' "$line"
        fi
    done < "$1"
}

for file in README.md docs/*.md; do
    tables "$file" > "$file.new"
    mv "$file.new" "$file"
done
