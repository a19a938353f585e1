#!/usr/bin/env bash
# Runs the tests that drive JupyterLab in a real Chromium, two files of them at a time, each with a laboratory of its own.
# Installs playwright and pytest into .venv, pinned and checked by hash, and axe-core from npm's registry; uses the
# Chromium of the machine. Screenshots are left in build/screenshots.
# usage: scripts/browser.sh [pytest's arguments]         such as -k untrusted, or -n 0: one test at a time
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env/venv.sh

# The names of Chromium on various systems. The variable CHROMIUM names another.
CHROMIUM=$(command -v ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome | head -1) || true
if [ -z "$CHROMIUM" ]; then
    echo "browser tests: Chromium is missing: install it ('apt-get install chromium' on Debian), or name its path in CHROMIUM" >&2
    exit 1
fi
export CHROMIUM

if ! install_requirements .venv browser "playwright and pytest (45 MB)" test -e .venv/bin/pytest; then
    echo "browser tests: playwright could not be installed: see the message above and repeat" >&2
    exit 1
fi
python3 internal/browser/axe.py > /dev/null
exec scripts/lab.sh --run python -m pytest -c internal/browser/pytest.ini --rootdir internal/browser internal/browser "$@"
