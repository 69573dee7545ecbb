# Bad files: one line that names the file, the right exit code, nothing half-written.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 demo --images-only --count 4 --seed 3 --out good -q
[ -f good/annotations.json ] || fail "no dataset"

# ---- models ----
refuses 4 "none.onnx: cannot open" inspect none.onnx
head -c 2000 "$MODEL" >cut.onnx
refuses 4 "cut.onnx" inspect cut.onnx
refuses 4 "cut.onnx" eval cut.onnx --data good/annotations.json
: >empty.onnx
refuses 4 "empty.onnx" inspect empty.onnx
echo "this is no model" >text.onnx
refuses 4 "text.onnx" inspect text.onnx
refuses 4 "." inspect .
for bad in "$SOURCE"/tests/onnx/bad/*.onnx; do
    pollard inspect "$bad"
    checks=$((checks + 1))
    # A model that is merely unsupported is described; nothing else may succeed, or crash.
    [ "$code" -eq 4 ] || [ "$code" -eq 0 ] || fail "$(basename "$bad"): exit code $code"
done

# ---- datasets ----
refuses 5 "none.json" eval "$MODEL" --data none.json
head -c 300 good/annotations.json >good/cut.json
refuses 5 "good/cut.json: invalid JSON at line" eval "$MODEL" --data good/cut.json
echo '[]' >good/array.json
refuses 5 "good/array.json" eval "$MODEL" --data good/array.json
echo '{"images":[],"annotations":[],"categories":[]}' >good/nothing.json
refuses 5 "good/nothing.json" eval "$MODEL" --data good/nothing.json
sed 's/"category_id": *1\b/"category_id":99/; s/"category_id": *2\b/"category_id":99/' \
    good/annotations.json >good/category.json
cmp -s good/annotations.json good/category.json && fail "the fixture has no category 1 or 2"
refuses 5 "99" eval "$MODEL" --data good/category.json
sed 's/"image_id": *1\b/"image_id":777/' good/annotations.json >good/image.json
refuses 5 "777" eval "$MODEL" --data good/image.json

# ---- images ----
cp -r good broken
first=$(cd broken/images && ls | head -1)
rm "broken/images/$first"
refuses 5 "$first" eval "$MODEL" --data broken/annotations.json
: >"broken/images/$first"
refuses 5 "$first" eval "$MODEL" --data broken/annotations.json
head -c 500 "good/images/$first" >"broken/images/$first"
refuses 5 "$first" eval "$MODEL" --data broken/annotations.json
echo "no picture" >"broken/images/$first"
refuses 5 "$first" eval "$MODEL" --data broken/annotations.json

# ---- detections ----
refuses 5 "none.json" eval --detections none.json --data good/annotations.json
echo '[{"image_id":1,"category_id":1,"bbox":[1,2,3],"score":0.5}]' >short.json
refuses 5 "short.json" eval --detections short.json --data good/annotations.json
echo '[{"image_id":1,"category_id":42,"bbox":[1,2,3,4],"score":0.5}]' >class.json
refuses 5 "42" eval --detections class.json --data good/annotations.json
echo '[{"image_id":1,' >torn.json
refuses 5 "torn.json: invalid JSON at byte" eval --detections torn.json --data good/annotations.json

# ---- outputs that cannot be written ----
refuses 1 "nowhere/dt.json" eval "$MODEL" --data good/annotations.json \
    --save-detections nowhere/dt.json
: >file
refuses 1 "file" demo --images-only --count 1 --out file/x
absent file/x
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed
    chmod a-w closed
    refuses 1 "closed/out" demo --images-only --count 1 --out closed/out
    refuses 1 "closed/dt.json" eval "$MODEL" --data good/annotations.json \
        --save-detections closed/dt.json
    chmod u+w closed
    absent closed/
else
    # Root writes anywhere but here.
    refuses 1 "/proc/dt.json" eval "$MODEL" --data good/annotations.json \
        --save-detections /proc/dt.json
    refuses 1 "/proc/demo" demo --images-only --count 1 --out /proc/demo
fi
refuses 4 "cut.onnx" eval cut.onnx --data good/annotations.json --save-detections never.json
refuses 5 "none.json" eval "$MODEL" --data none.json --save-detections never.json
absent never.json

# ---- devices ----
if ! "$BIN" doctor --json | grep -q '"name":"cuda","usable":true'; then
    refuses 6 "cuda" inspect "$MODEL" --device cuda
fi
finish
