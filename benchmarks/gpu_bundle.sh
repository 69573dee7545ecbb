#!/bin/bash
# gpu_bundle.sh BUILD OUT.tar.xz: the program, the plug-in, the GPU tests and the libraries that a bare
# machine lacks, for gpu_check.sh. CUDA, cuDNN and the C library are expected there.
set -euo pipefail
build=$(realpath "$1")
out=$(realpath -m "$2")
[ -f "$build/libpollard_cuda.so" ] || { echo "$build has no CUDA plug-in" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/pollard"
cp "$build/pollard" "$build/libpollard_cuda.so" "$work/pollard/"
for test in "$build"/test_gpu_*; do
    [ -x "$test" ] && cp "$test" "$work/pollard/"
done
# Core C libraries come with the machine; taking them along would mix two versions.
ldd "$work"/pollard/pollard "$work"/pollard/test_gpu_* 2>/dev/null | awk '$3 ~ /^\// { print $3 }' | sort -u |
    grep -Ev '/(libc|libm|libpthread|libdl|librt|libstdc\+\+|libgcc_s)\.so' |
    while read -r library; do cp -L "$library" "$work/pollard/"; done
strip "$work"/pollard/* 2>/dev/null || true
tar -C "$work" -cJf "$out" pollard
echo "$out: $(du -h "$out" | cut -f1)"
