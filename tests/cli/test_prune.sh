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
expect 0 prune "$MODEL" --plan plan.json --out small.onnx --keep-index keep.json --json
prints '"units":2'
macs=$(grep -o '"macs":[0-9]*' out | cut -d: -f2)
expect 0 inspect small.onnx --json
prints "\"macs\":$macs"
checks=$((checks + 2))
grep -qa 'pollard.plan' small.onnx || fail "no plan in the metadata"
grep -q '"tensors"' keep.json || fail "no tensors in the keep-index"
[ "$(stat -c %s small.onnx)" -lt "$(stat -c %s "$MODEL")" ] || fail "the file did not get smaller"

expect 0 prune small.onnx --plan plan.json --out smaller.onnx
checks=$((checks + 1))
grep -qa 'pollard.plan.1' smaller.onnx || fail "the first plan is gone"

echo "{\"version\":1,\"groups\":{\"$id\":{\"remove\":[100000]}}}" >far.json
refuses 2 "is not in" prune "$MODEL" --plan far.json --out no.onnx
checks=$((checks + 1))
[ -e no.onnx ] && fail "a refused plan left a file"
finish
