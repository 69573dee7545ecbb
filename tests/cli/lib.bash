# Helpers for tests of the program as a user sees it. A test script sources this file, calls the
# functions below, and ends with `finish`.
set -u
BIN=${POLLARD_BIN:?the program under test}
SOURCE=${POLLARD_SOURCE_DIR:?the source tree}
DATA=${POLLARD_DATA:-$SOURCE/../shared/data} # real models and images; may be absent
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
cd "$SCRATCH" || exit 1
failures=0
checks=0

fail() {
    failures=$((failures + 1))
    echo "FAILED: $*"
    echo "  command: ${last_command:-}"
    sed 's/^/  stdout: /' out 2>/dev/null | head -20
    sed 's/^/  stderr: /' err 2>/dev/null | head -20
}

# pollard ARGS...: runs the program; stdout in ./out, stderr in ./err, exit code in $code.
pollard() {
    last_command="pollard $*"
    "$BIN" "$@" >out 2>err
    code=$?
}

# expect CODE ARGS...: the exit code must be CODE.
expect() {
    local wanted=$1
    shift
    pollard "$@"
    checks=$((checks + 1))
    [ "$code" -eq "$wanted" ] || fail "exit code $code, expected $wanted"
}

# says TEXT: stderr holds the text. prints TEXT: stdout does.
says() {
    checks=$((checks + 1))
    grep -qF -- "$1" err || fail "stderr does not say '$1'"
}
prints() {
    checks=$((checks + 1))
    grep -qF -- "$1" out || fail "stdout does not say '$1'"
}

# refuses CODE TEXT ARGS...: an error in one line on stderr that says TEXT, nothing on stdout; and
# the same with --json: one document on stdout that carries code and text.
refuses() {
    local wanted=$1 text=$2
    shift 2
    expect "$wanted" "$@"
    says "$text"
    checks=$((checks + 1))
    [ "$(grep -c '^pollard: ' err)" -eq 1 ] || fail "not one line of error"
    [ -s out ] && fail "an error wrote to stdout"
    pollard "$@" --json
    checks=$((checks + 1))
    [ "$code" -eq "$wanted" ] || fail "exit code $code with --json, expected $wanted"
    [ "$(wc -l <out)" -eq 1 ] || fail "not one document on stdout"
    grep -qF "{\"error\":{\"code\":$wanted,\"message\":" out || fail "no error document"
}

# absent PATH...: none of these exist, nor temporary files beside them.
absent() {
    local path
    for path in "$@"; do
        checks=$((checks + 1))
        if compgen -G "$path*" >/dev/null; then fail "$path was left behind"; fi
    done
}

skip() {
    echo "[  SKIPPED ] $(basename "$0"): $*"
}

finish() {
    echo "$checks checks, $failures failures"
    [ "$failures" -eq 0 ]
    exit
}
