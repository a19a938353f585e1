#!/usr/bin/env bash
# Runs a command in a network that has localhost alone, to show that it needs no other.
# usage: scripts/env/offline.sh COMMAND [its arguments]
set -euo pipefail
exec unshare --net --map-root-user bash -c 'ip link set lo up && exec "$@"' offline "$@"
