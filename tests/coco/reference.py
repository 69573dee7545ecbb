"""pycocotools as the reference: its twelve numbers and its arrays, without its prints."""

import contextlib
import copy
import io

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


class Reference:
    def __init__(self, truth, found, change=None):
        """`found` may be empty, which pycocotools refuses: one detection of a category that does
        not exist is the same to it, since it is dropped. `change` may set params."""
        if not found:
            found = [{"image_id": truth["images"][0]["id"], "category_id": -1,
                      "bbox": [0, 0, 1, 1], "score": 0.5}]
        with contextlib.redirect_stdout(io.StringIO()):
            gt = COCO()
            gt.dataset = copy.deepcopy(truth)
            gt.createIndex()
            evaluation = COCOeval(gt, gt.loadRes(copy.deepcopy(found)), "bbox")
            if change:
                change(evaluation.params)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        self.stats = [float(s) for s in evaluation.stats]
        self.precision = np.ascontiguousarray(evaluation.eval["precision"])
        self.recall = np.ascontiguousarray(evaluation.eval["recall"])
        self.scores = np.ascontiguousarray(evaluation.eval["scores"])

    def class_ap(self, k):
        """(AP, AP50) of the k-th category, -1 without ground truth."""
        result = []
        for values in (self.precision[:, :, k, 0, 2], self.precision[0, :, k, 0, 2]):
            values = values[values > -1]
            result.append(float(np.mean(values)) if len(values) else -1.0)
        return tuple(result)
