# doctor --probe on the shipped detector, export of a Darknet model, eval --draw.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 demo --images-only --count 8 --seed 5 --out d -q

expect 0 doctor --probe "$MODEL" --data d/annotations.json --save found.yaml
prints "<- use this"
prints "use --head yolov8 --preprocess"
prints "protocol coco, 8 images"
checks=$((checks + 1))
grep -q '^head: yolov8$' found.yaml || fail "the saved configuration names no head"
expect 0 eval "$MODEL" --data d/annotations.json --config found.yaml
prints "head yolov8"
expect 0 doctor --probe "$MODEL" --data d/annotations.json --preprocess yolox --json
prints '"use":{"head":"yolov8","preprocess":"yolox'
refuses 2 "labelled images are needed" doctor --probe "$MODEL"
refuses 2 "goes with --probe" doctor --save x.yaml
refuses 5 "no such" doctor --probe "$MODEL" --data "no such.json"

# Without labels nothing is measured, and the pictures are drawn all the same.
mkdir plain && cp d/images/*.jpg plain/
expect 0 eval "$MODEL" --data plain --draw drawn
prints "no labels, so nothing was measured"
for file in plain/*.jpg; do
    checks=$((checks + 1))
    [ -s "drawn/$(basename "$file")" ] || fail "no drawing of $file"
    cmp -s "$file" "drawn/$(basename "$file")" && fail "nothing was drawn on $file"
done
expect 0 eval "$MODEL" --data d/annotations.json --draw labelled --json
prints '"metrics":{"AP":'
refuses 5 "labels" eval "$MODEL" --data plain

expect 0 export "$SOURCE/tests/darknet/tiny.cfg" --out tiny.onnx
prints "written to tiny.onnx"
expect 0 inspect tiny.onnx
prints "yolov3"
prints "darknet-letterbox"
refuses 4 "nowhere.cfg" export nowhere.cfg --out n.onnx
absent n.onnx
finish
