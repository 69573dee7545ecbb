# Protocols and analyses of a detections file.
. "$(dirname "$0")/lib.bash"

# Two images, two classes; the second list finds one box less.
cat >gt.json <<'EOF'
{"images":[{"id":1},{"id":2}],"categories":[{"id":1,"name":"cup"},{"id":2,"name":"jug"}],"annotations":[
{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,50,50],"area":2500,"iscrowd":0},
{"id":2,"image_id":1,"category_id":2,"bbox":[100,10,20,20],"area":400,"iscrowd":0},
{"id":3,"image_id":2,"category_id":1,"bbox":[10,10,50,50],"area":2500,"iscrowd":0}]}
EOF
cat >dt.json <<'EOF'
[{"image_id":1,"category_id":1,"bbox":[10,10,50,40],"score":0.9},
{"image_id":1,"category_id":2,"bbox":[100,10,20,20],"score":0.8},
{"image_id":2,"category_id":1,"bbox":[10,10,50,50],"score":0.7},
{"image_id":2,"category_id":2,"bbox":[200,10,50,50],"score":0.9}]
EOF
head -3 dt.json | sed '3s/,$/]/' | head -2 | sed '2s/,$/]/' >fewer.json
evaluate() { expect 0 eval --detections dt.json --data gt.json "$@"; }

# Each protocol names itself. Class cup: both found; jug: a false positive before the box.
for protocol in voc07 voc12 ultralytics-8.3 ultralytics-8.4; do
    evaluate --protocol $protocol --json
    prints "\"protocol\":\"$protocol\""
    prints '"AP50":0.7'
    prints '"protocol_version":"'
done
evaluate --protocol ultralytics --json
prints '"protocol":"ultralytics-8.3"'
prints '"F1_conf":'
evaluate --protocol voc07
prints "AP50     0.7500"
evaluate --protocol voc12 --explain coco
prints "from voc12 (VOC 2010 to 2012, area) to coco (pycocotools 2.0)"
prints "interpolation"
evaluate --json --explain ultralytics
prints '"explain":{"from":"coco","to":"ultralytics-8.3"'

# pycocotools' params.
evaluate --max-dets 1,5,50 --iou-thrs 0.5:0.95:0.05 --area-ranges all=0:1e10,tiny=0:500
prints "Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = -1.000"
prints "Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 50 ] ="
prints "tiny"
evaluate --class-agnostic --json
prints '"per_class":[{"id":-1,"name":"all"'
prints '"class_agnostic":true'
evaluate --json --iou-thrs 0.5
prints '"AP50":0.7'

# Analyses.
evaluate --analyze all --bootstrap 20 --against fewer.json
for text in "best mean F1" "where nothing is" "errors (TIDE" "share their score" "bootstrap, 20" \
    "paired, 20 resamples"; do
    prints "$text"
done
evaluate --analyze all --bootstrap 20 --against fewer.json --json
for key in '"curves":{' '"precision_at_recall":[' '"confusion":{' '"dAP":{"Cls":' '"ties":{' \
    '"ci95":[' '"comparison":{"samples":20'; do
    prints "$key"
done
cp out first.json
evaluate --analyze all --bootstrap 20 --against fewer.json --json --threads 3
checks=$((checks + 1))
[ "$(sed 's/"seconds":{[^}]*}//' first.json)" = "$(sed 's/"seconds":{[^}]*}//' out)" ] ||
    fail "threads change the result"

refuses 2 "did you mean errors" eval --detections dt.json --data gt.json --analyze error
refuses 2 "did you mean voc07" eval --detections dt.json --data gt.json --explain voc7
refuses 2 "not NAME=LOW:HIGH" eval --detections dt.json --data gt.json --area-ranges small
refuses 2 "neither a number" eval --detections dt.json --data gt.json --iou-thrs 0.5:x:1
refuses 2 "comes twice" eval --detections dt.json --data gt.json --area-ranges a=0:1,a=1:2
refuses 2 "none twice" eval --detections dt.json --data gt.json --max-dets 5,5
refuses 2 "are for coco" eval --detections dt.json --data gt.json --protocol voc07 --max-dets 5
refuses 2 "SCORE,IOU" eval --detections dt.json --data gt.json --confusion-at 0.5
refuses 5 "absent.json" eval --detections dt.json --data gt.json --against absent.json

# What pycocotools raises on: an error with --strict, left out by name with --lenient. The binary form
# too.
sed 's/"image_id":2,"category_id":2/"image_id":9,"category_id":2/' dt.json >unknown.json
sed 's/"image_id":2,"category_id":2/"image_id":2,"category_id":9/' dt.json >unknown_category.json
echo '[]' >none.json
sed 's/"area":400,//' gt.json >no_area.json
sed 's/{"id":2}\]/{"id":2},{"id":9}]/' gt.json >more.json
expect 0 eval --detections unknown.json --data more.json --save-detections unknown.pldt
for list in unknown.json unknown.pldt; do
    refuses 5 "image_id 9" eval --detections $list --data gt.json
done
refuses 5 "detection 3" eval --detections unknown_category.json --data gt.json --strict
for list in unknown.json unknown_category.json unknown.pldt; do
    expect 0 eval --detections $list --data gt.json --lenient --json
    prints '"detections":3,'
    says "the first is detection 3 (from 0)"
done
expect 0 eval --detections none.json --data gt.json
refuses 5 "no detections" eval --detections none.json --data gt.json --strict
expect 0 eval --detections dt.json --data no_area.json
refuses 5 '"area"' eval --detections dt.json --data no_area.json --strict
evaluate --strict
refuses 2 "three limits" eval --detections dt.json --data gt.json --strict --max-dets 100
refuses 2 "--lenient" eval --detections dt.json --data gt.json --strict --lenient

# Detections of a whole VOC 2007 test set: the published AP of each class, to 13 digits but for
# two classes with equal scores, whose order nothing defines.
archive=$DATA/coco-eval/voc2007_yolov2.tar.xz
if [ -f "$archive" ]; then
    tar -xf "$archive" derived voc2007_yolov2/expected_ap.json
    expect 0 eval --protocol voc07 --json --data derived/voc2007_test_coco_gt.json \
        --detections derived/voc2007_yolov2_dets.json
    tr '{' '\n' <out >classes
    same=0
    for class in aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse \
        motorbike person pottedplant sheep sofa train tvmonitor; do
        want=$(grep -A1 "\"$class\"" voc2007_yolov2/expected_ap.json | grep -o '0\.[0-9]*')
        got=$(grep "\"$class\"" classes | grep -o '"AP50":[0-9.]*' | cut -d: -f2)
        checks=$((checks + 1))
        if [ "$(printf %.13g "$want")" = "$(printf %.13g "$got")" ]; then
            same=$((same + 1))
        elif [ "$(printf %.4f "$want")" != "$(printf %.4f "$got")" ]; then
            fail "$class is $got, not $want"
        fi
    done
    [ "$same" -ge 18 ] || fail "$same classes are equal, not 18"
else
    echo "skipped: $archive is absent"
fi
finish
