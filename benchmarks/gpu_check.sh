#!/bin/bash
# gpu_check.sh BUNDLE.tar.xz OUT [MODELS [ANNOTATIONS]]: correctness, then speed, on a machine with a GPU
# and nothing installed but CUDA and cuDNN (PyTorch's wheels will do). BUNDLE is made by gpu_bundle.sh,
# MODELS is a folder of ONNX files, ANNOTATIONS a COCO file with its images beside it. Leaves OUT/gpu.json
# and OUT/gpu.txt, with the logs of every step. Ends with 1 when something that must hold does not.
set -uo pipefail
bundle=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
models=${3:+$(realpath "$3")}
annotations=${4:+$(realpath "$4")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xJf "$bundle"
bin=$work/pollard

# cuDNN, cuBLAS and NVRTC as PyTorch brings them, then the toolkit's.
wheels=$(python3 - <<'P' 2>/dev/null
import glob, site
folders = site.getsitepackages() + [site.getusersitepackages()]
print(":".join(sorted(p for f in folders for p in glob.glob(f + "/nvidia/*/lib"))))
P
)
export LD_LIBRARY_PATH=$bin${wheels:+:$wheels}:/usr/local/cuda/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export XDG_CACHE_HOME=$work/cache
export POLLARD_SOURCE_DIR=$work

failures=0
rows=()
# step NAME SECONDS COMMAND...: runs with a limit, keeps the log, counts a failure.
step() {
    local name=$1 limit=$2 begin code
    shift 2
    begin=$(date +%s.%N)
    timeout "$limit" "$@" >"$out/$name.out" 2>"$out/$name.err"
    code=$?
    seconds=$(echo "$(date +%s.%N) - $begin" | bc)
    [ "$code" -eq 0 ] || [ "$code" -eq 77 ] || failures=$((failures + 1))
    rows+=("{\"step\":\"$name\",\"code\":$code,\"seconds\":$seconds}")
    printf '%-36s %4s  %8.1f s  %s\n' "$name" "$code" "$seconds" \
        "$(tail -n 1 "$out/$name.err" | cut -c1-100)" | tee -a "$out/gpu.txt"
    return "$code"
}
# number FILE KEY: a number of a JSON file made by pollard, e.g. metrics.AP
number() {
    python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))
for k in sys.argv[2].split("."):
    v = v[int(k)] if isinstance(v, list) else v[k]
print(v)' "$1" "$2" 2>/dev/null || echo null
}

: >"$out/gpu.txt"
nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,memory.total --format=csv,noheader |
    tee -a "$out/gpu.txt"
step doctor 60 "$bin/pollard" doctor --json
for kind in move math image conv; do
    step "test_gpu_$kind" 120 "$bin/test_gpu_$kind"
done
if command -v compute-sanitizer >/dev/null; then
    PLD_TEST_CASES=10 step memcheck 120 compute-sanitizer --error-exitcode 9 "$bin/test_gpu_move"
fi

# Accuracy: the same pictures on the CPU in fp32, on the GPU in fp32 and in fp16.
if [ -n "$annotations" ]; then
    for model in "$models"/*.onnx; do
        name=$(basename "$model" .onnx)
        for run in "cpu fp32 1" "cuda fp32 16" "cuda fp16 16"; do
            read -r device precision batch <<<"$run"
            step "eval_${name}_${device}_$precision" 180 "$bin/pollard" eval "$model" --data "$annotations" \
                --device "$device" --precision "$precision" --batch "$batch" --json -q
            ap=$(number "$out/eval_${name}_${device}_$precision.out" metrics.AP)
            rows+=("{\"model\":\"$name\",\"device\":\"$device\",\"precision\":\"$precision\",\"AP\":$ap}")
            echo "  AP $ap" | tee -a "$out/gpu.txt"
        done
    done
fi

# Speed: forwards, then a sweep of two groups on both devices.
for model in "$models"/*.onnx; do
    name=$(basename "$model" .onnx)
    for batch in 1 16 64; do
        step "bench_${name}_b$batch" 90 "$bin/pollard" bench "$model" --device cuda --precision fp16 \
            --batch "$batch" --seconds 2 --layers --json -q
    done
    [ -n "$annotations" ] || continue
    for device in cuda cpu; do
        step "sweep_${name}_$device" 200 "$bin/pollard" sweep "$model" --data "$annotations" \
            --device "$device" --batch "$([ "$device" = cuda ] && echo 16 || echo 1)" \
            --groups g0,g20 --ratios 0.1,0.5 --out "$out/sweep_${name}_$device" -q
    done
    python3 - "$out/sweep_${name}_cuda/sensitivity.csv" "$out/sweep_${name}_cpu/sensitivity.csv" <<'P' |
import csv, sys
a, b = ([float(r["AP"]) for r in csv.DictReader(open(f))] for f in sys.argv[1:3])
d = [abs(x - y) for x, y in zip(a, b)]
print(f"  sweep: |AP(cuda) - AP(cpu)| largest {max(d):.5f}, mean {sum(d) / len(d):.5f} of {len(d)}")
P
        tee -a "$out/gpu.txt"
done

printf '[\n%s\n]\n' "$(IFS=$',\n'; echo "${rows[*]}")" >"$out/gpu.json"
echo "$failures steps failed" | tee -a "$out/gpu.txt"
[ "$failures" -eq 0 ]
