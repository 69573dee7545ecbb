"""Random COCO evaluation cases, the same here and in coco_case.h: a seed names a case.

Everything is drawn as whole numbers from the project's generator (host/core/rng.c) and divided once,
so both languages get the same doubles. The cases crowd together what evaluators disagree on: equal
scores, boxes on the thresholds, areas on the ends of the ranges, crowds, id 0, repeated ids, more
than 100 detections in a cell, images without anything, detections in any order.
"""

MASK = (1 << 64) - 1


class Rng:
    """xoshiro256** seeded by splitmix64, as host/core/rng.c."""

    def __init__(self, seed):
        self.s = []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & MASK
            z = seed
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            self.s.append(z ^ (z >> 31))

    def next(self):
        s = self.s
        x = (s[1] * 5) & MASK
        result = (((x << 7) | (x >> 57)) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = ((s[3] << 45) | (s[3] >> 19)) & MASK
        return result

    def below(self, n):
        limit = MASK - MASK % n
        while True:
            x = self.next()
            if x < limit:
                return x % n

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


DIVISORS = [1.0, 4.0, 7.0, 10.0]
LEVELS = [3, 10, 1000, 1 << 53]
EDGES = [0.0, 1023.9999999999999, 1024.0, 1024.0000000000002, 9216.0, 9216.000000000002, 1e10, 2e10]


def _truth(rng, knobs):
    size = [24, 64, 160][rng.below(3)]
    x, y = rng.below(400), rng.below(400)
    w, h = float(1 + rng.below(size)) / knobs["scale"], float(1 + rng.below(size)) / knobs["scale"]
    if rng.below(4) == 0:  # sizes whose products meet the area ranges
        w, h = [32.0, 96.0, 16.0, 100.0][rng.below(4)], [32.0, 96.0, 64.0, 100.0][rng.below(4)]
    box = [x / knobs["divisor"], y / knobs["divisor"], w, h]
    area = box[2] * box[3]
    kind = rng.below(8)
    if kind == 0:
        area = EDGES[rng.below(8)]
    elif kind == 1:
        area = area / 2.0
    return box, area, rng.below(8) < knobs["crowds"]


def _annotations(rng, knobs):
    notes = []
    for image in range(knobs["images"]):
        if rng.below(6) == 0:
            continue
        for category in range(knobs["categories"]):
            n = rng.below(knobs["truths"] + 1)
            if knobs["categories"] > 8 and rng.below(3):
                n = 0
            for _ in range(n):
                box, area, crowd = _truth(rng, knobs)
                notes.append([image, category, box, area, crowd])
    rng.shuffle(notes)
    first = rng.below(2)
    ids = list(range(first, first + len(notes)))
    rng.shuffle(ids)
    if knobs["repeat"] and len(ids) > 1:
        repeated = ids[rng.below(len(ids))]
        ids[rng.below(len(ids))] = repeated
    return [note + [i] for note, i in zip(notes, ids)]


def _near(rng, knobs, box):
    x, y, w, h = box
    kind = rng.below(5)
    if kind == 0:  # IoU on a threshold
        return [x, y, w, h * (50.0 + 5.0 * rng.below(10)) / 100.0]
    if kind == 1:
        return [x, y, w * (50.0 + 5.0 * rng.below(10)) / 100.0, h]
    if kind == 2:
        return [x, y, w, h]
    d = knobs["divisor"]
    return [x + (float(rng.below(9)) - 4.0) / d, y + (float(rng.below(9)) - 4.0) / d,
            w + float(rng.below(5)), h + float(rng.below(5))]


def _detection(rng, knobs, notes, image):
    d, levels = knobs["divisor"], knobs["levels"]
    flooded = knobs["flood"] and image == 0
    category = rng.below(knobs["categories"])
    if flooded:
        category = 0
    box = [rng.below(400) / d, rng.below(400) / d, float(rng.below(120)), float(rng.below(120))]
    if notes and rng.below(4):
        note = notes[rng.below(len(notes))]
        box = _near(rng, knobs, note[2])
        if rng.below(8):
            category = note[1]
        if rng.below(8) and not flooded:
            image = note[0]
    return [image, category, box, float(1 + rng.below(levels)) / float(levels)]


def _detections(rng, knobs, notes):
    dets = []
    for image in range(knobs["images"]):
        if rng.below(6) == 0:
            continue
        n = rng.below(knobs["detections"] + 1)
        if knobs["flood"] and image == 0:
            n = 130 + rng.below(40)
        for _ in range(n):
            dets.append(_detection(rng, knobs, notes, image))
    if not dets:
        dets.append([0, 0, [1.0, 2.0, 3.0, 4.0], 0.5])
    if rng.below(2):
        rng.shuffle(dets)
    return dets


def case(seed):
    """(ground truth, detections) in COCO's form."""
    rng = Rng(seed)
    knobs = {"images": 1 + rng.below(10)}
    knobs["categories"] = 20 + rng.below(60) if rng.below(8) == 0 else 1 + rng.below(4)
    knobs["divisor"] = DIVISORS[rng.below(4)]
    knobs["levels"] = LEVELS[rng.below(4)]
    knobs["truths"] = 1 + rng.below(6)
    knobs["crowds"] = rng.below(3)
    knobs["repeat"] = rng.below(16) == 0
    knobs["detections"] = 1 + rng.below(40)
    knobs["flood"] = rng.below(10) == 0
    knobs["scale"] = knobs["divisor"] if rng.below(2) else 1.0
    notes = _annotations(rng, knobs)
    dets = _detections(rng, knobs, notes)
    image_id = [5 + 3 * i for i in range(knobs["images"])]
    category_id = [1 + 2 * k for k in range(knobs["categories"])]
    truth = {
        "images": [{"id": i, "width": 640, "height": 640, "file_name": f"{i}.jpg"} for i in image_id],
        "categories": [{"id": k, "name": f"class {k}"} for k in category_id],
        "annotations": [
            {"id": n[5], "image_id": image_id[n[0]], "category_id": category_id[n[1]], "bbox": n[2],
             "area": n[3], "iscrowd": int(n[4])} for n in notes],
    }
    found = [{"image_id": image_id[d[0]], "category_id": category_id[d[1]], "bbox": d[2], "score": d[3]}
             for d in dets]
    return truth, found
