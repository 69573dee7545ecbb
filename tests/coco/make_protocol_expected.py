"""Writes protocol_expected.h: random cases by VOC, Ultralytics (protocols.py) and TIDE (tidecv).

    python3 tests/coco/make_protocol_expected.py > tests/coco/protocol_expected.h

Needs numpy and tidecv; made with tidecv 1.0.1. Scores are made to differ, and every fifth annotation
difficult, as protocol_case() of test_protocols.c does.
"""

import contextlib
import io

from cases import case
from make_expected import numbers
from protocols import ultralytics, voc

SEEDS = 60
ERRORS = ["Cls", "Loc", "Both", "Dupe", "Bkg", "Miss"]


def flat(seed):
    truth, found = case(seed)
    truths = [{"image": (n["image_id"] - 5) // 3, "category": (n["category_id"] - 1) // 2,
               "box": n["bbox"], "crowd": bool(n["iscrowd"]), "difficult": i % 5 == 0}
              for i, n in enumerate(truth["annotations"])]
    dets = [{"image": (d["image_id"] - 5) // 3, "category": (d["category_id"] - 1) // 2, "box": d["bbox"],
             "score": ((i * 7919) % 10007 + 1) / 10008.0} for i, d in enumerate(found)]
    return truths, dets, len(truth["images"]), len(truth["categories"])


def tide(truths, dets, images):
    """AP, six dAP, two special ones, six counts."""
    from tidecv import TIDE, Data
    gt, dt = Data("gt"), Data("dt")
    for image in range(images):
        gt.add_image(image, str(image))
        dt.add_image(image, str(image))
    for t in truths:
        (gt.add_ignore_region if t["crowd"] else gt.add_ground_truth)(t["image"], t["category"], t["box"])
    for d in dets:
        dt.add_detection(d["image"], d["category"], d["score"], d["box"])
    runner = TIDE()
    with contextlib.redirect_stdout(io.StringIO()):
        runner.evaluate(gt, dt, mode=TIDE.BOX)
    run = next(iter(runner.runs.values()))
    gains = {e.short_name: v for e, v in run.fix_main_errors().items()}
    special = {e.short_name: v for e, v in run.fix_special_errors().items()}
    counts = {e.short_name: v for e, v in run.count_errors().items()}
    return ([run.ap / 100] + [gains[e] / 100 for e in ERRORS] +
            [special["FalsePos"] / 100, special["FalseNeg"] / 100], [counts[e] for e in ERRORS])


def main():
    print("/* Made by make_protocol_expected.py; not for editing. */\n/* clang-format off */")
    print("static const struct protocol_expected {\n    unsigned seed;\n    double voc07, voc12;")
    print("    double ultralytics[2][6]; /* 8.3, 8.4: AP AP50 P R F1 confidence */")
    print("    double tide[9];           /* AP, dAP of the six errors, FalsePos, FalseNeg */")
    print("    unsigned counts[6];\n} protocol_expected[] = {")
    for seed in range(SEEDS):
        truths, dets, images, categories = flat(seed)
        ours = [ultralytics(truths, dets, images, cut) or [-1] * 6 for cut in (False, True)]
        if not any(not t["crowd"] for t in truths):
            continue
        values, counts = tide(truths, dets, images)
        print(f"    {{{seed}, {numbers([voc(truths, dets, categories, e) for e in (True, False)])},\n"
              f"     {{{{{numbers(ours[0])}}},\n      {{{numbers(ours[1])}}}}},\n"
              f"     {{{numbers(values)}}}, {{{numbers(counts)}}}}},")
    print("};")


if __name__ == "__main__":
    main()
