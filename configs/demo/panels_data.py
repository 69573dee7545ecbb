"""Pictures, augmentation and evaluation for train.py."""
import json
import os
import time

import numpy as np
import torch
from PIL import Image

PAD = 114


def resize(image, width, height):
    """Bilinear, pixel centres at half-integers, no antialiasing."""
    if image.shape[:2] == (height, width):
        return image

    def axis(n, out):
        at = np.clip((np.arange(out) + 0.5) * n / out - 0.5, 0, n - 1)
        low = np.minimum(at.astype(np.int64), max(n - 2, 0))
        return low, np.minimum(low + 1, n - 1), (at - low).astype(np.float32)
    x0, x1, fx = axis(image.shape[1], width)
    y0, y1, fy = axis(image.shape[0], height)
    rows = image.astype(np.float32)
    rows = rows[y0] * (1 - fy)[:, None, None] + rows[y1] * fy[:, None, None]
    rows = rows[:, x0] * (1 - fx)[None, :, None] + rows[:, x1] * fx[None, :, None]
    return np.clip(np.rint(rows), 0, 255).astype(np.uint8)


def letterbox(image, size):
    """Fits an image into size x size, centred. Returns it with scale and left, top margin."""
    h, w = image.shape[:2]
    scale = min(size / h, size / w)
    new_w, new_h = round(w * scale), round(h * scale)
    left, top = round((size - new_w) / 2 - 0.1), round((size - new_h) / 2 - 0.1)
    out = np.full((size, size, 3), PAD, np.uint8)
    out[top:top + new_h, left:left + new_w] = resize(image, new_w, new_h)
    return out, scale, left, top


class Pictures:
    """A whole dataset in memory: images u8 [N,S,S,3]; boxes x1 y1 x2 y2 in input pixels."""

    def __init__(self, images, boxes, labels):
        self.images, self.boxes, self.labels = images, boxes, labels

    def __len__(self):
        return len(self.images)

    def batch(self, chosen, rng):
        """Random flips, brightness, contrast and colour. Returns images [B,3,S,S] in 0..1, boxes
        [B,M,4], labels [B,M] and which of the M are real."""
        size = self.images.shape[1]
        images = self.images[chosen]
        most = max(max((len(self.labels[i]) for i in chosen), default=0), 1)
        truth = np.zeros((len(chosen), most, 4), np.float32)
        labels = np.zeros((len(chosen), most), np.int64)
        valid = np.zeros((len(chosen), most), bool)
        for k, i in enumerate(chosen):
            box, n = self.boxes[i].copy(), len(self.labels[i])
            if rng.random() < 0.5:
                images[k] = images[k, :, ::-1]
                box[:, [0, 2]] = size - box[:, [2, 0]]
            if rng.random() < 0.5:
                images[k] = images[k, ::-1]
                box[:, [1, 3]] = size - box[:, [3, 1]]
            truth[k, :n], labels[k, :n], valid[k, :n] = box, self.labels[i], True
        x = torch.from_numpy(images).permute(0, 3, 1, 2).float().div_(255)
        n = len(chosen)
        gain = rng.uniform(0.85, 1.15, (n, 3, 1, 1))
        gain[:, 1:] = gain[:, :1] * gain[:, 1:] ** 0.4  # green and blue drift a little from red
        gain = torch.from_numpy(gain).float()
        shift = torch.from_numpy(rng.uniform(-0.05, 0.05, (n, 1, 1, 1))).float()
        x = (x * gain + shift).clamp_(0, 1)
        return x, torch.from_numpy(truth), torch.from_numpy(labels), torch.from_numpy(valid)


def read(folder):
    with open(os.path.join(folder, "annotations.json"), encoding="utf-8") as file:
        return json.load(file)


def open_image(folder, name):
    with Image.open(os.path.join(folder, "images", name)) as image:
        return np.asarray(image.convert("RGB"))


def load(folder, size):
    notes = read(folder)
    category = {c["id"]: i for i, c in enumerate(sorted(notes["categories"], key=lambda c: c["id"]))}
    by_image = {}
    for note in notes["annotations"]:
        by_image.setdefault(note["image_id"], []).append(note)
    images = np.empty((len(notes["images"]), size, size, 3), np.uint8)
    boxes, labels = [], []
    for k, entry in enumerate(notes["images"]):
        images[k], scale, left, top = letterbox(open_image(folder, entry["file_name"]), size)
        mine = by_image.get(entry["id"], [])
        box = np.array([n["bbox"] for n in mine], np.float32).reshape(-1, 4)
        box[:, 2:] += box[:, :2]
        boxes.append(box * scale + np.array([left, top, left, top], np.float32))
        labels.append(np.array([category[n["category_id"]] for n in mine], np.int64))
    return Pictures(images, boxes, labels)


def suppress(boxes, limit):
    """Greedy suppression for one class; boxes x1 y1 x2 y2 sorted by falling score."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    alive, keep = np.ones(len(boxes), bool), []
    for i in range(len(boxes)):
        if not alive[i]:
            continue
        keep.append(i)
        low, high = np.maximum(boxes[i, :2], boxes[:, :2]), np.minimum(boxes[i, 2:], boxes[:, 2:])
        overlap = np.prod(np.clip(high - low, 0, None), axis=1)
        alive &= overlap <= limit * (area[i] + area - overlap)
    return keep


def detect(output, conf=0.001, limit=0.7, most=300):
    """output [4+K, A] to rows x1 y1 x2 y2 score class in input pixels, best first."""
    boxes, scores = output[:4].T, output[4:]
    corners = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)
    found = []
    for label, score in enumerate(scores):
        order = np.argsort(-score, kind="stable")
        order = order[score[order] > conf]
        order = order[suppress(corners[order], limit)]
        found.append(np.column_stack([corners[order], score[order], np.full(len(order), label)]))
    found = np.concatenate(found)
    return found[np.argsort(-found[:, 4], kind="stable")][:most]


def evaluate(model, folder, size, first=None):
    """COCO metrics of an ONNX file on the first `first` pictures of a folder, by pycocotools."""
    import onnxruntime
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    start = time.time()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    truth = COCO(os.path.join(folder, "annotations.json"))
    categories, results = sorted(truth.getCatIds()), []
    entries = [truth.imgs[i] for i in sorted(truth.getImgIds())[:first]]
    for entry in entries:
        image, scale, left, top = letterbox(open_image(folder, entry["file_name"]), size)
        feed = np.ascontiguousarray(image.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        rows = detect(session.run(None, {"images": feed})[0][0])
        rows[:, :4] = (rows[:, :4] - [left, top, left, top]) / scale
        rows[:, [0, 2]] = rows[:, [0, 2]].clip(0, entry["width"])
        rows[:, [1, 3]] = rows[:, [1, 3]].clip(0, entry["height"])
        for x1, y1, x2, y2, score, label in rows:
            results.append({"image_id": entry["id"], "category_id": categories[int(label)],
                            "bbox": [x1, y1, x2 - x1, y2 - y1], "score": score})
    run = COCOeval(truth, truth.loadRes(results), "bbox")
    run.params.imgIds = [e["id"] for e in entries]
    run.evaluate()
    run.accumulate()
    run.summarize()
    precision = run.eval["precision"][:, :, :, 0, 2]
    for k, category in enumerate(categories):
        values = precision[:, :, k]
        print(f"  {truth.cats[category]['name']:14s} AP {values[values > -1].mean():.3f}")
    print(f"evaluated {len(entries)} pictures in {time.time() - start:.0f} s", flush=True)
    return run.stats
