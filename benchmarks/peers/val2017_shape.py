"""Writes a seeded set of COCO val2017's shape: 5,000 images, 80 categories, 36,781 boxes (446 of them
crowds) and about 730,000 detections as a small detector at a low threshold gives them.

usage: val2017_shape.py FOLDER [--digits short|full] [--seed N] [--candidates K] [--images N]

FOLDER gets gt.json and dt.json, with --candidates also dt_1.json .. dt_K.json of other seeds. `short`
numbers have 3 digits (boxes) and 5 (scores), which makes ties; `full` ones are 32-bit floats written as
doubles, as most frameworks' results files have them, with one score in fifty taken twice.
"""
import argparse
import json
import os

import numpy as np

IMAGES, CATEGORIES, BOXES, CROWDS, DETECTIONS = 5000, 80, 36781, 446, 730000
# COCO's category ids run to 90 with gaps.
IDS = np.array([i for i in range(1, 91) if i not in (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)])


def draw_boxes(rng, n, width, height):
    """Sizes of COCO: four tenths small, a third medium, the rest large."""
    side = np.exp(rng.normal(4.0, 1.1, n)).clip(3, 600)
    ratio = np.exp(rng.normal(0, 0.5, n))
    w = np.minimum(side * np.sqrt(ratio), width - 1)
    h = np.minimum(side / np.sqrt(ratio), height - 1)
    return np.stack([rng.uniform(0, width - w), rng.uniform(0, height - h), w, h], 1)


def ground_truth(rng, scale):
    n_images, n_boxes = max(1, int(IMAGES * scale)), max(1, int(BOXES * scale))
    ids = np.sort(rng.choice(581929, n_images, replace=False))
    size = np.where(rng.random(n_images)[:, None] < 0.7, [640, 480], [480, 640])
    crowding = rng.gamma(0.9, 1.0, n_images) * (rng.random(n_images) > 0.01)
    share = 1.0 / np.arange(1, CATEGORIES + 1) ** 0.9
    image = rng.choice(n_images, n_boxes, p=crowding / crowding.sum())
    # Objects of an image are of few categories.
    main = rng.choice(CATEGORIES, n_images, p=share / share.sum())
    category = np.where(rng.random(n_boxes) < 0.45, main[image],
                        rng.choice(CATEGORIES, n_boxes, p=share / share.sum()))
    box = np.round(draw_boxes(rng, n_boxes, size[image, 0], size[image, 1]), 2)
    crowd = np.zeros(n_boxes, bool)
    crowd[rng.choice(n_boxes, max(1, int(CROWDS * scale)), replace=False)] = True
    area = np.where(crowd, 1.0, rng.uniform(0.4, 0.9, n_boxes)) * box[:, 2] * box[:, 3]
    return dict(ids=ids, size=size, image=image, category=category, box=box, crowd=crowd,
                area=np.round(area, 4))


def detections(rng, gt, scale):
    total = int(DETECTIONS * scale)
    n_gt = len(gt["image"])
    # Each object is found a few times, more and less well; the rest is background.
    of = np.repeat(np.arange(n_gt), rng.poisson(4.0, n_gt))
    spread = rng.exponential(0.12, len(of))[:, None]
    wh = gt["box"][of][:, [2, 3, 2, 3]]
    near = gt["box"][of] + rng.normal(0, 1, (len(of), 4)) * spread * wh * [1, 1, 0.7, 0.7]
    near[:, 2:] = near[:, 2:].clip(1)
    near_score = np.exp(-4 * spread[:, 0]) * rng.beta(2, 1.5, len(of))
    category = np.where(rng.random(len(of)) < 0.85, gt["category"][of],
                        rng.integers(0, CATEGORIES, len(of)))
    rest = total - len(of)
    # Background is reported where objects are, and of their categories.
    like = rng.integers(0, n_gt, rest)
    image = gt["image"][like]
    image = np.where(rng.random(rest) < 0.5, image, rng.integers(0, len(gt["ids"]), rest))
    far = draw_boxes(rng, rest, gt["size"][image, 0], gt["size"][image, 1])
    far_score = 0.001 + rng.beta(0.35, 9, rest)
    far_category = np.where(rng.random(rest) < 0.5, gt["category"][like],
                            rng.integers(0, CATEGORIES, rest))
    image = np.concatenate([gt["image"][of], image])
    box = np.concatenate([near, far])
    score = np.concatenate([near_score, far_score]).clip(0.001, 0.99)
    category = np.concatenate([category, far_category])
    twice = rng.random(total) < 0.02
    score[twice] = np.roll(score, 1)[twice]
    order = np.lexsort((-score, image))
    return image[order], category[order], box[order], score[order]


def write_gt(path, gt):
    images = [{"id": int(i), "width": int(w), "height": int(h), "file_name": f"{i:012d}.jpg"}
              for i, (w, h) in zip(gt["ids"], gt["size"])]
    notes = [{"id": k + 1, "image_id": int(gt["ids"][gt["image"][k]]),
              "category_id": int(IDS[gt["category"][k]]), "bbox": gt["box"][k].tolist(),
              "area": float(gt["area"][k]), "iscrowd": int(gt["crowd"][k])}
             for k in range(len(gt["image"]))]
    categories = [{"id": int(i), "name": f"category {i}"} for i in IDS]
    with open(path, "w") as file:
        json.dump({"images": images, "annotations": notes, "categories": categories}, file)


def write_dt(path, gt, found, digits):
    image, category, box, score = found
    if digits == "short":
        box, score = np.round(box, 3), np.round(score, 5)
    else:
        box, score = box.astype(np.float32).astype(float), score.astype(np.float32).astype(float)
    rows = zip(gt["ids"][image].tolist(), IDS[category].tolist(), box.tolist(), score.tolist())
    with open(path, "w") as file:
        file.write("[")
        file.write(", ".join(f'{{"image_id": {i}, "category_id": {c}, "bbox": {b}, "score": {s!r}}}'
                             for i, c, b, s in rows))
        file.write("]")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--digits", choices=["short", "full"], default="short")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--candidates", type=int, default=0)
    parser.add_argument("--images", type=int, default=IMAGES, help="a smaller set, for a trial")
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    scale = args.images / IMAGES
    gt = ground_truth(np.random.default_rng(args.seed), scale)
    write_gt(os.path.join(args.folder, "gt.json"), gt)
    for k in range(args.candidates + 1):
        found = detections(np.random.default_rng([args.seed, k]), gt, scale)
        name = f"dt_{k}.json" if k else "dt.json"
        write_dt(os.path.join(args.folder, name), gt, found, args.digits)


if __name__ == "__main__":
    main()
