#!/usr/bin/env python3
"""Writes a synthetic sweep folder, to look at reports without running a sweep.

    make_sweep.py DIR [--groups 57] [--done 1.0] [--seed 1] [--examples FILE.jpg ...]

Shapes, costs and curves are made up after a small one-stage detector; nothing was measured.
"""
import argparse
import json
import math
import os
import random
import shutil

RATIOS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
METRICS = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
BASE = [0.4315, 0.5928, 0.4701, 0.2214, 0.4672, 0.6031, 0.3391, 0.5230, 0.5581, 0.3302, 0.6044, 0.7210]
TOTAL_MACS, TOTAL_PARAMS = 4_368_000_000, 3_151_904


def layers(count):
    """(name, channels, share of the MACs) in network order."""
    widths = [16, 32, 32, 64, 64, 128, 128, 256, 256, 256]
    rows = []
    for block, width in enumerate(widths):
        rows.append((f"/model.{block}/conv/Conv", width))
        if block in (2, 4, 6, 8):
            rows.append((f"/model.{block}/cv1/conv/Conv", width))
            for m in range(2 if block in (4, 6) else 1):
                rows.append((f"/model.{block}/m.{m}/cv1/conv/Conv", width // 2))
            rows.append((f"/model.{block}/cv2/conv/Conv", width))
    for block, width in ((12, 128), (15, 64), (18, 128), (21, 256)):
        for part in ("cv1", "m.0/cv1", "m.0/cv2", "cv2"):
            rows.append((f"/model.{block}/{part}/conv/Conv", width if part in ("cv1", "cv2") else width // 2))
    for level in range(3):
        for branch, width in (("cv2", 64), ("cv3", 80)):
            for i in range(2):
                rows.append((f"/model.22/{branch}.{level}/{branch}.{level}.{i}/conv/Conv", width))
    while len(rows) < count:
        rows.append((f"/extra.{len(rows)}/conv/Conv", 64))
    return rows[:count]


def make_groups(count, rng):
    groups = []
    for i, (name, width) in enumerate(layers(count)):
        share = rng.lognormvariate(0, 0.9)
        groups.append({"id": f"g{i}", "name": name, "units": width, "prunable": True, "reason": None,
                       "producers": [name], "consumers": [], "share": share,
                       "members": [{"tensor": name.strip("/").replace("/", ".") + ".weight", "axis": 0, "role": "out"}]})
    total = sum(g["share"] for g in groups)
    for g in groups:
        g["share"] = g.pop("share") / total * 1.6  # every MAC belongs to a producer and a consumer
        g["macs_per_unit"] = round(g["share"] * TOTAL_MACS / g["units"])
        g["params_per_unit"] = round(g["share"] * TOTAL_PARAMS / g["units"])
    for k in range(3):
        for branch, units, why in (
                ("cv2", 64, "softmax over the axis: node '/model.22/dfl/Softmax' reads axis 1 of "
                 "'/model.22/dfl/Transpose_output_0', reached by Concat -> Reshape -> Transpose"),
                ("cv3", 80, "graph output: axis 1 of 'output0' is this axis, offset 4")):
            name = f"/model.22/{branch}.{k}/{branch}.{k}.2/Conv"
            groups.append({"id": f"g{len(groups)}", "name": name, "units": units, "prunable": False,
                           "reason": why, "members": [], "producers": [name], "consumers": [],
                           "macs_per_unit": 0, "params_per_unit": 0})
    return groups


def line(group, ratio, rng, steepness, knee):
    removed = math.floor(ratio * group["units"] + 0.5)
    drop = BASE[0] * (1 - math.exp(-steepness * max(0, ratio - knee) ** 1.8))
    half = 0.0012 + 0.022 * math.sqrt(drop)
    drop = min(BASE[0], drop + rng.gauss(0, half / 3))
    factor = 1 - drop / BASE[0]
    metrics = {k: v * factor ** (1.0 if k[1] == "P" else 0.8) for k, v in zip(METRICS, BASE)}
    return {"group": group["id"], "ratio": ratio, "units": group["units"], "removed": removed,
            "macs": TOTAL_MACS - removed * group["macs_per_unit"],
            "params": TOTAL_PARAMS - removed * group["params_per_unit"], "metrics": metrics, "drop": drop,
            "ci95": [drop - half, drop + half], "status": "stopped" if drop > 0.3 and ratio < 0.9 else "full",
            "seconds": 0.16}


def manifest(args, groups, points):
    examples = [{"file": os.path.basename(f), "caption": f"{os.path.basename(f)}: baseline left, pruned right"}
                for f in args.examples]
    return {"version": 1, "program": {"name": "pollard", "version": "0.1.0"},
            "command": ["pollard", "sweep", "detector-n.onnx", "--data", "val128/annotations.json", "--out", "my sweep"],
            "model": {"path": "detector-n.onnx", "sha256": "3f" * 32, "params": TOTAL_PARAMS, "macs": TOTAL_MACS,
                      "input_shape": [1, 3, 640, 640]},
            "dataset": {"path": "val128/annotations.json", "sha256": "a7" * 32, "images": 128, "annotations": 906,
                        "categories": 80},
            "criterion": "l1", "ratios": RATIOS, "protocol": "coco", "head": "yolov8", "preprocess": "ultralytics",
            "conf": 0.001, "iou": 0.7, "max_det": 300, "device": "cpu (oneDNN 2.6)", "threads": 2, "batch": 16,
            "seed": 0, "started": "2026-08-21T18:02:11Z", "finished": "2026-08-21T18:03:34Z", "seconds": 83.4,
            "images_per_second": 788.2, "points_total": points, "suffix_macs_share": 0.47, "examples": examples}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dir")
    parser.add_argument("--groups", type=int, default=57)
    parser.add_argument("--done", type=float, default=1.0, help="share of the points that are finished")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", nargs="*", default=[])
    args = parser.parse_args()
    rng = random.Random(args.seed)
    groups = make_groups(args.groups, rng)
    os.makedirs(os.path.join(args.dir, "examples"), exist_ok=True)
    for f in args.examples:
        shutil.copy(f, os.path.join(args.dir, "examples"))
    base = {"group": None, "ratio": 0, "macs": TOTAL_MACS, "params": TOTAL_PARAMS,
            "metrics": dict(zip(METRICS, BASE)), "status": "full", "seconds": 5.2}
    lines = [base]
    for i, g in enumerate(g for g in groups if g["prunable"]):
        early = 4.0 if i < 4 else 1.0
        steepness, knee = early * rng.lognormvariate(-1.6, 1.2), rng.uniform(0, 0.35)
        lines += [line(g, r, rng, steepness, knee) for r in RATIOS]
    points = len(lines) - 1
    lines = lines[:1 + round(points * args.done)]
    with open(os.path.join(args.dir, "results.jsonl"), "w", encoding="utf-8") as f:
        f.writelines(json.dumps(row) + "\n" for row in lines)
        if args.done < 1:
            f.write('{"group":"g31","ratio":0.')  # killed while writing
    for name, content in (("groups.json", {"groups": groups}), ("manifest.json", manifest(args, groups, points))):
        with open(os.path.join(args.dir, name), "w", encoding="utf-8") as f:
            json.dump(content, f, indent=2)


if __name__ == "__main__":
    main()
