#!/usr/bin/env bash
# pollard dataset: convert, check, stats.
source "$(dirname "$0")/lib.bash"

image() { # PATH: a grey picture of 20 x 10
    mkdir -p "$(dirname "$1")"
    { printf 'P5 20 10 255\n'; head -c 200 /dev/zero; } >"$1"
}

mkdir d
image d/images/a.pgm
image d/images/b.pgm
cat >d/good.json <<'JSON'
{"images":[{"id":1,"file_name":"a.pgm","width":20,"height":10},{"id":2,"file_name":"b.pgm"}],
 "categories":[{"id":1,"name":"kiwi"},{"id":5,"name":"fig"}],
 "annotations":[{"id":1,"image_id":1,"category_id":5,"bbox":[1,2,3,4],"area":12,"iscrowd":0},
  {"id":2,"image_id":1,"category_id":1,"bbox":[4,4,8,6],"area":30,"iscrowd":0}]}
JSON
sed 's/"bbox":\[1,/"bbox":[19,/; s/"b.pgm"/"c.pgm"/' d/good.json >d/bad.json

# ---- usage ----
refuses 2 "did you mean 'check'" dataset chek d/good.json
refuses 2 "OUT is needed" dataset convert d/good.json
refuses 2 "--to" dataset convert d/good.json out
refuses 2 "takes no OUT" dataset stats d/good.json out
refuses 5 "none.json" dataset stats none.json

# ---- check ----
expect 0 dataset check d/good.json
prints "0 errors, 0 warnings, 1 notes"
expect 3 dataset check d/bad.json
prints "missing-image"
prints "reaches 2 pixels out of 20 x 10"
says "the check found 2 errors"
expect 3 dataset check d/bad.json --json
prints '"kind":"outside","level":"error"'
expect 3 dataset check d/bad.json --skip-images
prints "1 errors"
refuses 5 "no.json" dataset check no.json

# ---- stats ----
expect 0 dataset stats d/good.json
prints "fig"
expect 0 dataset stats d/good.json --json
prints '"per_class":[{"id":1,"name":"kiwi","boxes":1'

# ---- convert, all the way round ----
expect 0 dataset convert d/good.json y --to yolo
expect 0 dataset convert y/data.yaml v --to voc --files copy
expect 0 dataset convert v out.json
expect 0 dataset convert v c --to coco
for set in y/data.yaml v c/annotations.json; do
    expect 0 dataset check "$set"
    prints "2 images, 2 categories, 2 boxes"
done
expect 0 dataset check out.json --images d/images
refuses 2 "exists already" dataset convert d/good.json y --to yolo
refuses 5 "none.json" dataset convert none.json never --to yolo
absent never

finish
