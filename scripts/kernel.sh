#!/usr/bin/env bash
# Starts the Go kernel (GoNB) for one notebook; Jupyter calls it in the notebook's folder.
# Cells import the packages of this clone and, in a folder with a go.mod ('engram new' makes one), those of that module.
# usage: scripts/kernel.sh CONNECTION_FILE
set -euo pipefail
clone=$(cd "$(dirname "$0")/.." && pwd)
. "$clone/scripts/env/go.sh"

# Environments of Python run on the Python that 'make python-env' made in this clone, where no other is chosen.
if [ -z "${ENGRAM_PYTHON:-}${VIRTUAL_ENV:-}" ] && [ -x "$clone/.venv-environments/bin/python" ]; then
    export ENGRAM_PYTHON=$clone/.venv-environments/bin/python
fi

# GoNB separates the folders by commas: one with a comma in its path is named by a link.
named() {
    case $1 in
    *,*)
        local link=${XDG_CACHE_HOME:-$HOME/.cache}/engram/$(cksum <<< "$1" | cut -d' ' -f1)
        mkdir -p "${link%/*}" && ln -sfn "$1" "$link" && echo "$link"
        ;;
    *) echo "$1" ;;
    esac
}

folders=$(named "$clone") own=$PWD
while [ ! -f "$own/go.mod" ] && [ "$own" != / ]; do
    own=$(dirname "$own")
done
if [ -f "$own/go.mod" ] && [ ! "$own" -ef "$clone" ]; then
    folders=$folders,$(named "$own")
fi
exec "$clone/bin/gonb" --kernel "$1" --raw_error "-go_work=$folders" -logtostderr=false -stderrthreshold=FATAL \
    -log_file=/dev/null
