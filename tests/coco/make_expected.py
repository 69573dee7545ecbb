"""Writes expected.h: small evaluation cases and what pycocotools says of them, bit for bit.

    python3 tests/coco/make_expected.py > tests/coco/expected.h

Needs pycocotools and numpy; made with pycocotools 2.0.11 on x86-64.
"""

import hashlib

import numpy as np
from cases import case
from reference import Reference

SEEDS = 48


def note(box, image=0, category=0, area=None, crowd=0, ident=None):
    return {"box": box, "image": image, "category": category, "crowd": crowd, "id": ident,
            "area": float(box[2]) * box[3] if area is None else area}


def det(box, score, image=0, category=0):
    return {"box": box, "score": score, "image": image, "category": category}


def row(n, size=20, gap=40):
    """n boxes side by side."""
    return [[gap * i, 0, size, size] for i in range(n)]


def named():
    """name, why, annotations, detections; one rule each."""
    square = [10, 10, 50, 50]
    yield ("one_hit", "2^-52 in the divisor: precision 1/1 is not 1",
           [note(square)], [det(square, 0.9)])
    yield ("no_detections", "an empty list is AP 0", [note(square)], [])
    yield ("seven_of_ten", "recall 0.7 is below 70 * 0.01",
           [note(b) for b in row(10)], [det(b, 0.9 - 0.01 * i) for i, b in enumerate(row(7))])
    yield ("thirty_five_of_hundred", "and 0.35 below 35 * 0.01",
           [note(b) for b in row(100)], [det(b, 0.9 - 0.001 * i) for i, b in enumerate(row(35))])
    yield ("iou_on_thresholds", "an IoU equal to the threshold matches",
           [note([0, 100 * i, 100, 100]) for i in range(10)],
           [det([0, 100 * i, 100, 50 + 5 * i], 0.9) for i in range(10)])
    grid = [float(x) for x in np.linspace(0.5, 0.95, 10)]
    yield ("iou_on_the_grid", "and so does one equal to linspace's own number, 0.9 - 2^-53 for one",
           [note([0, 10 * i, 1, 1]) for i in range(10)],
           [det([0, 10 * i, 1, t], 0.9 - 0.01 * i) for i, t in enumerate(grid)])
    yield ("iou_below_the_grid", "but one that is less by a bit does not",
           [note([0, 10 * i, 1, 1]) for i in range(10)],
           [det([0, 10 * i, 1, float(np.nextafter(t, 0))], 0.9 - 0.01 * i) for i, t in enumerate(grid)])
    yield ("later_of_equal", "of two truths with the same IoU the later one is taken",
           [note([0, 0, 20, 10]), note([10, 0, 20, 10])],
           [det([5, 0, 20, 10], 0.9), det([0, 0, 20, 10], 0.8)])
    yield ("crowd_takes_many", "a crowd takes any number of detections, and none of them counts",
           [note([0, 0, 100, 100], crowd=1), note([200, 0, 50, 50])],
           [det([10 * i, 0, 30, 30], 0.9 - 0.1 * i) for i in range(4)] + [det([200, 0, 50, 50], 0.3)])
    yield ("crowd_by_own_size", "the overlap with a crowd is measured against the detection",
           [note([0, 0, 100, 100], crowd=1), note([200, 0, 50, 50])],
           [det([90, 0, 20, 20], 0.9), det([200, 0, 50, 50], 0.8)])
    yield ("only_crowd", "a class with crowds only is absent", [note(square, crowd=1)],
           [det(square, 0.9)])
    yield ("counted_before_ignored", "a worse overlap with a truth that counts goes first",
           [note([0, 0, 40, 40], area=2000), note([0, 0, 40, 30], area=900)],
           [det([0, 0, 40, 40], 0.9), det([0, 0, 40, 38], 0.8)])
    yield ("zero_id", "a truth with id 0 is used up, and its detection counts as a miss",
           [note(square, ident=0), note([100, 10, 50, 50], ident=1)],
           [det(square, 0.9), det([100, 10, 50, 50], 0.8), det(square, 0.7)])
    yield ("repeated_id", "the last annotation of an id stands for all of them",
           [note(square, ident=3), note([100, 10, 50, 50], ident=3), note([200, 10, 50, 50], ident=4)],
           [det(square, 0.9), det([100, 10, 50, 50], 0.8), det([200, 10, 50, 50], 0.7)])
    yield ("area_ends", "both ends of an area range belong to it",
           [note([0, 0, 32, 32]), note([100, 0, 96, 96]), note([300, 0, 50, 50])],
           [det([0, 0, 32, 32], 0.9), det([100, 0, 96, 96], 0.8), det([300, 0, 50, 50], 0.7),
            det([0, 300, 32, 32], 0.95), det([100, 300, 96, 96], 0.85)])
    yield ("area_of_annotation", "a truth's range is from its annotated area, a miss's from its box",
           [note([0, 0, 100, 100], area=1000), note([200, 0, 20, 20], area=1e6)],
           [det([0, 0, 100, 100], 0.9), det([200, 0, 20, 20], 0.8), det([400, 0, 20, 20], 0.85)])
    yield ("ties_in_list_order", "equal scores keep the order of the list",
           [note([60 * i, 0, 50, 50]) for i in range(4)],
           [det([60 * i, 0 if i % 2 else 200, 50, 50], 0.5) for i in range(4)] +
           [det([0, 0, 50, 50], 0.5), det([120, 0, 50, 50], 0.5)])
    yield ("ties_by_image", "and of several images, the order of the images",
           [note(square, image=i) for i in range(3)],
           [det(square, 0.5, image=2), det([300, 0, 9, 9], 0.5, image=0), det(square, 0.5, image=0),
            det([300, 0, 9, 9], 0.5, image=2), det(square, 0.5, image=1)])
    yield ("hundred_at_most", "detection 101 of an image and class is not seen",
           [note(square), note([100, 10, 50, 50], category=1)],
           [det([300, i, 5, 5], 0.9) for i in range(100)] + [det(square, 0.8)] +
           [det([300, i, 5, 5], 0.9, category=1) for i in range(99)] +
           [det([100, 10, 50, 50], 0.8, category=1)])
    yield ("one_and_ten", "AR1 and AR10 see the first detections of every image and class",
           [note(b) for b in row(12)], [det(b, 0.9 - 0.01 * i) for i, b in enumerate(row(12))])
    yield ("miss_outside_range", "an unmatched detection outside of the range counts nowhere",
           [note([0, 0, 20, 20])], [det([100, 100, 200, 200], 0.9), det([0, 0, 20, 20], 0.8)])
    yield ("minus_zero", "-0.0 and 0.0 are equal scores",
           [note(square)], [det([300, 300, 5, 5], -0.0), det(square, 0.0), det(square, -0.0)])
    yield ("close_scores", "scores that differ in their last bits only are different",
           [note(b) for b in row(20)],
           [det([40 * (i // 2), 100 * (i % 2), 20, 20], 0.5 + 2.0 ** -50 * ((7 * i) % 40))
            for i in range(40)] + [det([0, 200, 20, 20], 0.25)])
    yield ("not_a_number", "0 / 0: a NaN overlap passes every threshold",
           [note([0, 0, 1e-170, 1e-170], area=50), note(square)],
           [det(square, 0.8), det([0, 0, 1e-170, 1e-170], 0.9), det(square, 0.7)])


def coco_form(notes, dets):
    images = 1 + max(x["image"] for x in notes + dets)
    categories = 1 + max(x["category"] for x in notes + dets)
    truth = {"images": [{"id": 5 + 3 * i} for i in range(images)],
             "categories": [{"id": 1 + 2 * k} for k in range(categories)],
             "annotations": [{"id": n["id"], "image_id": 5 + 3 * n["image"], "bbox": n["box"],
                              "category_id": 1 + 2 * n["category"], "area": n["area"],
                              "iscrowd": n["crowd"]} for n in notes]}
    found = [{"image_id": 5 + 3 * d["image"], "category_id": 1 + 2 * d["category"],
              "bbox": d["box"], "score": d["score"]} for d in dets]
    return truth, found


def digest(ref, categories):
    """SHA-256 over precision, recall, scores and the (AP, AP50) of the classes."""
    classes = np.array([ref.class_ap(k) for k in range(categories)], dtype=np.float64)
    data = ref.precision.tobytes() + ref.recall.tobytes() + ref.scores.tobytes() + classes.tobytes()
    return hashlib.sha256(data).hexdigest()


def number(x):
    x = float(x)
    return str(int(x)) if x == int(x) and abs(x) < 1e6 and str(x) != "-0.0" else x.hex()


def numbers(values):
    return ", ".join(number(v) for v in values)


def print_rows(items):
    """As many to a line as fit."""
    line = "   "
    for item in items:
        if len(line) + len(item) >= 100:
            print(line)
            line = "   "
        line += " " + item
    print(line)


def print_named(name, why, notes, dets):
    for i, n in enumerate(notes):
        n["id"] = i + 1 if n["id"] is None else n["id"]
    truth, found = coco_form(notes, dets)
    ref = Reference(truth, found)
    print(f"/* {why} */")
    print(f"static const struct pld_annotation {name}_notes[] = {{")
    print_rows(f"{{{n['id']}, {n['image']}, {n['category']}, {numbers(n['box'])}, "
               f"{number(n['area'])}, {n['crowd']}, 0}}," for n in notes)
    print("};")
    print(f"static const struct pld_detection {name}_dets[] = {{")
    print_rows(f"{{{numbers(d['box'])}, {number(d['score'])}, {d['image']}, {d['category']}}},"
               for d in dets or [det([0, 0, 0, 0], 0)])
    print("};\n")
    categories = len(truth["categories"])
    return (f'    {{"{name}", {len(truth["images"])}, {categories}, {name}_notes, {len(notes)}, '
            f'{name}_dets, {len(dets)},\n     {{{numbers(ref.stats)}}},\n'
            f'     "{digest(ref, categories)}"}},')


def main():
    print("/* Made by make_expected.py from pycocotools; not for editing. */\n/* clang-format off */")
    rows = [print_named(*entry) for entry in named()]
    print("static const struct expected_named {")
    print("    const char *name;\n    int n_images, n_categories;")
    print("    const struct pld_annotation *notes;\n    int n_notes;")
    print("    const struct pld_detection *dets;\n    size_t n_dets;")
    print("    double stats[12];\n    const char *arrays; /* SHA-256, see digest() */")
    print("} expected_named[] = {")
    print("\n".join(rows))
    print("};\n")
    print("/* random_case(i) */")
    print("static const struct expected_random {")
    print("    double stats[12];\n    const char *arrays;\n} expected_random[] = {")
    for seed in range(SEEDS):
        truth, found = case(seed)
        ref = Reference(truth, found)
        print(f'    {{{{{numbers(ref.stats)}}}, "{digest(ref, len(truth["categories"]))}"}},')
    print("};")


if __name__ == "__main__":
    main()
