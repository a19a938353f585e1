# Sourced by the scripts that need Python packages, from the root of the tree: the one way to make a Python environment.

# install_requirements FOLDER NAME WHAT [TEST...] installs requirements/NAME.txt, pinned and checked by hash, into the
# virtual environment FOLDER, which it makes where it is missing. FOLDER/installed-NAME keeps the sum of the requirements
# that were installed: where it agrees, Python starts, and TEST (a command) succeeds, nothing is done, so that no network
# is needed. An interrupted call leaves no such file and is repeated cleanly. Of several calls at once one installs and
# the others wait. All messages go to stderr, because a caller's stdout may be read by a program.
# Its commands are chained by && because a caller may test whether it failed, which turns 'set -e' off.
install_requirements() {
    local folder=$1 name=$2 what=$3
    shift 3
    is_installed "$folder" "$name" "$@" && return
    (
        if command -v flock > /dev/null; then
            flock 9
        fi
        is_installed "$folder" "$name" "$@" || install "$folder" "$name" "$what"
    ) 9> "$folder.lock"
}

# is_installed FOLDER NAME [TEST...] reports whether the environment has the packages of requirements/NAME.txt.
is_installed() {
    local folder=$1 stamp=$1/installed-$2 requirements=requirements/$2.txt
    shift 2
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(cksum < "$requirements")" ] && "$folder/bin/python" -c '' 2> /dev/null &&
    { [ $# = 0 ] || "$@"; }
}

# install FOLDER NAME WHAT makes the environment where it is missing or its Python is gone, and installs.
install() {
    local folder=$1 stamp=$1/installed-$2 requirements=requirements/$2.txt
    echo "installing $3 into $folder (once)" >&2
    if ! "$folder/bin/python" -c 'import pip' 2> /dev/null; then
        log_failure "python3 -m venv" "$folder" python3 -m venv --clear "$folder" || return
    fi
    log_failure "pip" "$folder" "$folder/bin/python" -m pip install --progress-bar off --disable-pip-version-check --no-deps \
        --require-hashes --no-input -r "$requirements" &&
    cksum < "$requirements" > "$stamp.new" &&
    mv "$stamp.new" "$stamp"
}

# log_failure WHO FOLDER COMMAND... runs a command and, where it fails, shows the end of what it printed.
log_failure() {
    local who=$1 log=$2.log code=0
    shift 2
    with_progress "$who" "$log" "$@" || code=$?
    if [ $code != 0 ]; then
        { echo "$who failed with code $code; the end of what it printed:" && tail -n 12 "$log" | sed 's/^/    /'; } >&2
    fi
    rm -f "$log"
    return $code
}

# with_progress WHAT LOG COMMAND... runs a command whose output goes to LOG, and prints its latest line and the seconds that
# passed: each second on a terminal, else each five. A command that ends sooner prints nothing.
with_progress() {
    local what=$1 log=$2 pause=5 end='\n' began=$SECONDS code=0 next
    shift 2
    if [ -t 2 ]; then
        pause=1 end='\033[K\r'
    fi
    "$@" > "$log" 2>&1 9>&- &
    local command=$!
    trap 'kill "$command" 2> /dev/null' INT TERM
    next=$((began + pause))
    while kill -0 "$command" 2> /dev/null; do
        sleep 0.2 9>&- || break
        if [ "$SECONDS" -ge "$next" ]; then
            printf "    %s: %d s  %.80s$end" "$what" $((SECONDS - began)) "$(tail -n 1 "$log" | tr -d '[:cntrl:]')" >&2
            next=$((SECONDS + pause))
        fi
    done
    wait "$command" || code=$?
    trap - INT TERM
    if [ -t 2 ]; then
        printf '\033[K' >&2
    fi
    return $code
}
