"""A detector on ONNX Runtime with pycocotools: what people run today, used as the peer.

Preprocessing and decoding are in ort_families.py; NMS is OpenCV's (C++). Nothing of pollard is imported.
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

from ort_families import FAMILIES

MAX_NMS = 30000  # candidates that enter NMS, by score, as common validators cut them


class Detector:
    """family: a key of FAMILIES. `size`: height and width where the model leaves them open."""

    def __init__(self, path, family, threads, size=640):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.input, *self.others = self.session.get_inputs()
        self.family = FAMILIES[family]
        height, width = (d if isinstance(d, int) else size for d in self.input.shape[2:])
        self.size = width, height
        self.conf = 0.001

    def prepare(self, path):
        image = cv2.imread(path)
        tensor, place = self.family.prepare(image, *self.size)
        return tensor, (*place, image.shape[1], image.shape[0])

    def forward(self, tensor):
        feed = {self.input.name: tensor}
        for other in self.others:  # orig_target_sizes: boxes come in pixels of the input
            feed[other.name] = np.int64([self.size])
        return self.session.run(None, feed)

    def suppress(self, boxes, scores, classes):
        if self.family.iou is None:
            return np.argsort(-scores, kind="stable")
        xywh = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
        kept = []
        for c in np.unique(classes):  # NMSBoxesBatched gives the same, and compares all classes with all
            at = np.nonzero(classes == c)[0]
            kept.append(at[np.asarray(cv2.dnn.NMSBoxes(xywh[at].tolist(), scores[at].tolist(), self.conf,
                                                       self.family.iou), np.int64).ravel()])
        kept = np.concatenate(kept)
        return kept[np.argsort(-scores[kept], kind="stable")]

    def detections(self, outputs, placement):
        """Rows [x, y, w, h, score, class] in pixels of the picture."""
        boxes, scores, classes = self.family.candidates(outputs, self.size, self.conf)
        if len(scores) > MAX_NMS:
            top = np.argpartition(-scores, MAX_NMS)[:MAX_NMS]
            boxes, scores, classes = boxes[top], scores[top], classes[top]
        if not len(scores):
            return np.zeros((0, 6))
        kept = self.suppress(boxes, scores, classes)[:self.family.max_det]
        scale_x, scale_y, left, top, width, height = placement
        boxes = (boxes[kept] - [left, top, left, top]) / [scale_x, scale_y, scale_x, scale_y]
        if self.family.clip:
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
