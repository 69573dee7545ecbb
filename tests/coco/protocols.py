"""VOC and Ultralytics metrics written down from their descriptions with numpy, an image at a time, to
compare with. Nothing is shared with the evaluator: arrays over all detections, np.unique, np.interp.

Truths and detections are dicts with image, category, box [x, y, w, h]; truths have crowd and
difficult, detections have score. Scores must differ.
"""

import numpy as np


def corners(boxes, dtype):
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1).astype(dtype)


def by_image(items, image, category=None):
    return [x for x in items if x["image"] == image and category in (None, x["category"])]


# ---- VOC -----------------------------------------------------------------------------------------


def voc_overlaps(box, boxes):
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    inside = np.prod(np.maximum(high - low + 1.0, 0.0), axis=1)
    size = np.prod(box[2:] - box[:2] + 1.0)
    return inside / (size + np.prod(boxes[:, 2:] - boxes[:, :2] + 1.0, axis=1) - inside)


def voc_class(truths, dets, eleven):
    """AP of one class, None without boxes that count."""
    scenes = {}
    for t in truths:
        scene = scenes.setdefault(t["image"], {"boxes": [], "hard": [], "taken": []})
        scene["boxes"].append(t["box"])
        scene["hard"].append(t["difficult"] or t["crowd"])
        scene["taken"].append(False)
    positives = sum(not hard for s in scenes.values() for hard in s["hard"])
    if not positives:
        return None
    dets = sorted(dets, key=lambda d: -d["score"])
    tp, fp = np.zeros(len(dets)), np.zeros(len(dets))
    for i, det in enumerate(dets):
        scene = scenes.get(det["image"])
        overlaps = voc_overlaps(corners([det["box"]], float)[0], corners(scene["boxes"], float)) if scene else [0]
        best = int(np.argmax(overlaps))
        if not scene or not overlaps[best] > 0.5:
            fp[i] = 1
        elif not scene["hard"][best]:
            (fp if scene["taken"][best] else tp)[i] = 1
            scene["taken"][best] = True
    tp, fp = np.cumsum(tp), np.cumsum(fp)
    recall, precision = tp / positives, tp / np.maximum(tp + fp, np.finfo(np.float64).eps)
    if eleven:
        return sum(max(precision[recall >= t], default=0) / 11.0 for t in np.arange(0.0, 1.1, 0.1))
    recall = np.concatenate([[0.0], recall, [1.0]])
    precision = np.concatenate([[0.0], precision, [0.0]])
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.where(recall[1:] != recall[:-1])[0]
    return np.sum((recall[steps + 1] - recall[steps]) * falling[steps + 1])


def voc(truths, dets, categories, eleven):
    aps = [voc_class([t for t in truths if t["category"] == k], [d for d in dets if d["category"] == k],
                     eleven) for k in range(categories)]
    aps = [ap for ap in aps if ap is not None]
    return float(np.mean(aps)) if aps else -1.0


# ---- Ultralytics ---------------------------------------------------------------------------------


def float_overlaps(truths, dets):
    a, b = truths[:, None], dets[None]
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    sides = np.maximum(high - low, np.float32(0))
    inside = sides[..., 0] * sides[..., 1]
    sizes = [(x[..., 2] - x[..., 0]) * (x[..., 3] - x[..., 1]) for x in (a, b)]
    return inside / (sizes[0] + sizes[1] - inside + np.float32(1e-7))


def correct(truths, dets, thresholds):
    """[detections][thresholds] of one image; detections in falling order of score."""
    out = np.zeros((len(dets), len(thresholds)), dtype=bool)
    if not truths or not dets:
        return out
    overlaps = float_overlaps(corners([t["box"] for t in truths], np.float32),
                              corners([d["box"] for d in dets], np.float32))
    same = np.array([t["category"] for t in truths])[:, None] == np.array([d["category"] for d in dets])
    overlaps = overlaps * same
    for i, threshold in enumerate(thresholds):
        pairs = np.array(np.nonzero(overlaps >= threshold)).T
        pairs = pairs[np.argsort(-overlaps[pairs[:, 0], pairs[:, 1]], kind="stable")]
        pairs = pairs[np.unique(pairs[:, 1], return_index=True)[1]]
        pairs = pairs[np.unique(pairs[:, 0], return_index=True)[1]]
        out[pairs[:, 1], i] = True
    return out


def interpolated_ap(recall, precision, cut):
    if cut:
        recall = np.concatenate([[0.0], recall, [recall[-1]], [1.0]])
        precision = np.concatenate([[1.0], precision, [0.0], [0.0]])
    else:
        recall = np.concatenate([[0.0], recall, [1.0]])
        precision = np.concatenate([[1.0], precision, [0.0]])
    falling = np.flip(np.maximum.accumulate(np.flip(precision)))
    grid = np.linspace(0, 1, 101)
    return np.trapezoid(np.interp(grid, recall, falling), grid)


def smooth(values, part):
    width = round(len(values) * part * 2) // 2 + 1
    ends = np.ones(width // 2)
    return np.convolve(np.concatenate([ends * values[0], values, ends * values[-1]]),
                       np.ones(width) / width, mode="valid")


def ultralytics(truths, dets, images, cut):
    """AP, AP50, P, R, F1, confidence; None without boxes."""
    thresholds = np.array([np.float32(0.5 + 0.05 * i) for i in range(10)], dtype=np.float32)
    truths = [t for t in truths if not t["crowd"]]
    hits, kept = [], []
    for image in range(images):
        found = [d for d in by_image(dets, image) if d["score"] > 0.001]
        found = sorted(found, key=lambda d: -d["score"])[:300]
        hits.append(correct(by_image(truths, image), found, thresholds))
        kept += found
    if not truths:
        return None
    hits = np.concatenate(hits)
    order = np.argsort([-d["score"] for d in kept], kind="stable")
    hits, kept = hits[order], [kept[i] for i in order]
    grid, aps, precisions, recalls = np.linspace(0, 1, 1000), [], [], []
    for k in sorted({t["category"] for t in truths}):
        mine = [i for i, d in enumerate(kept) if d["category"] == k]
        positives = sum(t["category"] == k for t in truths)
        if not mine:
            aps.append(np.zeros(10))
            precisions.append(np.zeros(1000))
            recalls.append(np.zeros(1000))
            continue
        tp, fp = np.cumsum(hits[mine], axis=0), np.cumsum(1 - hits[mine], axis=0)
        recall, precision = tp / (positives + 1e-16), tp / (tp + fp)
        score = np.array([kept[i]["score"] for i in mine])
        recalls.append(np.interp(-grid, -score, recall[:, 0], left=0))
        precisions.append(np.interp(-grid, -score, precision[:, 0], left=1))
        aps.append(np.array([interpolated_ap(recall[:, t], precision[:, t], cut) for t in range(10)]))
    aps, p, r = np.array(aps), np.array(precisions), np.array(recalls)
    f1 = 2 * p * r / (p + r + 1e-16)
    best = smooth(f1.mean(0), 0.1).argmax()
    return [float(x) for x in (aps.mean(), aps[:, 0].mean(), p[:, best].mean(), r[:, best].mean(),
                               f1[:, best].mean(), grid[best])]
