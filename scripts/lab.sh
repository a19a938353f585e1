#!/usr/bin/env bash
# Opens JupyterLab on the notebooks, with Go as their language (GoNB). Installs what that needs into the
# project's own .venv and bin: JupyterLab pinned and checked by hash, GoNB as a tool of go.mod.
# Repeats install nothing, an interrupted run is repeated cleanly, and after the first time no network is needed.
# usage: scripts/lab.sh [JupyterLab's arguments]         such as --no-browser or --port 9000
#        ENGRAM_NOTEBOOKS=DIR scripts/lab.sh             opens another folder, as --ServerApp.root_dir=DIR does
#        scripts/lab.sh --run COMMAND [its arguments]    runs a command in the lab's environment instead
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env/venv.sh

notebooks=${ENGRAM_NOTEBOOKS:-$PWD/notebooks} # the browser tests open a copy

# Jupyter writes into the project, too, not into the home folder.
export JUPYTER_DATA_DIR=$PWD/.venv/share/jupyter JUPYTER_CONFIG_DIR=$PWD/.venv/etc/jupyter JUPYTER_RUNTIME_DIR=$PWD/.venv/run
export IPYTHONDIR=$PWD/.venv/etc/ipython PYTHONPYCACHEPREFIX=$PWD/.venv/pycache
export PJRT_PLUGIN_LIBRARY_PATH=${PJRT_PLUGIN_LIBRARY_PATH:-$PWD/.venv/lib/go-xla}
export PATH=$PWD/.venv/bin:$PWD/bin:$PATH
export GOFLAGS="${GOFLAGS:-} -ldflags=-s" # a cell links in half the time without debugger tables

install_jupyter() {
    install_requirements .venv lab "JupyterLab (40 MB)" test -e .venv/bin/jupyter-lab || return
    # JupyterLab asks no server for news.
    mkdir -p .venv/share/jupyter/lab/settings &&
    echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
        > .venv/share/jupyter/lab/settings/overrides.json
}

# The kernel's go.work names this working tree, so that cells import engram/... from it. In a tree that was moved the
# kernel is installed again. All packages are compiled once, so that the first cell answers in seconds; a package that
# changes later is compiled by the next cell that uses it.
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
    echo "lab: JupyterLab could not be installed: see the message above and run 'make lab' again" >&2
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

# Trusts the notebooks of the last commit, once for each commit that changed one.
if [ -e .git ]; then
    wanted=$(git rev-parse HEAD:notebooks)
    if [ "$(cat .venv/trusted 2> /dev/null)" != "$wanted" ]; then
        python scripts/notebooks/trust.py
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
# What a cell prints is cut after a megabyte.
options+=(--ServerApp.kernel_websocket_connection_class=cell_output.Connection)
export PYTHONPATH=$PWD/scripts/notebooks${PYTHONPATH:+:$PYTHONPATH}
exec python -m jupyterlab "${options[@]}" "$@"
