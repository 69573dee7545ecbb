# The page of an evaluation, from a file of detections.
. "$(dirname "$0")/lib.bash"

cat >gt.json <<'XX'
{"images":[{"id":1,"file_name":"a.pgm","width":160,"height":80},{"id":2,"file_name":"b.pgm","width":160,"height":80}],
"categories":[{"id":1,"name":"cup <b>"},{"id":2,"name":"jug"},{"id":3,"name":"pot"}],"annotations":[
{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,50,50],"area":2500,"iscrowd":0},
{"id":2,"image_id":1,"category_id":2,"bbox":[100,10,20,20],"area":400,"iscrowd":0},
{"id":3,"image_id":2,"category_id":1,"bbox":[10,10,50,50],"area":2500,"iscrowd":0}]}
XX
cat >dt.json <<'XX'
[{"image_id":1,"category_id":1,"bbox":[10,10,50,40],"score":0.9},
{"image_id":1,"category_id":1,"bbox":[100,10,20,20],"score":0.8},
{"image_id":2,"category_id":2,"bbox":[90,10,50,50],"score":0.9}]
XX
holds() {
    checks=$((checks + 1))
    grep -qF -- "$1" page.html || fail "the page does not hold '$1'"
}
lacks() {
    checks=$((checks + 1))
    if grep -qF -- "$1" page.html; then fail "the page holds '$1'"; fi
}

# Without pictures: boxes are drawn all the same, and the page says why.
expect 0 eval --detections dt.json --data gt.json --report page.html
prints "errors (TIDE"
prints "bootstrap, 300 resamples"
prints "jug taken for cup <b>"
holds "pollard eval --detections dt.json --data gt.json --report page.html"
holds "Without pictures: image file"
holds "cup &lt;b&gt;"
holds ">jug<"
holds "pot"
holds "jug 0.90, nothing there"
holds "missed cup &lt;b&gt;"
holds "wrong class"
lacks "data:image"
lacks "cup <b>"
lacks "<script"

# With pictures, and the same numbers in the JSON.
mkdir images
for name in a b; do { printf 'P5 160 80 255\n' && head -c 12800 /dev/zero; } >images/$name.pgm; done
expect 0 eval --detections dt.json --data gt.json --report page.html --bootstrap 50 --json
prints '"samples":50'
prints '"confusion":'
holds "data:image/jpeg;base64,/9j/"
lacks "Without pictures"
holds "50 resamples"
expect 0 eval --detections dt.json --data gt.json --report page.html --against dt.json --explain voc07 --protocol coco
holds 'id="compared"'
holds 'id="explained"'
expect 0 eval --detections dt.json --data gt.json --report page.html --class-agnostic
holds 'id="confusion"'
for protocol in voc07 voc12 ultralytics; do
    expect 0 eval --detections dt.json --data gt.json --report page.html --protocol $protocol
    holds "protocol $protocol"
done

# VOC's pixel is told.
expect 0 eval --detections dt.json --data gt.json --protocol voc07
prints "one pixel added to every length"
sed 's/^{"images"/{"info":{"last_pixel_inside":true},"images"/' gt.json >inside.json
expect 0 eval --detections dt.json --data inside.json --protocol voc07 --json
prints '"pixel_added":false'

# What cannot be written or found is said first.
refuses 1 "cannot write" eval --detections dt.json --data gt.json --report nowhere/page.html
rm page.html
refuses 5 "no such folder" eval --detections dt.json --data gt.json --report page.html --images nowhere
absent page.html
finish
