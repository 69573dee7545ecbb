"""mAP of `pollard eval` against pycocotools on its own detections, and against ONNX Runtime.

    python eval_vs_ort.py POLLARD ANNOTATIONS FAMILY=MODEL ...

FAMILY is a key of ort_families.FAMILIES. A Darknet .cfg is evaluated as it is, and exported for ONNX Runtime.
"""
import json
import os
import subprocess
import sys
import tempfile

import onnx

from ort_detector import Detector, Truth, evaluate_file


SIZE = 640  # of models whose input has none


def as_onnx(pollard, path):
    if not path.endswith(".cfg"):
        return path
    out = os.path.join(tempfile.mkdtemp(), "exported.onnx")
    subprocess.run([pollard, "export", path, "--out", out, "-q"], check=True, stdout=subprocess.DEVNULL)
    onnx.checker.check_model(onnx.load(out), full_check=True)
    return out


def open_size(path):
    if path.endswith(".cfg"):
        return []
    shape = onnx.load(path).graph.input[0].type.tensor_type.shape.dim
    return [] if shape[2].dim_value else ["--imgsz", str(SIZE)]


def main():
    pollard, annotations, models = sys.argv[1], sys.argv[2], sys.argv[3:]
    truth = Truth(annotations)
    print("| model | pollard AP | pycocotools on its detections | difference | ONNX Runtime AP | difference |")
    print("|---|---|---|---|---|---|")
    for item in models:
        family, path = item.split("=", 1)
        with tempfile.NamedTemporaryFile(suffix=".json") as f:
            out = subprocess.run([pollard, "eval", path, "--data", annotations, "--json", "-q", *open_size(path),
                                  "--save-detections", f.name], check=True, capture_output=True)
            ours = json.loads(out.stdout)["metrics"]["AP"]
            judged = evaluate_file(annotations, f.name)[0]
        detector = Detector(as_onnx(pollard, path), family, 2, SIZE)
        found = [detector.detections(detector.forward(t), p)
                 for t, p in map(detector.prepare, truth.paths)]
        peer = truth.evaluate(truth.results(found))[0]
        print(f"| {path.split('/')[-1]} | {ours:.6f} | {judged:.6f} | {abs(ours - judged):.1e} "
              f"| {peer:.6f} | {ours - peer:+.6f} |")


if __name__ == "__main__":
    main()
