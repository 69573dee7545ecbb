"""Removing channels equals zeroing them, in ONNX Runtime: an executor that shares no code with pollard.

    python prune_proof.py POLLARD MODEL.onnx ... [--units N] [--plans N] [--ratios 0.1,0.5,0.9]
                          [--imgsz N] [--seed N]

For every model: N units of every prunable group removed alone (-1: all of them), N random plans over
all groups, and the given share of every group. Each plan is carried out twice by `pollard prune`, with
and without --mask; both files run on the same random input, and the smaller one has to pass the ONNX
checker. Prints a row for each model, and ends with exit code 1 when a case differs by more than 1e-4.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-4
SIZES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32}


def plans(groups, o, rng):
    """(title, {group: removed units}) of every case."""
    prunable = [g for g in groups if g["prunable"]]
    for g in prunable:
        n = g["units"] if o.units < 0 else min(o.units, g["units"])
        for unit in sorted(rng.sample(range(g["units"]), n)):
            yield f"unit {unit} of {g['id']}", {g["id"]: [unit]}
    for i in range(o.plans):
        chosen = [g for g in prunable if rng.random() < 0.75]
        yield f"random plan {i}", {g["id"]: rng.sample(range(g["units"]), rng.randrange(g["units"]))
                                   for g in chosen}
    for ratio in o.ratios:
        yield f"{ratio:g} of every group", {
            g["id"]: rng.sample(range(g["units"]), min(int(ratio * g["units"] + 0.5), g["units"] - 1))
            for g in prunable}


def size_of(o):
    return ["--imgsz", str(o.imgsz)] if o.imgsz else []


def inputs_of(session, imgsz, rng):
    feeds = {}
    for i in session.get_inputs():
        shape = [d if isinstance(d, int) and d > 0 else (1 if k == 0 else imgsz)
                 for k, d in enumerate(i.shape)]
        kind = SIZES[i.type]
        feeds[i.name] = (rng.random(shape, np.float32) if kind is np.float32
                         else np.full(shape, imgsz or 320, kind))
    return feeds


def run(path, imgsz):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 2
    # As written: no layout or fusion that depends on the number of channels.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs_of(session, imgsz, np.random.default_rng(0)))


def gap(a, b):
    """Largest |a - b| in relation to the largest |b|, over all outputs; infinite where shapes differ.

    Outputs that stay below 0.01 count as 0.01: a sigmoid in float32 is good to 1e-7, however small.
    """
    worst = 0.0
    for x, y in zip(a, b):
        if x.shape != y.shape:
            return float("inf")
        if not y.size:
            continue
        x, y = x.astype(np.float64), y.astype(np.float64)
        worst = max(worst, float(np.max(np.abs(x - y)) / max(np.max(np.abs(y)), 0.01)))
    return worst


def ranked_gap(a, b):
    """The same for outputs [1, K, ..] that are sorted by score: rounding may swap rows of scores that
    are 1e-7 apart, so every row is compared with the nearest one. None for outputs of other shapes."""
    if len({y.shape[:2] for y in b}) != 1 or b[0].ndim < 2 or b[0].shape[0] != 1 or b[0].shape[1] > 1000:
        return None
    rows = [np.concatenate([y[0].reshape(y.shape[1], -1) / max(np.max(np.abs(y)), 0.01) for y in outputs], 1)
            for outputs in (a, b)]
    distance = np.abs(rows[0][:, None] - rows[1][None]).max(-1)
    return float(max(distance.min(0).max(), distance.min(1).max()))


def distance_of(a, b):
    plain = gap(a, b)
    ranked = ranked_gap(a, b) if plain > TOLERANCE and np.isfinite(plain) else None
    return plain if ranked is None else ranked


def check(o, model, removal, folder):
    plan, small, masked = (os.path.join(folder, n) for n in ("plan.json", "small.onnx", "masked.onnx"))
    with open(plan, "w") as f:
        json.dump({"version": 1, "groups": {g: {"remove": u} for g, u in removal.items() if u}}, f)
    common = [o.pollard, "prune", model, "--plan", plan, "-q", *size_of(o), "--out"]
    subprocess.run(common + [small], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(common + [masked, "--mask"], check=True, stdout=subprocess.DEVNULL)
    onnx.checker.check_model(onnx.load(small), full_check=True)
    return distance_of(run(small, o.imgsz), run(masked, o.imgsz))


def prove(o, model, folder):
    text = subprocess.run([o.pollard, "groups", model, "--json", "-q", *size_of(o)],
                          check=True, capture_output=True).stdout
    groups = json.loads(text)["groups"]
    worst, where, cases, failed = 0.0, "", 0, 0
    for title, removal in plans(groups, o, random.Random(o.seed)):
        try:
            distance = check(o, model, removal, folder)
        except Exception as fault:  # whatever a case dies of, the others are worth knowing
            print(f"{model}: {title}: {fault}", file=sys.stderr)
            distance = float("inf")
        cases += 1
        failed += not distance <= TOLERANCE
        if distance >= worst:
            worst, where = distance, title
    prunable = sum(g["prunable"] for g in groups)
    print(f"| {os.path.basename(model)} | {len(groups)} | {prunable} | {cases} | {failed} | {worst:.1e} "
          f"| {where} |", flush=True)
    return failed


def main():
    p = argparse.ArgumentParser()
    p.add_argument("pollard")
    p.add_argument("models", nargs="+")
    p.add_argument("--units", type=int, default=1)
    p.add_argument("--plans", type=int, default=5)
    p.add_argument("--ratios", type=lambda t: [float(x) for x in t.split(",")],
                   default=[i / 10 for i in range(1, 10)])
    p.add_argument("--imgsz", type=int, help="of height and width that the model leaves open")
    p.add_argument("--seed", type=int, default=0)
    o = p.parse_args()
    print("| model | groups | prunable | cases | failed | largest difference | at |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        return 1 if sum(prove(o, m, folder) for m in o.models) else 0


if __name__ == "__main__":
    sys.exit(main())
