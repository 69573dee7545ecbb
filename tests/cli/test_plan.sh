#!/usr/bin/env bash
# Plans as a user makes them, on the shipped detector: budgets, files, refusals, measured trials.
source "$(dirname "$0")/lib.bash"
model=$SOURCE/configs/demo/panels.onnx

expect 0 demo --images-only --out data --count 8 --seed 5 -q
expect 0 sweep "$model" --data data/annotations.json --ratios 0.3,0.6 --out sw -q
cp -r sw sweep0

# A budget is hit within 0.5 %, by every method, and prune reads what plan wrote.
for method in sweep loss uniform depth global isomorphic; do
    expect 0 plan sw --target macs=0.8 --method "$method" --out "$method.json" --json
    share=$(grep -o '"macs":0\.[0-9]*' out | head -1 | cut -d: -f2)
    checks=$((checks + 1))
    awk -v s="$share" 'BEGIN { exit !(s <= 0.8 && s > 0.795) }' || fail "$method: macs=$share"
    expect 0 prune "$model" --plan "$method.json" --mask --out masked.onnx
done
expect 0 plan sw --target params=0.7 --out p.json
expect 0 plan sw --target map_drop=0.03 --out p.json
prints "predicted drop 0.0"
expect 0 plan "$model" --target macs=0.9 --criterion fpgm --votes out+in --group-reduction mean --align 8 --out p.json
expect 0 plan "$model" --target macs=0.9 --method global --steps 3 --out p.json
expect 0 plan "$model" --target macs=0.9 --criterion activation --calibrate data --max-images 2 --out p.json

# Scores go out and come back: the same plan.
expect 0 plan "$model" --target macs=0.7 --method uniform --save-scores s.json --out a.json
expect 0 plan "$model" --target macs=0.7 --method uniform --scores s.json --out b.json
cmp <(grep -v criterion a.json) <(grep -v criterion b.json) || fail "scores from a file differ"

# Hand-made ratios and protection.
expect 0 plan sw --target macs=0.9 --protect 'head.*' --ratio 'g3=0.5' --out p.json
grep -q '"head' p.json && fail "a protected group is in the plan"
grep -A2 '"g3"' p.json | grep -q '"ratio": 0.5' || fail "g3 did not get its ratio"
expect 0 plan sw --what-if g3=0.5
prints "predicted drop"

# Measured: the choice is the best of the trials.
expect 0 plan sw --target macs=0.9 --data data/annotations.json --max-images 4 --trials 4 --out p.json -q --json
grep -q '"measured"' p.json || fail "nothing measured in the plan"
expect 0 plan "$model" --target macs=0.9 --data data/annotations.json --max-images 2 --method sweep --metric agreement --steps 2 --out p.json -q
prints "agreement"

# Out of reach: exit 3, the nearest plan is written.
refuses 3 "out of reach" plan sw --target macs=0.5 --max-ratio 0.1 --out far.json
[ -s far.json ] || fail "no nearest plan"

refuses 2 "did you mean 'uniform'" plan sw --target macs=0.9 --method unifrom --out n.json
refuses 2 "needs a sweep" plan "$model" --target macs=0.9 --method sweep --out n.json
refuses 2 "map_drop" plan "$model" --target map_drop=0.1 --out n.json
refuses 2 "not NAME=VALUE" plan sw --target macs --out n.json
refuses 2 "matches no group" plan sw --target macs=0.9 --protect 'spine*' --out n.json
refuses 2 "own order of removal" plan sw --target macs=0.9 --criterion l2 --out n.json
refuses 2 "needs gradients" plan "$model" --target macs=0.9 --criterion taylor --out n.json
refuses 2 "needs --latency" plan sw --target latency_ms=5 --out n.json
sed -i '2,$d' sweep0/results.jsonl
: >sweep0/results.jsonl
refuses 2 "has not run" plan sweep0 --target macs=0.9 --out n.json
absent n.json
finish
