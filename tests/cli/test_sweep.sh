#!/usr/bin/env bash
# The promises of a sweep, on the shipped detector: killed and resumed, cut into shards, or on other
# threads, it gives the same bytes; its points equal the evaluation of masked models; what does not
# belong together is refused.
set -euo pipefail
P=${POLLARD_BIN:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAIL: $*" >&2; exit 1; }
expect() { # exit code, pattern of the error line, command...
    local code=$1 pattern=$2 got=0
    shift 2
    "$@" >out.txt 2>err.txt || got=$?
    [ "$got" = "$code" ] || fail "exit $got, not $code: $* ($(tail -1 err.txt))"
    grep -q -- "$pattern" err.txt || fail "no '$pattern' in: $(tail -1 err.txt)"
}

"$P" demo --images-only --out data --count 12 --seed 5 -q >/dev/null
model=${POLLARD_SOURCE_DIR:?}/configs/demo/panels.onnx
args=("$model" --data data/annotations.json --ratios 0.3,0.7 -q)

# A dry run writes nothing.
"$P" sweep "${args[@]}" --out nothing --dry-run >/dev/null
[ ! -e nothing ] || fail "a dry run made a folder"

"$P" sweep "${args[@]}" --out whole --threads 2 >/dev/null
for f in manifest.json results.jsonl sensitivity.csv report.html groups.json; do
    [ -s "whole/$f" ] || fail "whole/$f is missing"
done
points=$(($(wc -l <whole/results.jsonl) - 1))
[ "$points" -gt 20 ] || fail "only $points points"

# Threads do not change results.
"$P" sweep "${args[@]}" --out one --threads 1 >/dev/null
cmp whole/sensitivity.csv one/sensitivity.csv
cmp whole/results.jsonl one/results.jsonl

# Killed at a few moments, resumed, equal bytes. A torn line at the end is cut off.
"$P" sweep "${args[@]}" --out killed >/dev/null 2>&1 &
pid=$!
for _ in $(seq 600); do
    [ -f killed/results.jsonl ] && [ "$(wc -l <killed/results.jsonl)" -gt 3 ] && break
    sleep 0.05
done
kill -9 "$pid" 2>/dev/null || true
wait "$pid" 2>/dev/null || true
before=$(wc -l <killed/results.jsonl)
printf '{"group":"g1","ratio":0.3,"uni' >>killed/results.jsonl
expect 2 'resume' "$P" sweep "${args[@]}" --out killed
"$P" sweep "${args[@]}" --out killed --resume >/dev/null
cmp whole/sensitivity.csv killed/sensitivity.csv
[ "$before" -le "$points" ] || echo "note: the kill came after the end"

# Resuming with other settings is refused, and names the setting.
expect 2 'ratios' "$P" sweep "$model" --data data/annotations.json --ratios 0.5 -q --out whole --resume
expect 2 'criterion' "$P" sweep "${args[@]}" --criterion l2 --out whole --resume

# SIGTERM leaves a journal that can be resumed, and exits with 143.
"$P" sweep "${args[@]}" --out stopped >/dev/null 2>stop.txt &
pid=$!
for _ in $(seq 600); do
    [ -f stopped/results.jsonl ] && [ "$(wc -l <stopped/results.jsonl)" -gt 1 ] && break
    sleep 0.05
done
kill -TERM "$pid" 2>/dev/null || true
code=0
wait "$pid" || code=$?
[ "$code" = 143 ] || [ "$code" = 0 ] || fail "exit $code after SIGTERM"
"$P" sweep "${args[@]}" --out stopped --resume >/dev/null
cmp whole/sensitivity.csv stopped/sensitivity.csv

# Shards join to the same table; a missing one is named and can be resumed.
for i in 1 2 3; do "$P" sweep "${args[@]}" --out "part$i" --shard "$i/3" >/dev/null; done
expect 75 'shards missing: 2' "$P" merge some part1 part3
"$P" merge all part3 part1 part2 >/dev/null
cmp whole/sensitivity.csv all/sensitivity.csv
"$P" sweep "$model" --data data/annotations.json --ratios 0.5 -q --out other >/dev/null
expect 2 'ratios' "$P" merge mixed part1 other

# A point is the mAP of the masked model, digit for digit.
checked=0
while IFS=, read -r group _ ratio _ ap _; do
    echo "{\"version\":1,\"groups\":{\"$group\":{\"ratio\":$ratio}}}" >plan.json
    "$P" prune "$model" --plan plan.json --mask --out masked.onnx -q >/dev/null
    "$P" eval masked.onnx --data data/annotations.json --json -q >eval.json
    grep -q "\"AP\": *$ap" eval.json || fail "$group at $ratio: $ap in the sweep, $(grep -m1 '"AP"' eval.json)"
    checked=$((checked + 1))
done < <(awk -F, 'NR > 1 && NR % 9 == 2' whole/sensitivity.csv)
[ "$checked" -ge 3 ] || fail "only $checked points compared"

# The report can be made again from the folder.
"$P" report whole --out again.html -q >/dev/null
grep -q '<svg' again.html || fail "no figure in the report"
echo "ok: $points points, $checked compared with masked models"
