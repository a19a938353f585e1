#!/usr/bin/env bash
# Installs what engram needs into the project's own .venv: XLA's plugin for CPUs, pinned and checked by hash.
# Repeats do nothing, an interrupted run is repeated cleanly, and after the first time no network is needed.
# usage: scripts/setup.sh [--optional | --cuda]
#        --optional: a failed install is reported and is no error: engram then computes on its Go backend
#        --cuda: the plugin for NVIDIA's GPUs instead, with NVIDIA's libraries (3 GB)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env/venv.sh

platform=cpu what="XLA's CPU plugin (63 MB)" library=fastatomstruct_xla_cpu/libpjrt_cpu.so
if [ "${1:-}" = --cuda ]; then
    platform=cuda what="XLA's CUDA plugin and NVIDIA's libraries (3 GB)" library=jax_plugins/xla_cuda13/xla_cuda_plugin.so
fi
plugin=.venv/lib/go-xla/pjrt_c_api_${platform}_plugin.so

# link_plugin links the installed library to where engram looks for plugins, and NVIDIA's to where the plugin looks.
link_plugin() {
    [ -e $plugin ] && return
    local packages
    packages=$(echo "$PWD"/.venv/lib/python3.*/site-packages)
    [ -f "$packages/$library" ] && mkdir -p "$(dirname $plugin)" && ln -sfn "$packages/$library" $plugin &&
    if [ $platform = cuda ]; then
        ln -sfn "$packages/nvidia" .venv/lib/nvidia
    fi
}

# missing says what link_plugin did not find.
missing() {
    echo "setup: .venv has no $library after pip installed requirements/xla-$platform.txt: run 'make clean setup'" >&2
    return 1
}

# record_sum writes two things beside the plugin: the SHA-256 that its wheel gives it, which engram compares before it
# loads the plugin, and the size and time of change of the file with that sum, so that engram need not hash it each time.
record_sum() {
    local packages wanted actual
    packages=$(echo "$PWD"/.venv/lib/python3.*/site-packages)
    wanted=$(sed -n "s|^$library,sha256=\([^,]*\),.*|\1=|p" "$packages"/*.dist-info/RECORD |
        tr -- -_ +/ | base64 -d | od -An -v -tx1 | tr -d ' \n')
    if [ -f $plugin.sha256 ] && [ "$(head -c 64 $plugin.sha256)" = "$wanted" ]; then
        return
    fi
    actual=$(sha256sum < $plugin) && actual=${actual%% *}
    if [ "$actual" != "$wanted" ]; then
        echo "setup: $plugin is damaged: run 'make clean setup'" >&2
        return 1
    fi
    { echo "$wanted  ${plugin##*/}" && stat -L -c '# %s %.9Y' $plugin; } > $plugin.sha256.new.$$ &&
    mv $plugin.sha256.new.$$ $plugin.sha256
}

if ! { install_requirements .venv xla-$platform "$what" link_plugin && { link_plugin || missing; } && record_sum; }; then
    if [ "${1:-}" = --optional ]; then
        echo "setup: $what could not be installed; continuing on the slower Go backend" >&2
        exit 0
    fi
    echo "setup: $what could not be installed: see the message above and run 'make setup' again" >&2
    exit 1
fi
