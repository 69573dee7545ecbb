#!/usr/bin/env python3
"""Writes head_vectors.h: for every detector head, outputs of a network and what they mean.

    pip install numpy
    python3 make_head_vectors.py

Outputs are noise() below, which the test repeats in C, so a case holds shapes, ranges and the expected boxes only.
The decoders here are written from the papers and the published code of each family, vectorised over a whole level,
and share nothing with pollard's. NMS cases compare with a plain greedy loop."""
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
W, H = 96, 64
CLASSES = 3
KEPT = 16  # rows of a case


def noise(count, seed, low, high):
    i = np.arange(count, dtype=np.uint64)
    v = ((i + seed * 1000003) * 2654435761) & 0xFFFFFFFF
    v ^= v >> 15
    v = (v * 2246822519) & 0xFFFFFFFF
    v ^= v >> 13
    u = ((v >> 8) / np.float64(1 << 24)).astype(np.float32)
    return (np.float32(low) + (np.float32(high) - np.float32(low)) * u).astype(np.float32)


def sig(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def grid(stride, w=W, h=H):
    ys, xs = np.mgrid[:-(-h // stride), :-(-w // stride)]
    return np.stack([xs.ravel(), ys.ravel()], 1).astype(float)


def levels(first, last):
    strides = []
    while first <= last:
        strides.append(first)
        first *= 2
    return strides


def cells(first, last, w=W, h=H):
    return sum(len(grid(s, w, h)) for s in levels(first, last))


def corners(xy, wh):
    return np.concatenate([xy - wh / 2, xy + wh / 2], 1)


def pick(boxes, scores, best=False):
    """Rows x1, y1, x2, y2, score, class of all locations and classes, or of the best class of each."""
    if best:
        mask = np.zeros(scores.shape, bool)
        mask[np.arange(len(scores)), scores.argmax(1)] = True
        scores = np.where(mask, scores, -1)
    at, cls = np.nonzero(scores >= 0)
    return np.concatenate([boxes[at], scores[at, cls][:, None], cls[:, None]], 1)


class Case:
    def __init__(self, head, outputs, decode, auto=True, tail="Concat", best=None, size=(W, H), metadata=()):
        self.head, self.outputs, self.tail, self.size = head, outputs, tail, size
        self.auto, self.metadata = auto, metadata
        self.tensors = [noise(int(np.prod(dims)), i + 1, lo, hi).reshape(dims).astype(np.float64)
                        for i, (_, dims, lo, hi) in enumerate(outputs)]
        self.rows = decode(*self.tensors)
        self.rows = self.rows[np.argsort(-self.rows[:, 4], kind="stable")]
        self.conf = self.rows[KEPT - 1:KEPT + 1, 4].mean()  # between two scores
        self.rows = self.rows[:KEPT]


def to_rows(t):
    """[1, C, H, W] -> [H * W, C]"""
    return t[0].reshape(t.shape[1], -1).T


def dfl(t, bins):
    return softmax(t.reshape(-1, 4, bins)) @ np.arange(bins)


def distance(scores, bins_flat, n, stride, centre, w=W, h=H):
    d = dfl(bins_flat, n) * stride
    c = (grid(stride, w, h) + centre) * stride
    return pick(np.concatenate([c - d[:, :2], c + d[:, 2:]], 1), scores)


def split_maps(strides, bins, w=W, h=H):
    out = []
    for s in strides:
        n = len(grid(s, w, h))
        out.append((f"cls{s}", (1, n, CLASSES), 0, 1))
    for s in strides:
        n = len(grid(s, w, h))
        out.append((f"dist{s}", (1, n, 4 * bins), 0, 5))
    return out


def decode_split(strides, bins, w=W, h=H, logits=False):
    def decode(*t):
        n = len(strides)
        f = sig if logits else (lambda x: x)
        return np.concatenate([distance(f(t[i][0]), t[n + i][0], bins, s, 0.5, w, h)
                               for i, s in enumerate(strides)])
    return decode


V3 = [(10, 13), (16, 30), (33, 23), (30, 61), (62, 45), (59, 119), (116, 90), (156, 198), (373, 326)]
V4 = [(12, 16), (19, 36), (40, 28), (36, 75), (76, 55), (72, 146), (142, 110), (192, 243), (459, 401)]


def anchor_maps(rank5):
    if rank5:
        return [(f"map{s}", (1, 3, H // s, W // s, 5 + CLASSES), -4, 4) for s in (8, 16, 32)]
    return [(f"map{s}", (1, 3 * (5 + CLASSES), H // s, W // s), -4, 4) for s in (8, 16, 32)]


def decode_anchors(anchors, square, scales=(1, 1, 1), strides=(8, 16, 32)):
    def decode(*maps):
        found = []
        for k, (s, t) in enumerate(zip(strides, maps)):
            if t.ndim == 4:
                t = t.reshape(1, 3, -1, t.shape[2], t.shape[3]).transpose(0, 1, 3, 4, 2)
            for j in range(3):
                r = t[0, j].reshape(-1, t.shape[-1])
                a = np.array(anchors[3 * k + j], float)
                if square:
                    xy, wh = (2 * sig(r[:, :2]) - 0.5 + grid(s)) * s, (2 * sig(r[:, 2:4])) ** 2 * a
                else:
                    xy = (scales[k] * sig(r[:, :2]) - (scales[k] - 1) / 2 + grid(s)) * s
                    wh = np.exp(r[:, 2:4]) * a
                found.append(pick(corners(xy, wh), sig(r[:, 4:5]) * sig(r[:, 5:])))
        return np.concatenate(found)
    return decode


def decode_rows5(best=False):
    def decode(t):
        r = t[0]
        return pick(corners(r[:, :2], r[:, 2:4]), r[:, 4:5] * r[:, 5:], best)
    return decode


def decode_yolox():
    def decode(t):
        r = t[0]
        g = np.concatenate([grid(s) for s in (8, 16, 32)])
        s = np.concatenate([np.full((len(grid(k)), 1), k) for k in (8, 16, 32)])
        return pick(corners((r[:, :2] + g) * s, np.exp(r[:, 2:4]) * s), r[:, 4:5] * r[:, 5:], True)
    return decode


def decode_yolov8():
    def decode(t):
        r = t[0].T
        return pick(corners(r[:, :2], r[:, 2:4]), r[:, 4:])
    return decode


def decode_nanodet_plus(w, h):
    def decode(t):
        found, at = [], 0
        for s in (8, 16, 32, 64):
            n = len(grid(s, w, h))
            r = t[0, at:at + n]
            at += n
            found.append(distance(r[:, :CLASSES], r[:, CLASSES:], 8, s, 0.0, w, h))
        return np.concatenate(found)
    return decode


def decode_joined():
    def decode(*maps):
        return np.concatenate([distance(sig(to_rows(t)[:, 64:]), to_rows(t)[:, :64], 16, s, 0.5)
                               for s, t in zip((8, 16, 32), maps)])
    return decode


def decode_end2end(box, score, label):
    def decode(t):
        r = t.reshape(-1, 6)
        ok = (r[:, label] >= 0) & (r[:, label] < 80)
        r = r[ok]
        return np.concatenate([r[:, box:box + 4], r[:, score:score + 1], np.floor(r[:, label:label + 1])], 1)
    return decode


def decode_fastestdet():
    def decode(t):
        r = to_rows(t)
        n = np.array([W // 16, H // 16])
        xy = (np.tanh(r[:, 1:3]) + grid(16)) / n * [W, H]
        return pick(corners(xy, sig(r[:, 3:5]) * [W, H]), r[:, :1] * r[:, 5:], True)
    return decode


V2 = np.array([(12.64, 19.39), (37.88, 51.48), (55.71, 138.31), (126.91, 78.23), (131.57, 214.55), (279.92, 258.87)])


def decode_fastestv2():
    def decode(*t):
        r = t[0].reshape(-1, 15 + CLASSES) if len(t) == 1 else np.concatenate([m.reshape(-1, 15 + CLASSES) for m in t])
        found, at = [], 0
        for k, s in enumerate((16, 32)):
            g = grid(s)
            part = r[at:at + len(g)]
            at += len(g)
            for j in range(3):
                b = part[:, 4 * j:4 * j + 4]
                box = corners((2 * b[:, :2] - 0.5 + g) * s, (2 * b[:, 2:]) ** 2 * V2[3 * k + j])
                found.append(pick(box, part[:, 12 + j:13 + j] * part[:, 15:], True))
        return np.concatenate(found)
    return decode


def decode_retinanet(maps, w, h, logits):
    def anchors(s):
        out = []
        for ratio in (0.5, 1, 2):
            for k in range(3):
                size = 4 * s * 2 ** (k / 3)
                out.append((size / np.sqrt(ratio), size * np.sqrt(ratio)))
        return np.array(out)

    def decode(*t):
        boxes, scores = [], []
        if maps:
            cls = [to_rows(m).reshape(-1, CLASSES) for m in t[:5]]
            reg = [to_rows(m).reshape(-1, 4) for m in t[5:]]
        else:
            cls, reg, at = [], [], 0
            for s in levels(8, 128):
                n = 9 * len(grid(s, w, h))
                cls.append(t[0][0, at:at + n])
                reg.append(t[1][0, at:at + n])
                at += n
        for s, c, d in zip(levels(8, 128), cls, reg):
            g = np.repeat(grid(s, w, h) * s, 9, 0)
            a = np.tile(anchors(s), (len(g) // 9, 1))
            boxes.append(corners(g + d[:, :2] * a, np.exp(d[:, 2:]) * a))
            scores.append(sig(c) if logits else c)
        return pick(np.concatenate(boxes), np.concatenate(scores))
    return decode


def ssd300_priors():
    out = []
    for n, step, low, high, ratios in [(38, 8, 30, 60, [2]), (19, 16, 60, 111, [2, 3]), (10, 32, 111, 162, [2, 3]),
                                       (5, 64, 162, 213, [2, 3]), (3, 100, 213, 264, [2]), (1, 300, 264, 315, [2])]:
        for y in range(n):
            for x in range(n):
                c = ((x + 0.5) * step / 300, (y + 0.5) * step / 300)
                out.append((*c, low / 300, low / 300))
                out.append((*c, np.sqrt(low * high) / 300, np.sqrt(low * high) / 300))
                for r in ratios:
                    out.append((*c, low / 300 * np.sqrt(r), low / 300 / np.sqrt(r)))
                    out.append((*c, low / 300 / np.sqrt(r), low / 300 * np.sqrt(r)))
    return np.array(out)


def decode_ssd(raw, soft, size, priors=None):
    def decode(boxes, scores, p=None):
        b = boxes[0]
        p = priors if p is None else p.reshape(-1, 4)
        if raw:
            b = corners(p[:, :2] + 0.1 * b[:, :2] * p[:, 2:], p[:, 2:] * np.exp(0.2 * b[:, 2:]))
        s = softmax(scores[0]) if soft else scores[0]
        return pick(b * [*size, *size], s[:, 1:])
    return decode


def decode_ppyoloe():
    return lambda boxes, scores: pick(boxes[0], scores[0].T)


def decode_detr():
    def decode(labels, boxes, scores):
        keep = scores[0] >= 0
        return np.concatenate([boxes[0][keep], scores[0][keep][:, None], np.floor(labels[0][keep])[:, None]], 1)
    return decode


def decode_detr_rows():
    return lambda t: pick(corners(t[0][:, :2] * [W, H], t[0][:, 2:4] * [W, H]), t[0][:, 4:], True)


def cases():
    n, c = cells(8, 32), 5 + CLASSES
    big = (192, 128)
    for head, table, square, scales, rank5 in [("yolov3", V3, False, (1, 1, 1), False), ("yolov4", V4, False, (1.2, 1.1, 1.05), False),
                                               ("yolov5-maps", V3, True, (1, 1, 1), True), ("yolov7-maps", V4, True, (1, 1, 1), False)]:
        yield Case(head, anchor_maps(rank5), decode_anchors(table, square, scales), auto=False)
    own = [(4, 5), (6, 7), (8, 9), (10, 11), (12, 13), (14, 15)]
    yield Case("yolov3", anchor_maps(False)[:0:-1], decode_anchors([own[i] for i in (3, 4, 5, 0, 1, 2)], False, (1.1, 1.2), (32, 16)),
               metadata=(("pollard.head", "yolov3"), ("pollard.anchors", "4,5, 6,7, 8,9, 10,11, 12,13, 14,15"), ("pollard.scale_x_y", "1.2,1.1")))
    yield Case("yolov5", [("output", (1, 3 * n, c), 0, 1)], decode_rows5())
    yield Case("yolov5", [("output", (1, 3 * cells(8, 64, *big), c), 0, 1)], decode_rows5(), size=big)
    yield Case("yolov6", [("outputs", (1, n, c), 0, 1)], decode_rows5(), tail="Sub")
    yield Case("yolov8", [("output0", (1, 4 + CLASSES, n), 0, 1)], decode_yolov8())
    yield Case("yolov8-maps", [(f"map{s}", (1, 64 + CLASSES, H // s, W // s), -3, 3) for s in (8, 16, 32)], decode_joined())
    yield Case("yolov8-maps", split_maps((8, 16, 32), 17), decode_split((8, 16, 32), 17), tail="Sigmoid")
    yield Case("end2end", [("output0", (1, 50, 6), 0, 1)], decode_end2end(0, 4, 5))
    yield Case("yolox", [("output", (1, n, c), 0, 1)], decode_yolox(), tail="Sigmoid")
    yield Case("yolox", [("output", (1, n, c), 0, 1)], decode_rows5(True), tail="Exp")
    yield Case("nanodet", split_maps((8, 16, 32), 8), decode_split((8, 16, 32), 8))
    yield Case("nanodet-plus", [("output", (1, cells(8, 64, *big), CLASSES + 32), 0, 1)], decode_nanodet_plus(*big), size=big)
    yield Case("picodet", split_maps((8, 16, 32, 64), 8, *big), decode_split((8, 16, 32, 64), 8, *big), size=big)
    yield Case("ppyoloe", [("boxes", (1, n, 4), 0, 90), ("scores", (1, CLASSES, n), 0, 1)], decode_ppyoloe())
    yield Case("paddle-nms", [("rows", (40, 6), -1, 9)], decode_end2end(2, 1, 0))
    yield Case("ssd", [("scores", (1, 200, 1 + CLASSES), 0, 1), ("boxes", (1, 200, 4), 0, 1)],
               lambda s, b: decode_ssd(False, False, (W, H))(b, s))
    yield Case("ssd", [("loc", (1, 200, 4), -1, 1), ("conf", (1, 200, 1 + CLASSES), -3, 3), ("priors", (200, 4), 0.1, 0.9)],
               decode_ssd(True, True, (W, H)))
    yield Case("ssd", [("loc", (1, 8732, 4), -1, 1), ("conf", (1, 8732, 1 + CLASSES), 0, 1)],
               decode_ssd(True, False, (300, 300), ssd300_priors()), tail="Softmax", size=(300, 300))
    yield Case("retinanet", [(f"cls{s}", (1, 9 * CLASSES, -(-128 // s), -(-192 // s)), -4, 4) for s in levels(8, 128)]
               + [(f"box{s}", (1, 36, -(-128 // s), -(-192 // s)), -1, 1) for s in levels(8, 128)],
               decode_retinanet(True, *big, True), size=big)
    rows = 9 * cells(8, 128, *big)
    yield Case("retinanet", [("classification", (1, rows, CLASSES), 0, 1), ("regression", (1, rows, 4), -1, 1)],
               decode_retinanet(False, *big, False), tail="Sigmoid", size=big)
    yield Case("rtdetr", [("labels", (1, 60), 0, 80), ("boxes", (1, 60, 4), 0, 90), ("scores", (1, 60), 0, 1)], decode_detr())
    yield Case("rtdetr-rows", [("output0", (1, 300, 4 + CLASSES), 0, 1)], decode_detr_rows())
    yield Case("fastestdet", [("758", (1, c, H // 16, W // 16), 0, 1)], decode_fastestdet())
    yield Case("yolo-fastestv2", [("a", (1, H // 16, W // 16, 15 + CLASSES), 0, 1), ("b", (1, H // 32, W // 32, 15 + CLASSES), 0, 1)],
               decode_fastestv2())
    yield Case("yolo-fastestv2", [("rows", (cells(16, 32), 15 + CLASSES), 0, 1)], decode_fastestv2())


def greedy(boxes, scores, classes, iou, most, agnostic):
    kept = []
    for i in np.argsort(-scores, kind="stable"):
        x1, y1 = np.maximum(boxes[i, :2], boxes[kept, :2]).T if kept else (np.zeros(0),) * 2
        x2, y2 = np.minimum(boxes[i, 2:], boxes[kept, 2:]).T if kept else (np.zeros(0),) * 2
        inter = np.maximum(x2 - x1, 0) * np.maximum(y2 - y1, 0)
        area = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
        over = inter / (area(boxes[i]) + area(boxes[kept]) - inter) if kept else np.zeros(0)
        same = np.ones(len(kept), bool) if agnostic else classes[kept] == classes[i]
        if not (over[same] > iou).any():
            kept.append(i)
    return kept[:most]


def nms_text():
    """300 boxes of noise and what a greedy loop keeps of them."""
    lines = []
    for seed, (iou, most, agnostic) in enumerate([(0.5, 300, 0), (0.5, 300, 1), (0.3, 20, 0), (0.7, 300, 0), (0.0, 300, 1), (1.0, 300, 0)]):
        t = noise(300 * 6, 50 + seed, 0, 1).reshape(300, 6).astype(np.float64)
        boxes = np.concatenate([t[:, :2] * 50, t[:, :2] * 50 + 5 + t[:, 2:4] * 30], 1)
        kept = greedy(boxes, t[:, 4], np.floor(t[:, 5] * CLASSES), iou, most, agnostic)
        lines.append(f"{{{50 + seed}, {iou}f, {most}, {agnostic}, {len(kept)}, {{{', '.join(map(str, kept))}}}}},")
    return ("/* Boxes are x, y = 50 u0, 50 u1; size = 5 + 30 u2, u3; score u4; class floor(3 u5). */\n"
            "static const struct {\n    int seed;\n    float iou;\n    int most, agnostic, n, kept[300];\n} nms_vectors[] = {\n"
            + "\n".join(lines) + "\n};\n")


def main():
    text = ("/* Made by make_head_vectors.py; do not edit. */\n/* clang-format off */\n"
            "struct head_vector {\n    const char *head, *tail, *metadata[6];\n    int automatic, width, height, n_outputs;\n"
            "    struct {\n        const char *name;\n        int rank;\n        int64_t dims[5];\n        float low, high;\n    } outputs[12];\n"
            "    float conf;\n    int n;\n    float rows[16][6]; /* by descending score: x1, y1, x2, y2, score, class */\n};\n"
            "static const struct head_vector head_vectors[] = {\n")
    for case in cases():
        s = case.rows[:, 4]
        assert len(s) == KEPT, case.head
        assert len(s) < 2 or np.abs(np.diff(s)).min() > 2e-7, (case.head, np.abs(np.diff(s)).min())
        assert s.min() - case.conf > 2e-7, case.head
        outs = ", ".join(f'{{"{name}", {len(dims)}, {{{", ".join(map(str, dims))}}}, {float(lo)}f, {float(hi)}f}}' for name, dims, lo, hi in case.outputs)
        rows = ", ".join("{" + ", ".join(f"{v:.9g}" for v in r) + "}" for r in case.rows)
        metadata = ", ".join(f'"{k}", "{v}"' for k, v in case.metadata) or "NULL"
        text += (f'{{"{case.head}", "{case.tail}", {{{metadata}}}, {int(case.auto)}, {case.size[0]}, {case.size[1]}, {len(case.outputs)},\n {{{outs}}},\n'
                 f" {case.conf}f, {len(s)}, {{{rows}}}}},\n")
    
    (HERE / "head_vectors.h").write_text(text + "};\n" + nms_text())


if __name__ == "__main__":
    main()
