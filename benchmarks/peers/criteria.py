#!/usr/bin/env python3
"""Importance scores against numpy, on real weights.

  criteria.py POLLARD MODEL.onnx...

Formulas are those of Torch-Pruning's importance classes (GroupMagnitude p = 1 and 2, FPGM with
signs kept, LAMP, BNScale) with group_reduction sum and no normalizer; each is written here once
more, on the tensors as the onnx package reads them. Groups are taken whose every producer makes
exactly the group's channels, in order; the rest needs index maps, which would be pollard's own.
Exit code 1 when any score differs by more than 1e-6, relative.
"""
import json
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

LIMIT = 1e-6


def pairs(w, f):
    return np.array([sum(f(a, b) for j, b in enumerate(w) if j != i) for i, a in enumerate(w)])


def lamp(w):
    s = (w ** 2).sum(1)
    order = np.argsort(s, kind="stable")
    tail = np.cumsum(s[order][::-1])[::-1]
    out = np.empty_like(s)
    out[order] = s[order] / tail
    return out


LOCAL = {
    "l1": lambda w: np.abs(w).sum(1),
    "l2": lambda w: (w ** 2).sum(1),
    "fpgm": lambda w: np.sqrt(np.maximum(((w[:, None, :] - w[None]) ** 2).sum(2), 0)).sum(1)
    if len(w) ** 2 * w.shape[1] < 3e7 else pairs(w, lambda a, b: np.linalg.norm(a - b)),
    "whc": lambda w: (np.linalg.norm(w, axis=1)[:, None] * np.linalg.norm(w, axis=1)[None]
                      - np.abs(w @ w.T)).sum(1),
}


def scores_of(pollard, model, criterion):
    with tempfile.TemporaryDirectory() as folder:
        out = folder + "/scores.json"
        call = [pollard, "plan", model, "--target", "macs=0.99", "--method", "uniform",
                "--criterion", criterion, "--save-scores", out, "--out", folder + "/plan.json"]
        done = subprocess.run(call, capture_output=True, text=True)
        if done.returncode not in (0, 3):
            return None, done.stderr.strip()
        return json.load(open(out))["scores"], None


def producers(group, tensors):
    """The filters [units][..] of every producer, or None where they are no plain rows."""
    rows = []
    for member in group["members"]:
        if member["role"] != "out":
            continue
        w = tensors.get(member["tensor"])
        if w is None or w.shape[member["axis"]] != group["units"]:
            return None
        w = np.moveaxis(w.astype(np.float64), member["axis"], 0)
        rows.append(w.reshape(len(w), -1))
    return rows


def compare(pollard, path):
    model = onnx.load(path)
    tensors = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    gammas = {n.input[1] for n in model.graph.node if n.op_type == "BatchNormalization"}
    groups = json.loads(subprocess.run([pollard, "groups", path, "--json"], capture_output=True,
                                       check=True).stdout)["groups"]
    worst = 0.0
    for criterion in [*LOCAL, "lamp", "bn_scale"]:
        got, why = scores_of(pollard, path, criterion)
        if got is None:
            print(f"{path}: {criterion}: {why}")
            continue
        n, most = 0, 0.0
        for group in groups:
            rows = producers(group, tensors)
            if group["id"] not in got or not rows:
                continue
            if criterion == "bn_scale":
                scales = [m["tensor"] for m in group["members"] if m["tensor"] in gammas]
                wanted = sum(np.abs(tensors[s].astype(np.float64)) for s in scales)
            elif criterion == "lamp":
                wanted = lamp(np.sqrt(sum((w ** 2).sum(1) for w in rows))[:, None])
            else:
                wanted = sum(LOCAL[criterion](w) for w in rows)
            have = np.array(got[group["id"]])
            most = max(most, float(np.max(np.abs(have - wanted) / (np.abs(wanted) + 1e-30))))
            n += 1
        print(f"{path}: {criterion}: {n} groups, largest relative difference {most:.2e}")
        worst = max(worst, most)
    return worst


if __name__ == "__main__":
    sys.exit(max(compare(sys.argv[1], model) for model in sys.argv[2:]) > LIMIT)
