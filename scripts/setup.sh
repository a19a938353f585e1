#!/usr/bin/env bash
# Installs what engram needs into the project's own .venv: XLA's CPU plugin, pinned and checked by hash.
# Repeats do nothing; an interrupted run is repeated cleanly; after the first time no network is needed.
# usage: scripts/setup.sh [--optional]   with --optional, a failed install is said and is no error: engram
#                                        then computes on its Go backend.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/venv.sh

plugin=.venv/lib/go-xla/pjrt_c_api_cpu_plugin.so

install() {
    install_requirements xla-cpu "XLA's CPU plugin (63 MB)" link_plugin || return
    link_plugin
}

# link_plugin puts the installed library where engram looks for plugins.
link_plugin() {
    [ -e $plugin ] && return
    local library
    library=$(echo "$PWD"/.venv/lib/python3.*/site-packages/fastatomstruct_xla_cpu/libpjrt_cpu.so)
    [ -f "$library" ] && mkdir -p "$(dirname $plugin)" && ln -sfn "$library" $plugin
}

if ! install; then
    if [ "${1:-}" = --optional ]; then
        echo "setup: XLA's CPU plugin could not be installed; continuing on the slower Go backend" >&2
        exit 0
    fi
    echo "setup: XLA's CPU plugin could not be installed: see pip's message above, check the network and run 'make setup' again" >&2
    exit 1
fi
