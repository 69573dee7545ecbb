"""Preprocessing and decoding of each detector family in numpy and OpenCV, as their own repositories do it. Nothing of
pollard is used.

A family has prepare(image, width, height) -> tensor, placement, and candidates(outputs, size, conf) -> boxes (corners in
input pixels), scores, classes. A placement is (scale x, scale y, left, top)."""
import cv2
import numpy as np

BGR_MEAN, BGR_STD = np.float32([103.53, 116.28, 123.675]), np.float32([57.375, 57.12, 58.395])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def to_tensor(image):
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)


# ---- pictures into the input ----

def letterbox(image, width, height, centred):
    h, w = image.shape[:2]
    r = min(height / h, width / w)
    if centred:
        nw, nh = round(w * r), round(h * r)
        left, top = round((width - nw) / 2 - 0.1), round((height - nh) / 2 - 0.1)
    else:
        nw, nh, left, top = int(w * r), int(h * r), 0, 0
    if (nw, nh) != (w, h):
        image = cv2.resize(image, (nw, nh), interpolation=cv2.INTER_LINEAR)
    out = np.full((height, width, 3), 114, np.uint8)
    out[top:top + nh, left:left + nw] = image
    return out, (r, r, left, top)


def stretch(image, width, height):
    h, w = image.shape[:2]
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), (width / w, height / h, 0, 0)


def warp(image, width, height):
    h, w = image.shape[:2]
    r = min(width / w, height / h)
    m = np.float64([[r, 0, width / 2 - r * w / 2], [0, r, height / 2 - r * h / 2]])
    return cv2.warpAffine(image, m, (width, height)), (r, r, m[0, 2], m[1, 2])


def prepare_ultralytics(image, width, height):
    image, place = letterbox(image, width, height, True)
    return to_tensor(image[:, :, ::-1].astype(np.float32) / 255), place


def prepare_yolox(image, width, height):
    image, place = letterbox(image, width, height, False)
    return to_tensor(image), place


def prepare_nanodet(image, width, height):
    image, place = warp(image, width, height)
    return to_tensor((image.astype(np.float32) - BGR_MEAN) / BGR_STD), place


def prepare_picodet(image, width, height):
    image, place = stretch(image, width, height)
    return to_tensor(((image.astype(np.float32) - BGR_MEAN) / BGR_STD)[:, :, ::-1]), place


def prepare_rgb(image, width, height):
    image, place = stretch(image, width, height)
    return to_tensor(image[:, :, ::-1].astype(np.float32) / 255), place


def prepare_bgr(image, width, height):
    image, place = stretch(image, width, height)
    return to_tensor(image.astype(np.float32) / 255), place


# ---- outputs into boxes ----

def centred(x, y, w, h):
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)


def all_classes(boxes, scores, conf):
    at, classes = np.nonzero(scores > conf)
    return boxes[at], scores[at, classes], classes


def best_class(boxes, scores, conf):
    classes = scores.argmax(1)
    scores = scores[np.arange(len(scores)), classes]
    keep = scores > conf
    return boxes[keep], scores[keep], classes[keep]


def grid(columns, rows):
    ys, xs = np.mgrid[:rows, :columns]
    return xs.ravel().astype(np.float32), ys.ravel().astype(np.float32)


def decode_yolov8(outputs, size, conf):
    rows = outputs[0][0]
    classes, places = np.nonzero(rows[4:] > conf)
    return centred(*rows[:4, places]), rows[4:][classes, places], classes


def decode_yolov5(outputs, size, conf):
    rows = outputs[0][0]
    rows = rows[rows[:, 4] > conf]
    return all_classes(centred(*rows[:, :4].T), rows[:, 4:5] * rows[:, 5:], conf)


