#!/usr/bin/env bash
# Makes one static site of the notebooks with their outputs, the docs and the classroom, which opens from a folder without
# a server. A link that leads nowhere fails it. Needs bin/engram, which make site builds.
# usage: scripts/site.sh [FOLDER]     (default build/site)
set -euo pipefail
cd "$(dirname "$0")/.."
site=${1:-build/site}
staged=build/site-source
mkdir -p build
scripts/env/python.sh site scripts/site/stage.py "$staged"
bin/engram classroom --out "$staged/extra/classroom"
rm -rf "$site"
scripts/env/python.sh site -m sphinx -q -E -W --keep-going -d "$staged.cache" "$staged" "$site"
echo "site: $site/index.html"
