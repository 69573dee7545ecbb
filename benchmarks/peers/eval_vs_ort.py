"""mAP of `pollard eval` against pycocotools on its own detections, and against ONNX Runtime.

    python eval_vs_ort.py POLLARD ANNOTATIONS FAMILY=MODEL.onnx ...
"""
import json
import subprocess
import sys
import tempfile

from ort_detector import Detector, Truth, evaluate_file


def main():
    pollard, annotations, models = sys.argv[1], sys.argv[2], sys.argv[3:]
    truth = Truth(annotations)
    print("| model | pollard AP | pycocotools on its detections | difference | ONNX Runtime AP | difference |")
    print("|---|---|---|---|---|---|")
    for item in models:
        family, path = item.split("=", 1)
        with tempfile.NamedTemporaryFile(suffix=".json") as f:
            out = subprocess.run([pollard, "eval", path, "--data", annotations, "--json", "-q",
                                  "--save-detections", f.name], check=True, capture_output=True)
            ours = json.loads(out.stdout)["metrics"]["AP"]
            judged = evaluate_file(annotations, f.name)[0]
        detector = Detector(path, family, 2)
        found = [detector.detections(detector.forward(t), p)
                 for t, p in map(detector.prepare, truth.paths)]
        peer = truth.evaluate(truth.results(found))[0]
        print(f"| {path.split('/')[-1]} | {ours:.6f} | {judged:.6f} | {abs(ours - judged):.1e} "
              f"| {peer:.6f} | {ours - peer:+.6f} |")


if __name__ == "__main__":
    main()
