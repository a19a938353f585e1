#!/usr/bin/env bash
# Runs a generator of reference values with the pinned packages of requirements/reference.txt, in an
# environment of its own (.venv-reference). usage: scripts/reference.sh SCRIPT.py
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -f .venv-reference/installed ]; then
    python3 -m venv .venv-reference
    .venv-reference/bin/python -m pip install --disable-pip-version-check -r requirements/reference.txt
    touch .venv-reference/installed
fi
.venv-reference/bin/python "$@"
