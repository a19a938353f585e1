#!/usr/bin/env bash
# Opens JupyterLab on the notebooks, with Go as their language (GoNB). Installs what that needs into the
# project's own .venv and bin: JupyterLab pinned and checked by hash, GoNB as a tool of go.mod.
# Repeats install nothing; an interrupted run is repeated cleanly; after the first time no network is needed.
# usage: scripts/lab.sh [JupyterLab's arguments]         such as --no-browser or --port 9000
#        ENGRAM_NOTEBOOKS=DIR scripts/lab.sh            opens the notebooks of another folder, as --ServerApp.root_dir=DIR does
#        scripts/lab.sh --run COMMAND [its arguments]    runs a command in the lab's environment instead
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/venv.sh

notebooks=${ENGRAM_NOTEBOOKS:-$PWD/notebooks} # tests open a copy

# What Jupyter writes stays in the project, too.
export JUPYTER_DATA_DIR=$PWD/.venv/share/jupyter JUPYTER_CONFIG_DIR=$PWD/.venv/etc/jupyter JUPYTER_RUNTIME_DIR=$PWD/.venv/run
export IPYTHONDIR=$PWD/.venv/etc/ipython PYTHONPYCACHEPREFIX=$PWD/.venv/pycache
export PJRT_PLUGIN_LIBRARY_PATH=${PJRT_PLUGIN_LIBRARY_PATH:-$PWD/.venv/lib/go-xla}
export PATH=$PWD/.venv/bin:$PWD/bin:$PATH
export GOFLAGS="${GOFLAGS:-} -ldflags=-s" # without debugger tables a cell links in half the time

install_jupyter() {
    install_requirements lab "JupyterLab (40 MB)" test -e .venv/bin/jupyter-lab || return
    # JupyterLab asks nobody outside for news
    mkdir -p .venv/share/jupyter/lab/settings &&
    echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
        > .venv/share/jupyter/lab/settings/overrides.json
}

# The kernel's go.work names this working tree, so that cells import engram/... from it; a tree that was moved
# gets its kernel anew. Compiling all packages makes the first cell answer in seconds; what changes later is
# compiled with the cell that uses it.
install_kernel() {
    kernel=$JUPYTER_DATA_DIR/kernels/gonb/kernel.json
    GOBIN=$PWD/bin go install github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports &&
    if ! grep -qsF -- "-go_work=$PWD\"" "$kernel"; then
        echo "lab: installing the Go kernel and compiling engram (once)"
        bin/gonb --install --force_deps --raw_error -go_work="$PWD" -logtostderr=false -stderrthreshold=FATAL -log_file=/dev/null &&
        go build ./...
    fi
}

if ! install_jupyter; then
    echo "lab: JupyterLab could not be installed: see pip's message above, check the network and run 'make lab' again" >&2
    exit 1
fi
if ! install_kernel; then
    echo "lab: the Go kernel could not be installed: see the message above and run 'make lab' again" >&2
    exit 1
fi

if [ "${1:-}" = --run ]; then
    shift
    exec "$@"
fi

# The notebooks of the last commit are trusted, once for each commit that changed one.
if [ -e .git ]; then
    wanted=$(git rev-parse HEAD:notebooks)
    if [ "$(cat .venv/trusted 2> /dev/null)" != "$wanted" ]; then
        python scripts/trust.py
        echo "$wanted" > .venv/trusted
    fi
fi

options=(--LabApp.default_url=/lab/tree/index.ipynb --LabApp.extension_manager=readonly
    --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate)
case " $* " in
    *" --ServerApp.root_dir"* | *" --notebook-dir"*) ;;
    *) options+=(--ServerApp.root_dir="$notebooks") ;;
esac
case " $* " in
    *" --ip"* | *" --ServerApp.ip"*) ;;
    *) options+=(--ServerApp.ip=127.0.0.1) ;;
esac
if [ "$(id -u)" = 0 ]; then
    options+=(--allow-root)
fi
exec python -m jupyterlab "${options[@]}" "$@"
