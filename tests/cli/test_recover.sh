# Recovery from unlabelled pictures: a plan by block OBS, compensation of it, and what is refused.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 demo --images-only --out data --count 10 --seed 5 -q

# A plan that keeps to the budget and to the cap of a level, and its refitted model in both forms.
expect 0 plan "$MODEL" --target macs=0.96 --criterion obs --calibrate data --out plan.json -q --json
prints '"reached":true'
checks=$((checks + 1))
grep -o '"macs":0\.[0-9]*' out | awk -F: '{exit !($2 <= 0.96 && $2 > 0.94)}' ||
    fail "budget not met closely"
for form in --mask ""; do
    expect 0 prune "$MODEL" --plan plan.json --out "ls$form.onnx" --calibrate data --compensate ls $form --no-bench -q
    prints "layers refitted on 10 images"
done
expect 0 eval ls.onnx --data data/annotations.json --save-detections small.json -q
expect 0 eval ls--mask.onnx --data data/annotations.json --save-detections masked.json -q
expect 0 eval --detections small.json --data data/annotations.json -q
head -12 out >small.txt
expect 0 eval --detections masked.json --data data/annotations.json -q
checks=$((checks + 1))
cmp -s <(head -12 out) small.txt || fail "the smaller model finds other things than the masked one"

# An empty plan leaves every byte of the weights.
echo '{"version":1,"groups":{}}' >empty.json
expect 0 prune "$MODEL" --plan empty.json --out same.onnx --calibrate data --compensate sequential --no-bench -q
expect 0 prune "$MODEL" --plan empty.json --out plain.onnx --no-bench -q
checks=$((checks + 1))
cmp -s same.onnx plain.onnx || fail "nothing was removed, and yet weights changed"

# What cannot work says so, with numbers.
refuses 5 "3 images are too few to calibrate with; 8 are needed" \
    prune "$MODEL" --plan plan.json --out no.onnx --calibrate data --max-images 3 --compensate ls
refuses 2 "images are needed" prune "$MODEL" --plan plan.json --out no.onnx --compensate ls
refuses 2 "obs needs images" plan "$MODEL" --target macs=0.9 --criterion obs --out no.json
refuses 2 "criterion obs plans for macs" \
    plan "$MODEL" --target params=0.9 --criterion obs --calibrate data --out no.json
refuses 2 "'obs' chooses over all groups at once" \
    sweep "$MODEL" --data data/annotations.json --criterion obs --out no
refuses 2 "is not STRIDE=RATIO" plan "$MODEL" --target macs=0.9 --criterion obs --calibrate data \
    --level-ratio eight --out no.json
absent no.onnx no.json no
finish
