# SIGTERM ends a command with 143 and SIGINT with 130, in words, and no output is half-written.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 demo --images-only --count 48 --seed 5 --out d -q

# catches PID NUMBER: whether the process is the program (no longer the shell that becomes it) and
# has a handler for the signal.
catches() {
    local caught
    [ "$(readlink "/proc/$1/exe")" = "$(readlink -f "$BIN")" ] || return 1
    caught=$(awk '/^SigCgt/ { print $2 }' "/proc/$1/status" 2>/dev/null) && [ -n "$caught" ] &&
        [ $(((0x$caught >> ($2 - 1)) & 1)) -eq 1 ]
}

# interrupt SIGNAL NUMBER CODE: evaluates, and sends the signal as soon as the program listens for
# it. A busy machine may look so late that the work is done: then again.
interrupt() {
    last_command="eval, then SIG$1"
    local pid tries again
    for again in 1 2 3 4 5 6 7 8 9 10; do
        rm -f "dt$1.json"
        "$BIN" eval "$MODEL" --data d/annotations.json --threads 1 --save-detections "dt$1.json" \
            >out 2>err &
        pid=$!
        tries=0
        until catches "$pid" "$2" || [ $((tries += 1)) -gt 500 ]; do sleep 0.01; done
        kill -s "$1" "$pid" 2>/dev/null
        wait "$pid"
        code=$?
        [ "$code" -eq 0 ] || break
    done
    checks=$((checks + 1))
    [ "$code" -eq "$3" ] || fail "exit code $code, expected $3"
    says "stopped by SIG$1"
    absent "dt$1.json"
}
interrupt TERM 15 143
interrupt INT 2 130
finish
