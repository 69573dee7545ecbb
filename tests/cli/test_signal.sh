# SIGTERM ends a command with 143 and SIGINT with 130, in words, and no output is half-written.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 demo --images-only --count 48 --seed 5 --out d -q

# interrupt SIGNAL CODE: evaluates with slow kernels and sends the signal while it works. A machine
# that is done before the signal is given less time.
interrupt() {
    last_command="eval, then SIG$1"
    local delay
    for delay in 0.5 0.2 0.1 0.05; do
        timeout --preserve-status -s "$1" "$delay" "$BIN" eval "$MODEL" --data d/annotations.json \
            --threads 1 --save-detections "dt$1.json" >out 2>err
        code=$?
        [ "$code" -eq 0 ] || break
        rm -f "dt$1.json"
    done
    checks=$((checks + 1))
    [ "$code" -eq "$2" ] || fail "exit code $code, expected $2"
    says "stopped by SIG$1"
    absent "dt$1.json"
}
interrupt TERM 143
interrupt INT 130
finish
