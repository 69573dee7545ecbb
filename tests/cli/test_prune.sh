# Carrying out plans: removing equals zeroing on the shipped detector, the smaller file keeps its
# interface and carries its plan, can be pruned again, and other tools get the indices that stay.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 prove "$MODEL" --units 0 --plans 2 -q
prints "0 failed"

expect 0 groups "$MODEL" --svg groups.svg --dot groups.dot
checks=$((checks + 1))
{ grep -q '</svg>' groups.svg && grep -q ' -> ' groups.dot; } || fail "no picture of the groups"
id=$(awk '$NF == "prunable" { print $1; exit }' out)
echo "{\"version\":1,\"groups\":{\"$id\":{\"remove\":[1,0]}}}" >plan.json
expect 0 prune "$MODEL" --plan plan.json --out small.onnx --keep-index keep.json --no-bench --json
prints '"units":2'
macs=$(grep -o '"macs":[0-9]*' out | cut -d: -f2)
expect 0 inspect small.onnx --json
prints "\"macs\":$macs"
checks=$((checks + 2))
grep -qa 'pollard.plan' small.onnx || fail "no plan in the metadata"
grep -q '"tensors"' keep.json || fail "no tensors in the keep-index"
[ "$(stat -c %s small.onnx)" -lt "$(stat -c %s "$MODEL")" ] || fail "the file did not get smaller"


# The table: every number again, found another way.
field() { grep -o "\"$1\":[^],}]*" out | head -1 | cut -d: -f2; }
holds() { # WHAT EXPRESSION: awk says the expression is true
    checks=$((checks + 1))
    awk "BEGIN { exit !($2) }" || fail "$1: $2"
}
expect 0 plan "$MODEL" --target macs=0.8 --method uniform --protect 'neck*,head*' --max-ratio 0.5 --out few.json
expect 0 prune "$MODEL" --plan few.json --out few.onnx --json
holds "file size" "$(field bytes) == $(stat -c %s few.onnx) && $(field bytes_before) == $(stat -c %s "$MODEL")"
holds "speedup" "$(field speedup) > 0 && ($(field images_per_second) * $(field median_ms) / 1000 - $(field batch)) ^ 2 < 1e-9"
checks=$((checks + 1))
[ "$(grep -o '"macs_saved":[0-9.]*' out | cut -d: -f2 | sort -rg -c 2>&1)" = "" ] || fail "gains are not in order"
[ "$(grep -o '"macs_saved"' out | wc -l)" -eq 10 ] || fail "not ten groups"
# Two groups that meet in a layer: their shares add up to what both save.
echo '{"version":1,"groups":{"g0":{"ratio":0.3},"g1":{"ratio":0.4}},"predicted":{"latency_ms":3.5}}' >two.json
expect 0 prune "$MODEL" --plan two.json --out two.onnx --json
holds "gains add up" "$(grep -o '"macs_saved":[0-9.]*' out | cut -d: -f2 | paste -sd+) == $(field macs_before) - $(field macs)"
prints '"predicted_ms":3.5'
expect 0 demo --images-only --count 6 --out data -q
expect 0 prune "$MODEL" --plan two.json --out two.onnx --no-bench --data data/annotations.json --json -q
after=$(field after)
holds "drop" "($(field before) - $after - $(field drop)) ^ 2 < 1e-20 && $(field before) > 0"
expect 0 eval two.onnx --data data/annotations.json --json -q
holds "mAP" "$(field AP) == $after"
expect 0 prune "$MODEL" --plan two.json --out two.onnx --no-bench
prints "MACs saved"
refuses 2 "does not go with --mask" prune "$MODEL" --plan two.json --out no.onnx --mask --data data

# A latency table: layers at full width and the rest are the whole model; plans keep to a table, and
# prune tells what the plan predicted.
expect 0 plan "$MODEL" --measure-latency here.json --align 64 --threads 1 --json -q
cp here.json out
layers=$(grep -o '"ms":[^]]*' out | sed 's/.*[[,]//' | paste -sd+)
holds "whole model" "$(field rest_ms) >= 0 && $layers + $(field rest_ms) >= $(field whole_ms) * (1 - 1e-9)"
holds "no more than whole" "$(field rest_ms) == 0 || ($layers + $(field rest_ms) - $(field whole_ms)) ^ 2 < 1e-18"
expect 0 plan "$MODEL" --target macs=0.9 --latency here.json --out p.json
prints "(from the table)"
sed 's/"layers":.*/"layers":[{"node":"\/backbone\/stem\/conv\/Conv","in":[3],"out":[8,16],"ms":[1,2]}]}/; s/"rest_ms":[^,]*/"rest_ms":0.5/' here.json >made.json
expect 0 plan "$MODEL" --target latency_ms=2 --latency made.json --out p.json --json
expect 0 prune "$MODEL" --plan p.json --out fast.onnx --threads 1 --json
stem=$(grep -o '"group":"g0"[^}]*' out | grep -o '"removed":[0-9]*' | cut -d: -f2)
holds "prediction" "$(field predicted_ms) <= 2 && ($(field predicted_ms) - 0.5 - (2 - ${stem:-0} / 8)) ^ 2 < 1e-18"
refuses 3 "out of reach" plan "$MODEL" --target latency_ms=1 --latency made.json --out p.json
refuses 2 "does not go with --latency" plan "$MODEL" --measure-latency l.json --latency here.json
sed 's/"model_sha256":"./"model_sha256":"-/' here.json >other.json
refuses 2 "another model" plan "$MODEL" --target latency_ms=1 --latency other.json --out p.json
absent l.json

expect 0 prune small.onnx --plan plan.json --out smaller.onnx --no-bench
checks=$((checks + 1))
grep -qa 'pollard.plan.1' smaller.onnx || fail "the first plan is gone"

echo "{\"version\":1,\"groups\":{\"$id\":{\"remove\":[100000]}}}" >far.json
refuses 2 "is not in" prune "$MODEL" --plan far.json --out no.onnx
checks=$((checks + 1))
[ -e no.onnx ] && fail "a refused plan left a file"
finish
