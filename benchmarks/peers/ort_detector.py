"""A detector on ONNX Runtime with pycocotools: what people run today, used as the peer.

Preprocessing, decoding and thresholds are those pollard uses for the same family; NMS is OpenCV's
(C++). Nothing of pollard is imported.
"""
import contextlib
import io
import json
import os

import cv2
import numpy as np
import onnxruntime
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

MAX_NMS = 30000  # candidates that enter NMS, by score, as common validators cut them


def letterbox(image, size, centred):
    """The picture in a square of `size`: array, scale, left, top."""
    h, w = image.shape[:2]
    r = min(size / h, size / w)
    if centred:
        nw, nh = round(w * r), round(h * r)
        left, top = round((size - nw) / 2 - 0.1), round((size - nh) / 2 - 0.1)
    else:
        nw, nh, left, top = int(w * r), int(h * r), 0, 0
    if (nw, nh) != (w, h):
        image = cv2.resize(image, (nw, nh), interpolation=cv2.INTER_LINEAR)
    square = np.full((size, size, 3), 114, np.uint8)
    square[top:top + nh, left:left + nw] = image
    return square, r, left, top


class Detector:
    """family: 'yolov8' or 'yolox'."""

    def __init__(self, path, family, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0]
        self.family, self.size = family, self.input.shape[2]
        self.iou = 0.7 if family == "yolov8" else 0.65
        self.conf, self.max_det = 0.001, 300
        grids = []
        for stride in (8, 16, 32):
            n = self.size // stride
            ys, xs = np.mgrid[:n, :n]
            grids.append(np.stack([xs.ravel(), ys.ravel(), np.full(n * n, stride)], 1))
        self.grid = np.concatenate(grids).astype(np.float32)

    def prepare(self, path):
        image = cv2.imread(path)
        square, r, left, top = letterbox(image, self.size, self.family == "yolov8")
        if self.family == "yolov8":
            tensor = square[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
        else:
            tensor = square.transpose(2, 0, 1)[None].astype(np.float32)
        return np.ascontiguousarray(tensor), (r, left, top, image.shape[1], image.shape[0])

    def forward(self, tensor):
        return self.session.run(None, {self.input.name: tensor})[0]

    def candidates(self, output):
        """Corners [n,4] in input pixels, scores [n], classes [n]."""
        if self.family == "yolov8":
            rows = output[0]
            classes, places = np.nonzero(rows[4:] > self.conf)
            scores = rows[4:][classes, places]
            x, y, w, h = rows[:4, places]
        else:
            rows, g = output[0], self.grid
            all_scores = rows[:, 4:5] * rows[:, 5:]
            classes = all_scores.argmax(1)
            scores = all_scores[np.arange(len(rows)), classes]
            keep = scores > self.conf
            rows, g, classes, scores = rows[keep], g[keep], classes[keep], scores[keep]
            x, y = (rows[:, 0] + g[:, 0]) * g[:, 2], (rows[:, 1] + g[:, 1]) * g[:, 2]
            w, h = np.exp(rows[:, 2]) * g[:, 2], np.exp(rows[:, 3]) * g[:, 2]
        return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1), scores, classes

    def detections(self, output, placement):
        """Rows [x, y, w, h, score, class] in pixels of the picture."""
        boxes, scores, classes = self.candidates(output)
        if len(scores) > MAX_NMS:
            top = np.argpartition(-scores, MAX_NMS)[:MAX_NMS]
            boxes, scores, classes = boxes[top], scores[top], classes[top]
        if not len(scores):
            return np.zeros((0, 6))
        xywh = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
        kept = cv2.dnn.NMSBoxesBatched(xywh.tolist(), scores.tolist(), classes.tolist(),
                                       self.conf, self.iou)
        kept = np.asarray(kept, np.int64).ravel()
        kept = kept[np.argsort(-scores[kept], kind="stable")][:self.max_det]
        r, left, top, width, height = placement
        boxes = (boxes[kept] - [left, top, left, top]) / r
        if self.family == "yolov8":
            boxes = boxes.clip(0, [width, height, width, height])
        boxes[:, 2:] -= boxes[:, :2]
        return np.concatenate([boxes, scores[kept, None], classes[kept, None]], 1)


class Truth:
    """Annotations; class numbers of the model are category ids in ascending order."""

    def __init__(self, path, count=None):
        with contextlib.redirect_stdout(io.StringIO()):
            self.coco = COCO(path)
        self.ids = sorted(self.coco.getImgIds())[:count]
        self.categories = sorted(self.coco.getCatIds())
        folder = os.path.dirname(path)
        self.paths = []
        for i in self.ids:
            name = self.coco.imgs[i]["file_name"]
            inside = os.path.join(folder, "images", name)
            self.paths.append(inside if os.path.exists(inside) else os.path.join(folder, name))

    def results(self, per_image):
        return [{"image_id": i, "category_id": self.categories[int(row[5])],
                 "bbox": [float(v) for v in row[:4]], "score": float(row[4])}
                for i, rows in zip(self.ids, per_image) for row in rows]

    def evaluate(self, results):
        """The 12 numbers."""
        with contextlib.redirect_stdout(io.StringIO()):
            if not results:
                return np.zeros(12)
            judge = COCOeval(self.coco, self.coco.loadRes(results), "bbox")
            judge.params.imgIds = self.ids
            judge.evaluate()
            judge.accumulate()
            judge.summarize()
        return judge.stats


def evaluate_file(truth_path, results_path, count=None):
    truth = Truth(truth_path, count)
    with open(results_path) as f:
        return truth.evaluate(json.load(f))
