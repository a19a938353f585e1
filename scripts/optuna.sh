#!/usr/bin/env bash
# Runs a script with the pinned Optuna of requirements/optuna.txt, in an environment of its own (.venv-optuna).
# usage: scripts/optuna.sh SCRIPT.py [arguments]
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -f .venv-optuna/installed ]; then
    python3 -m venv .venv-optuna
    .venv-optuna/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/optuna.txt
    touch .venv-optuna/installed
fi
.venv-optuna/bin/python "$@"
