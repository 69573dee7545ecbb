#!/usr/bin/env python3
"""Outputs of models against ONNX Runtime: python outputs.py POLLARD MODEL.onnx...

Each model gets the same random inputs in both programs; the table has the largest difference of
each model, relative to the largest magnitude of that output. Exits with 1 when one is above 1e-4.
Needs onnxruntime and numpy.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

LIMIT = 1e-4
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64,
         "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8,
         "tensor(bool)": np.bool_}


def shape_of(value, side):
    """Dynamic axes: one image, three channels, `side` pixels."""
    shape = [d if isinstance(d, int) and d > 0 else None for d in value.shape]
    image = len(shape) == 4
    return [d or (1 if i == 0 else side if image and i > 1 else 3 if image else 8)
            for i, d in enumerate(shape)]


def make_input(value, rng, special):
    given = special.get(value.name)
    if isinstance(given, np.ndarray):
        return given
    shape = given or shape_of(value, 640)
    dtype = TYPES[value.type]
    if np.issubdtype(dtype, np.integer):
        return np.full(shape, 320, dtype)
    return rng.random(shape, np.float32).astype(dtype)


def file_name(name):
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name) + ".npy"


def largest_error(got, want):
    if got.shape != want.shape or got.dtype != want.dtype:
        return float("inf")
    if want.size == 0:
        return 0.0
    a, b = got.astype(np.float64), want.astype(np.float64)
    if not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return float("inf")
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    scale = max(np.abs(b).max(initial=0), 1e-30)
    return float(np.abs(a - b).max(initial=0) / scale)


def compare(pollard, path, special):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(7)
    feeds = {v.name: make_input(v, rng, special) for v in session.get_inputs()}
    wanted = session.run(None, feeds)
    with tempfile.TemporaryDirectory() as folder:
        command = [pollard, "run", path, "--output", folder + "/out"]
        for i, (name, array) in enumerate(feeds.items()):
            np.save(f"{folder}/{i}.npy", array)
            command += ["--input", f"{name}={folder}/{i}.npy"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "failed"
        return max(largest_error(np.load(f"{folder}/out/{file_name(v.name)}"), want)
                   for v, want in zip(session.get_outputs(), wanted))


# Shapes that the files leave open, and values where random numbers make no sense.
SPECIAL = {"ppocr_mobile_v2_cls": {"x": [1, 3, 48, 192]},
          "ppocr_mobile_v2_det": {"x": [1, 3, 320, 352]},
          "hyuto-nms-yolov8": {"detection": [1, 84, 500], "config": np.float32([100, 0.45, 0.25])}}


def main():
    pollard, worst = sys.argv[1], 0.0
    for path in sys.argv[2:]:
        name = pathlib.Path(path).stem
        result = compare(pollard, path, SPECIAL.get(name, {}))
        if isinstance(result, str):
            print(f"{name:36} {result}")
            worst = float("inf")
        else:
            print(f"{name:36} {result:.2e}", flush=True)
            worst = max(worst, result)
    sys.exit(worst > LIMIT)


if __name__ == "__main__":
    main()
