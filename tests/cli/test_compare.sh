# Two lists of detections on the same images.
. "$(dirname "$0")/lib.bash"

# Forty images with a cup, a jug or both; B misses the cup of every fourth and takes one jug for a
# cup.
awk 'BEGIN {
    printf "{\"categories\":[{\"id\":1,\"name\":\"cup <b>\"},{\"id\":2,\"name\":\"jug\"}],\"images\":["
    for (i = 1; i <= 40; i++) printf "%s{\"id\":%d,\"file_name\":\"n%d\",\"width\":200,\"height\":100}", (i > 1 ? "," : ""), i, i
    printf "],\"annotations\":["
    for (i = 1; i <= 40; i++) {
        printf "%s{\"id\":%d,\"image_id\":%d,\"category_id\":1,\"bbox\":[10,10,50,50],\"area\":2500,\"iscrowd\":0}", (i > 1 ? "," : ""), i, i
        printf ",{\"id\":%d,\"image_id\":%d,\"category_id\":2,\"bbox\":[90,10,20,20],\"area\":400,\"iscrowd\":0}", i + 40, i
    }
    printf "]}"
}' >gt.json
list() { # list A|B
    awk -v side="$1" 'BEGIN {
        printf "["
        for (i = 1; i <= 40; i++) {
            jug = side == "B" && i == 7 ? 1 : 2
            printf "%s{\"image_id\":%d,\"category_id\":%d,\"bbox\":[90,10,20,20],\"score\":%.3f}", (i > 1 ? "," : ""), i, jug, 0.9 - i / 100
            if (side == "A" || i % 4) printf ",{\"image_id\":%d,\"category_id\":1,\"bbox\":[10,10,50,50],\"score\":%.3f}", i, 0.95 - i / 100
        }
        printf "]"
    }'
}
list A >a.json
list B >b.json

expect 0 compare a.json b.json --data gt.json --report page.html
prints "A  a.json, 80 detections"
prints "B  b.json, 70 detections"
prints "AP                        1.0000"
prints "AP small                  1.0000"
prints "cup <b>"
prints "      0       1  jug taken for cup <b>"
prints "at score 0.25 B does worse on 11 images, better on 0"
checks=$((checks + 1))
for text in 'id="numbers"' 'id="classes"' 'id="errors"' 'id="confusion"' 'cup &lt;b&gt;' 'missed cup' \
    'A: n7' 'B: n7' 'pollard compare a.json b.json' 'That is more than'; do
    grep -qF -- "$text" page.html || fail "the page does not hold $text"
done
if grep -qE '<script|cup <b>' page.html; then fail "the page is not safe"; fi

# The other way round, signs change; with itself, nothing differs.
expect 0 compare b.json a.json --data gt.json --json
prints '"images_better":11'
prints '"worst_images":[]'
expect 0 compare a.json a.json --data gt.json --json --report same.html
prints '"difference":0,"ci95":[0,0],"standard_error":0,"p":1}'
prints '"confusion":[]'

# The same numbers as eval --against.
expect 0 eval --detections b.json --against a.json --data gt.json --json
ours=$(grep -o '"comparison":{"samples":1000,"AP":{[^}]*' out | grep -o '"difference":.*')
expect 0 compare a.json b.json --data gt.json --json
checks=$((checks + 1))
theirs=$(grep -o '"metrics":{"AP":{[^}]*' out | grep -o '"difference":.*')
[ -n "$ours" ] && [ "$ours" = "$theirs" ] || fail "eval says $ours, compare $theirs"

expect 0 compare a.json b.json --data gt.json --protocol voc07
refuses 2 "B is missing" compare a.json --data gt.json
refuses 5 "cannot open" compare a.json nothing.json --data gt.json
refuses 1 "cannot write" compare a.json b.json --data gt.json --report nowhere/page.html
refuses 4 "nothing.onnx" compare a.json nothing.onnx --data gt.json
finish
