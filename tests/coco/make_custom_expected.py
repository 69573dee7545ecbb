"""Writes custom_expected.h: random cases with params of one's own, and what pycocotools says of them.

    python3 tests/coco/make_custom_expected.py > tests/coco/custom_expected.h

Needs pycocotools and numpy; made with pycocotools 2.0.11 on x86-64.
"""

import hashlib

import numpy as np
from cases import case
from make_expected import numbers
from reference import Reference

SEEDS = 40
COCO_IOUS = [float(x) for x in np.linspace(0.5, 0.95, 10)]
COCO_AREAS = [("all", 0, 1e10), ("small", 0, 1024), ("medium", 1024, 9216), ("large", 9216, 1e10)]

# IoU thresholds, area ranges, limits, class-agnostic
PARAMS = [
    (COCO_IOUS, COCO_AREAS, [1, 10, 100], True),
    (COCO_IOUS, COCO_AREAS, [1, 10, 300], False),
    ([0.3, 0.5, 0.7], COCO_AREAS, [5, 20, 100], False),
    ([0.5], [("all", 0, 1e10), ("small", 0, 256), ("large", 1024, 9216)], [2, 50, 100, 150], False),
    ([0.0, 0.75, 1.0], [("all", 100, 9216), ("tiny", 0, 100)], [100, 200, 300], True),
    ([0.9, 0.1, 0.5, 0.55], [("medium", 32, 1024)], [1, 3, 7], False),
]


def change(row):
    iou, areas, limits, agnostic = row

    def apply(params):
        params.iouThrs = np.array(iou)
        params.areaRng = [[low, high] for _, low, high in areas]
        params.areaRngLbl = [label for label, _, _ in areas]
        params.maxDets = limits
        params.useCats = 0 if agnostic else 1
    return apply


def main():
    print("/* Made by make_custom_expected.py from pycocotools; not for editing. */\n/* clang-format off */")
    print("static const struct pld_coco_params custom_params[] = {")
    for iou, areas, limits, agnostic in PARAMS:
        ranges = ", ".join(f'{{"{label}", {numbers([low, high])}}}' for label, low, high in areas)
        print(f"    {{{{{numbers(iou)}}}, {len(iou)},\n     {{{ranges}}}, {len(areas)},\n"
              f"     {{{numbers(limits)}}}, {len(limits)}, {int(agnostic)}}},")
    print("};\n\n/* random_case(seed) with custom_params[params]; SHA-256 over precision, recall, scores */")
    print("static const struct custom_expected {\n    unsigned seed, params;\n    double stats[12];")
    print("    const char *arrays;\n} custom_expected[] = {")
    for seed in range(SEEDS):
        truth, found = case(seed)
        ids = [note["id"] for note in truth["annotations"]]
        if len(set(ids)) < len(ids):
            continue
        for i, row in enumerate(PARAMS):
            if (seed + i) % 3:
                continue
            ref = Reference(truth, found, change(row))
            data = ref.precision.tobytes() + ref.recall.tobytes() + ref.scores.tobytes()
            print(f'    {{{seed}, {i}, {{{numbers(ref.stats)}}},\n'
                  f'     "{hashlib.sha256(data).hexdigest()}"}},')
    print("};")


if __name__ == "__main__":
    main()
