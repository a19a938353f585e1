#!/usr/bin/env bash
# Runs Python with the packages that read what engram writes for others (NumPy, safetensors, TensorBoard, HTCondor), pinned
# and checked by hash, in an environment of their own (.venv-readers). Tests read files back with it.
# usage: scripts/readers.sh SCRIPT.py [its arguments]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
requirements=$root/requirements/readers.txt
environment=$root/.venv-readers
stamp=$environment/installed
wanted=$(cksum < "$requirements")

install() {
    echo "readers: installing NumPy, safetensors, TensorBoard and HTCondor into .venv-readers (70 MB, once)" >&2
    python3 -m venv "$environment" &&
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$requirements" &&
    echo "$wanted" > "$stamp.new" &&
    mv "$stamp.new" "$stamp"
}

exec 9> "$root/.venv-readers.lock" # two tests may ask at once
flock 9
if ! { [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; } && ! install; then
    echo "readers: the packages could not be installed: see pip's message above and check the network" >&2
    exit 1
fi
exec 9>&-
exec "$environment/bin/python" "$@"
