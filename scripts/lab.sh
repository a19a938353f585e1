#!/usr/bin/env bash
# Opens JupyterLab on a folder, with Go as the language of its cells (GoNB), and Python beside it for what reads files.
# Installs what that needs into the project's own .venv and bin: JupyterLab and pandas pinned and checked by hash, GoNB as
# a tool of go.mod.
# Repeats install nothing, an interrupted run is repeated cleanly, and after the first time no network is needed.
# usage: scripts/lab.sh [DIR] [JupyterLab's arguments]   such as --no-browser or --port 9000
#            The notebooks of this clone are put into DIR/notebooks as copies; without DIR, into work/ of the clone.
#        ENGRAM_NOTEBOOKS=DIR scripts/lab.sh             opens a folder as it is
#        scripts/lab.sh --run COMMAND [its arguments]    runs a command in the lab's environment instead
set -euo pipefail
folder=
case ${1:-} in
"" | -*) ;;
*)
    if ! folder=$(cd -- "$1" 2> /dev/null && pwd); then
        echo "lab: $1 is not a folder that can be opened: make it, or use 'engram new' for a folder with a task of your own" >&2
        exit 1
    fi
    shift
    ;;
esac
cd "$(dirname "$0")/.."
clone=$PWD
. scripts/env/venv.sh
. scripts/env/go.sh

# Jupyter writes into the project, not into the home folder; where that is read-only (a clone that several people use),
# into the user's state folder.
state=$clone/.venv
if [ -d .venv ] && [ ! -w .venv ]; then
    state=${XDG_STATE_HOME:-$HOME/.local/state}/engram
    export JUPYTER_PATH=$clone/.venv/share/jupyter${JUPYTER_PATH:+:$JUPYTER_PATH}
    mkdir -p "$state"
fi
export JUPYTER_DATA_DIR=$state/share/jupyter JUPYTER_CONFIG_DIR=$state/etc/jupyter JUPYTER_RUNTIME_DIR=$state/run
export IPYTHONDIR=$state/etc/ipython PYTHONPYCACHEPREFIX=$state/pycache
export PATH=$clone/.venv/bin:$PATH
export PYTHONPATH=$clone/python${PYTHONPATH:+:$PYTHONPATH} # a cell of Python imports engram

install_jupyter() {
    install_requirements .venv lab "JupyterLab, pandas and Matplotlib (80 MB): about a minute" test -e .venv/bin/jupyter-lab || return
    if [ -w .venv ]; then # JupyterLab asks no server for news
        mkdir -p .venv/share/jupyter/lab/settings &&
        echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
            > .venv/share/jupyter/lab/settings/overrides.json
    fi
}

# All packages are compiled once, so that the first cell answers in seconds; a package that changes later is compiled by the
# next cell that uses it. A flag that cells do not have, such as -trimpath, would compile all of them twice. The kernel that is there is of another folder where the tree was moved.
install_kernel() {
    kernel=.venv/share/jupyter/kernels/gonb/kernel.json registered=
    if grep -qsF -- "\"$clone/scripts/kernel.sh\"" "$kernel"; then
        registered=yes
    fi
    if [ -n "$registered" ] && [ ! -w bin ]; then
        return
    fi
    if [ -z "$registered" ]; then
        echo "compiling engram and its Go kernel (once): about 2 minutes on two quiet cores, with their modules to fetch" >&2
    fi
    GOBIN=$clone/bin log_failure "compiling the kernel" .venv.kernel \
        go install -v github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports &&
    log_failure "compiling engram" .venv.build go build -v -o bin/engram ./cmd/engram &&
    if [ -z "$registered" ]; then
        log_failure "compiling what cells import" .venv.build go build -v ./... &&
        bin/engram kernel install --data .venv/share/jupyter
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
    if [ "$(cat "$state/trusted" 2> /dev/null)" != "$wanted" ]; then
        python scripts/notebooks/trust.py
        echo "$wanted" > "$state/trusted"
    fi
fi

# What is opened: the first notebook of a folder of one's own, else the index of the copies.
page=index.ipynb
if [ -n "${ENGRAM_NOTEBOOKS:-}" ]; then
    root=$ENGRAM_NOTEBOOKS # the browser tests open a copy
elif [ -n "$folder" ]; then
    root=$folder page=notebooks/index.ipynb
    python scripts/notebooks/copies.py "$root/notebooks"
    for notebook in "$root"/*.ipynb; do
        if [ -f "$notebook" ]; then
            page=$(basename "$notebook")
            break
        fi
    done
else
    root=$clone/work
    if [ ! -w "$clone" ]; then
        root=$HOME/engram/work
    fi
    python scripts/notebooks/copies.py "$root"
    echo "lab: the notebooks in $root are copies: change them as you like" >&2
fi
page=$(python -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1]))' "$page")

options=(--LabApp.default_url="/lab/tree/$page" --LabApp.extension_manager=readonly
    --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate)
case " $* " in
*" --ServerApp.root_dir"* | *" --notebook-dir"*) ;;
*) options+=(--ServerApp.root_dir="$root") ;;
esac
# A JupyterHub that starts this server says where it listens.
server=jupyterlab
case ${JUPYTERHUB_SERVICE_URL:+hub}" $* " in
hub*) server=jupyterlab.labhubapp ;;
*" --ip"* | *" --ServerApp.ip"*) ;;
*) options+=(--ServerApp.ip=127.0.0.1) ;;
esac
if [ "$(id -u)" = 0 ]; then
    options+=(--allow-root)
fi
# What a cell prints is cut after a megabyte.
options+=(--ServerApp.kernel_websocket_connection_class=cell_output.Connection)
export PYTHONPATH=$PWD/scripts/notebooks:$PYTHONPATH
# Without a display a browser in the terminal would take JupyterLab's place there.
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${BROWSER:-}" ]; then
    options+=(--no-browser)
fi
cd "$root"
exec python -m "$server" "${options[@]}" "$@"