def decode_yolox(outputs, size, conf):
    rows, boxes, at = outputs[0][0], [], 0
    for stride in (8, 16, 32):
        x, y = grid(size[0] // stride, size[1] // stride)
        part = rows[at:at + len(x)]
        at += len(x)
        boxes.append(centred((part[:, 0] + x) * stride, (part[:, 1] + y) * stride,
                             np.exp(part[:, 2]) * stride, np.exp(part[:, 3]) * stride))
    return best_class(np.concatenate(boxes), rows[:, 4:5] * rows[:, 5:], conf)


def decode_distances(outputs, size, conf):
    """NanoDet and PicoDet: the first half are scores, the second 4 x 8 bins, finest level first."""
    half, found = len(outputs) // 2, []
    for level in range(half):
        stride = 8 << level
        scores, bins = (o.reshape(-1, o.shape[-1]) for o in (outputs[level], outputs[half + level]))
        x, y = grid(-(-size[0] // stride), -(-size[1] // stride))
        e = np.exp(bins.reshape(-1, 4, 8) - bins.reshape(-1, 4, 8).max(-1, keepdims=True))
        d = (e / e.sum(-1, keepdims=True)) @ np.arange(8, dtype=np.float32) * stride
        x, y = (x + 0.5) * stride, (y + 0.5) * stride
        found.append((np.stack([x - d[:, 0], y - d[:, 1], x + d[:, 2], y + d[:, 3]], 1), scores))
    return all_classes(np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found]), conf)


def decode_fastestdet(outputs, size, conf):
    _, rows, columns = outputs[0][0].shape
    o = outputs[0][0].reshape(outputs[0].shape[1], -1)
    x, y = grid(columns, rows)
    boxes = centred((np.tanh(o[1]) + x) / columns * size[0], (np.tanh(o[2]) + y) / rows * size[1],
                    sigmoid(o[3]) * size[0], sigmoid(o[4]) * size[1])
    return best_class(boxes, (o[:1] * o[5:]).T, conf)


def decode_detr(outputs, size, conf):
    labels, boxes, scores = (o[0] for o in outputs)
    keep = scores > conf
    return boxes[keep], scores[keep], labels[keep]


def decode_yolo_fastest(outputs, size, conf):
    """Yolo-Fastest 1.1 of Darknet: 10 x 10 and 20 x 20 maps, anchors of its .cfg."""
    anchors = {32: [(115, 73), (119, 199), (242, 238)], 16: [(12, 18), (37, 49), (52, 132)]}
    found = []
    for o in outputs:
        stride = size[0] // o.shape[3]
        x, y = grid(o.shape[3], o.shape[2])
        for part, (w, h) in zip(o.reshape(3, 85, -1), anchors[stride]):
            boxes = centred((sigmoid(part[0]) + x) * stride, (sigmoid(part[1]) + y) * stride,
                            np.exp(part[2]) * w, np.exp(part[3]) * h)
            found.append((boxes, (sigmoid(part[4:5]) * sigmoid(part[5:])).T))
    return all_classes(np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found]), conf)


class Family:
    def __init__(self, prepare, candidates, iou, max_det=300, clip=True):
        self.prepare, self.candidates = prepare, candidates
        self.iou, self.max_det, self.clip = iou, max_det, clip  # iou None: nothing to suppress


FAMILIES = {
    "yolov8": Family(prepare_ultralytics, decode_yolov8, 0.7),
    "yolov5": Family(prepare_ultralytics, decode_yolov5, 0.6),
    "yolox": Family(prepare_yolox, decode_yolox, 0.65, clip=False),
    "nanodet": Family(prepare_nanodet, decode_distances, 0.6, 100),
    "picodet": Family(prepare_picodet, decode_distances, 0.6, 100),
    "fastestdet": Family(prepare_bgr, decode_fastestdet, 0.45, clip=False),
    "rtdetr": Family(prepare_rgb, decode_detr, None, clip=False),
    "yolo-fastest": Family(prepare_rgb, decode_yolo_fastest, 0.45),
}
