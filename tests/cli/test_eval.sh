# Evaluation of the shipped detector on drawn pictures.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 demo --images-only --count 6 --seed 5 --out d -q

expect 0 eval "$MODEL" --data d/annotations.json --json --save-detections dt.json
mv out model.json
for key in '"protocol":"coco"' '"images":6' '"AP":0.' '"AP50":0.' '"ARl":' '"per_class":[{"id":1,' \
    '"device":"' '"seconds":{"load":' '"forward":' '"post":' '"metrics":' '"total":'; do
    checks=$((checks + 1))
    grep -qF "$key" model.json || fail "the document has no $key"
done
metrics() { grep -o '"metrics":{[^}]*}' "$1"; }

# The saved detections give the same numbers, without the model.
expect 0 eval --detections dt.json --data d/annotations.json --json
mv out file.json
checks=$((checks + 1))
[ "$(metrics model.json)" = "$(metrics file.json)" ] || fail "saved detections score differently"

# Neither threads nor the order of work change a bit.
for threads in 1 2 5; do
    expect 0 eval "$MODEL" --data d/annotations.json --threads $threads --save-detections t.json -q
    checks=$((checks + 1))
    cmp -s t.json dt.json || fail "detections differ with $threads threads"
done

expect 0 eval "$MODEL" --data d/annotations.json -v
prints "Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] ="
prints "protocol coco, 6 images"
prints "labels"
expect 0 eval "$MODEL" --data d/annotations.json --max-images 2 --json
prints '"images":2,'
expect 0 eval --detections dt.json --data d/annotations.json --max-images 2 --json
prints '"images":2,'
expect 0 eval "$MODEL" --data d/annotations.json --conf 1 --json
prints '"detections":0,'

# Parts of the preprocessing on their own, by flag or by file.
expect 0 eval "$MODEL" --data d/annotations.json --filter cubic --pad 0 --channels bgr --mean 0 --std 255
prints "ultralytics,filter=cubic,channels=bgr,pad=0,mean=0:0:0,std=255:255:255"
printf 'fit: stretch\nstd: 127.5,127.5,127.5\n' >parts.yaml
expect 0 eval "$MODEL" --data d/annotations.json --config parts.yaml
prints "ultralytics,fit=stretch,std=127.5:127.5:127.5"
refuses 2 "above 0" eval "$MODEL" --data d/annotations.json --std 0
refuses 2 "one number or three" eval "$MODEL" --data d/annotations.json --mean 1,2

refuses 2 "fixed at" eval "$MODEL" --data d/annotations.json --imgsz 64
refuses 2 "ultralytics" eval "$MODEL" --data d/annotations.json --preprocess ultralytic
refuses 2 "yolov8" eval "$MODEL" --data d/annotations.json --head yolov
finish
