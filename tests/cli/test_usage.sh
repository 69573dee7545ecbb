# Commands, options, help and configuration files.
. "$(dirname "$0")/lib.bash"

# no command, help, version
expect 2
says "usage: pollard"
expect 0 help
prints "inspect"
prints "Exit codes"
expect 0 --help
expect 0 --version
prints "pollard 0"
expect 0 version --json
prints '{"version":"0'
expect 0 help --json
commands=$(grep -o '"name":"[a-z]*"' out | cut -d'"' -f4)
for command in $commands; do
    expect 0 help "$command"
    prints "usage: pollard $command"
    expect 0 "$command" --help
    prints "--json"
    checks=$((checks + 1))
    awk 'length > 100 { exit 1 }' out || fail "help is wider than 100 columns"
done
refuses 2 "unknown command" help nothing

# unknown names suggest the nearest
refuses 2 "did you mean eval?" evla
refuses 2 "unknown command" frobnicate
refuses 2 "--confi: unknown option; did you mean --conf" eval m.onnx --confi x
refuses 2 "--ratois: unknown option; did you mean --ratios?" sweep m --ratois 1
refuses 2 "--frobnicate: unknown option" eval m.onnx --frobnicate
refuses 2 "'gpu' is not auto, cpu, cuda or cuda:i" inspect "$SOURCE/configs/demo/panels.onnx" --device gpu
refuses 2 "'cpu:3'" inspect "$SOURCE/configs/demo/panels.onnx" --device cpu:3

# types and ranges
refuses 2 "--threads: '-1' is out of range, 0 to 1024 is allowed" eval m --data d --threads -1
refuses 2 "--conf: '2' is out of range, 0 to 1 is allowed" eval m --data d --conf 2
refuses 2 "--iou: 'x' is not a number" eval m --data d --iou x
refuses 2 "--ratios: '1.5' is out of range" sweep m --data d --out o --ratios 1.5
refuses 2 "--batch: '1.5' is not a whole number" eval m --data d --batch 1.5
refuses 2 "--protocol: 'voc' is not one of" eval m --data d --protocol voc
refuses 2 "--seed" eval m --data d --seed -3
refuses 2 "--shard: '3/2' is not I/N" sweep m --data d --out o --shard 3/2

# missing and superfluous things
refuses 2 "MODEL is missing" inspect
refuses 2 "unexpected argument" inspect a.onnx b.onnx
refuses 2 "--data is missing" eval m.onnx
refuses 2 "MODEL or --detections" eval --data d
refuses 2 "does not go with a MODEL" eval m.onnx --detections d.json --data d
refuses 2 "a value is missing" eval m --data
refuses 2 "IN is missing" merge out

# configuration files: same keys, flags win, unknown keys are errors with a place
printf 'data: nowhere.json\nconf: 0.5\n' >good.yaml
refuses 4 "m.onnx" eval m.onnx --config good.yaml
printf '# sweep\nratios: [0.1, 1.5]\n' >range.yaml
refuses 2 "range.yaml:2: ratios: '1.5' is out of range" sweep m --config range.yaml
refuses 2 "--data is missing" sweep m --config range.yaml --ratios 0.5
printf 'data: d\nconff: 0.5\n' >key.yaml
refuses 2 "key.yaml:2: unknown key 'conff'; did you mean conf?" eval m.onnx --config key.yaml
printf 'data: [\n' >syntax.yaml
refuses 2 "syntax.yaml:" eval m.onnx --config syntax.yaml
refuses 2 "none.yaml" eval m.onnx --config none.yaml

# an option that means nothing to the command is taken, with a word
expect 0 version --conf 0.5
says "--conf has no effect on version"

# standard output that cannot be written is an error
if [ -e /dev/full ]; then
    checks=$((checks + 1))
    "$BIN" help >/dev/full 2>err
    [ $? -eq 1 ] || fail "a full disk behind stdout was not noticed"
    says "standard output"
fi
finish
