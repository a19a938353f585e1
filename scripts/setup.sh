#!/usr/bin/env bash
# Installs what engram needs into the project's own .venv: XLA's plugin for CPUs, pinned and checked by hash.
# Repeats do nothing; an interrupted run is repeated cleanly; after the first time no network is needed.
# usage: scripts/setup.sh [--optional | --cuda]
#        --optional: a failed install is said and is no error: engram then computes on its Go backend
#        --cuda: the plugin for NVIDIA's GPUs instead, with NVIDIA's libraries (3 GB)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/venv.sh

platform=cpu what="XLA's CPU plugin (63 MB)" library=fastatomstruct_xla_cpu/libpjrt_cpu.so
if [ "${1:-}" = --cuda ]; then
    platform=cuda what="XLA's CUDA plugin and NVIDIA's libraries (3 GB)" library=jax_plugins/xla_cuda13/xla_cuda_plugin.so
fi
plugin=.venv/lib/go-xla/pjrt_c_api_${platform}_plugin.so

# link_plugin puts the installed library where engram looks for plugins, and NVIDIA's where that one looks for them.
link_plugin() {
    [ -e $plugin ] && return
    local packages
    packages=$(echo "$PWD"/.venv/lib/python3.*/site-packages)
    [ -f "$packages/$library" ] && mkdir -p "$(dirname $plugin)" && ln -sfn "$packages/$library" $plugin &&
    if [ $platform = cuda ]; then
        ln -sfn "$packages/nvidia" .venv/lib/nvidia
    fi
}

if ! { install_requirements xla-$platform "$what" link_plugin && link_plugin; }; then
    if [ "${1:-}" = --optional ]; then
        echo "setup: $what could not be installed; continuing on the slower Go backend" >&2
        exit 0
    fi
    echo "setup: $what could not be installed: see pip's message above, check the network and run 'make setup' again" >&2
    exit 1
fi
