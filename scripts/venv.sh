# Sourced by the scripts that install into the project's own .venv.

# install_requirements NAME WHAT TEST...: installs requirements/NAME.txt, pinned and checked by hash, unless that was done and
# TEST (a command) agrees. Repeats do nothing, so that no network is needed; an interrupted run is repeated cleanly.
# It is chained by && because a caller may ask whether it failed.
install_requirements() {
    local requirements=requirements/$1.txt stamp=.venv/installed-$1 what=$2 wanted
    shift 2
    wanted=$(cksum < "$requirements")
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && "$@"; then
        return
    fi
    echo "installing $what into .venv (once)"
    python3 -m venv .venv &&
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$requirements" &&
    echo "$wanted" > "$stamp.new" &&
    mv "$stamp.new" "$stamp"
}
