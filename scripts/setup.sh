#!/usr/bin/env bash
# Installs what engram needs into the project's own .venv: XLA's CPU plugin, pinned and checked by hash.
# Repeats do nothing; an interrupted run is repeated cleanly; after the first time no network is needed.
# usage: scripts/setup.sh [--optional]   with --optional, a failed install is said and is no error: engram
#                                        then computes on its Go backend.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=requirements/xla-cpu.txt
plugins=.venv/lib/go-xla
stamp=$plugins/installed
wanted=$(cksum < $requirements)

if [ -f $stamp ] && [ "$(cat $stamp)" = "$wanted" ] && [ -e $plugins/pjrt_c_api_cpu_plugin.so ]; then
    exit 0
fi

install() {
    echo "setup: installing XLA's CPU plugin into .venv (63 MB, once)"
    python3 -m venv .venv &&
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $requirements &&
    library=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/fastatomstruct_xla_cpu/libpjrt_cpu.so &&
    [ -f "$library" ] &&
    mkdir -p $plugins &&
    ln -sfn "$library" $plugins/pjrt_c_api_cpu_plugin.so &&
    echo "$wanted" > $stamp.new &&
    mv $stamp.new $stamp
}

if ! install; then
    if [ "${1:-}" = --optional ]; then
        echo "setup: XLA's CPU plugin could not be installed; continuing on the slower Go backend" >&2
        exit 0
    fi
    echo "setup: XLA's CPU plugin could not be installed: see pip's message above, check the network and run 'make setup' again" >&2
    exit 1
fi
