"""mAP of a results file: pollard against the evaluators of PyPI, interleaved in one run.

    python map_eval.py POLLARD FOLDER [--rounds N] [--threads N] [--slow-rounds N]

FOLDER is what val2017_shape.py wrote. Every evaluation is a process of its own. A peer's clock runs from
after its imports to its twelve numbers; pollard's is the wall time of the whole process. The slow peers
(pycocotools, faster-coco-eval) take part in the first --slow-rounds rounds only.
"""
import argparse
import contextlib
import importlib.metadata
import io
import json
import os
import statistics
import subprocess
import sys
import time

PEERS = {
    "pycocotools": ("pycocotools", "pycocotools.coco COCO", "pycocotools.cocoeval COCOeval"),
    "faster-coco-eval": ("faster-coco-eval", "faster_coco_eval COCO", "faster_coco_eval COCOeval_faster"),
    "hotcoco": ("hotcoco", "hotcoco COCO", "hotcoco COCOeval"),
    "ultrafast-pycocotools": ("ultrafast-pycocotools", "ultrafast_pycocotools COCO", "ultrafast_pycocotools COCOeval"),
}
SLOW = ("pycocotools", "faster-coco-eval")
NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]


def take(spec):
    module, name = spec.split()
    return getattr(__import__(module, fromlist=[name]), name)


def run_peer(peer, gt, dt):
    """In a process of its own: prints one JSON line."""
    coco, evaluator = take(PEERS[peer][1]), take(PEERS[peer][2])
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.perf_counter()
        truth = coco(gt)
        found = truth.loadRes(dt)
        loaded = time.perf_counter()
        e = evaluator(truth, found, "bbox")
        e.evaluate()
        e.accumulate()
        e.summarize()
        end = time.perf_counter()
    print(json.dumps({"total": end - start, "eval": end - loaded, "stats": [float(s) for s in e.stats[:12]]}))


def measure(command, env):
    """Output, wall seconds and peak memory in MiB of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit(f"{command[0]} failed")
    return json.loads(out), time.perf_counter() - start, usage.ru_maxrss / 1024


def one(tool, args, env):
    gt, dt = (os.path.join(args.folder, name) for name in ("gt.json", "dt.json"))
    if tool in PEERS:
        row, _, row_memory = measure([sys.executable, __file__, "--peer", tool, gt, dt], env)
        row["memory"] = row_memory
        return row
    if tool == "pollard, .pldt":
        dt = os.path.join(args.folder, "dt.pldt")
    out, wall, memory = measure([args.pollard, "eval", "--detections", dt, "--data", gt, "--json", "-q",
                                 "--threads", str(args.threads)], env)
    return {"total": wall, "eval": out["seconds"]["metrics"], "memory": memory,
            "stats": [out["metrics"][n] for n in NAMES]}


def print_agreement(rows):
    reference = rows["pycocotools"][0]["stats"]
    print("Largest difference of the 12 numbers from pycocotools:")
    for tool, runs in rows.items():
        worst = max(abs(a - b) for run in runs for a, b in zip(run["stats"], reference))
        print(f"  {tool:24s} {worst:.3g}{'  (equal in every bit)' if worst == 0 else ''}")
    print("  " + " ".join(f"{n} {v:.4f}" for n, v in zip(NAMES, reference)) + "\n")


def print_table(rows):
    def middle(tool, key):
        return statistics.median(run[key] for run in rows[tool])

    print("| evaluator | with loading, s (least to most, n) | of that evaluation, s | peak, MiB | with loading, x pollard | evaluation, x pollard |")
    print("|---|---|---|---|---|---|")
    for tool, runs in rows.items():
        totals = [run["total"] for run in runs]
        version = " " + importlib.metadata.version(PEERS[tool][0]) if tool in PEERS else ""
        print(f"| {tool}{version} | {middle(tool, 'total'):.3f} ({min(totals):.3f} to {max(totals):.3f}, n = {len(totals)}) "
              f"| {middle(tool, 'eval'):.3f} | {max(run['memory'] for run in runs):.0f} "
              f"| {middle(tool, 'total') / middle('pollard', 'total'):.1f} "
              f"| {middle(tool, 'eval') / middle('pollard', 'eval'):.1f} |")


def main():
    if sys.argv[1] == "--peer":
        return run_peer(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pollard")
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--slow-rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    env = dict(os.environ, RAYON_NUM_THREADS=str(args.threads), OMP_NUM_THREADS=str(args.threads))
    tools = list(PEERS) + ["pollard"]
    if os.path.exists(os.path.join(args.folder, "dt.pldt")):
        tools.append("pollard, .pldt")
    rows = {tool: [] for tool in tools}
    for turn in range(args.rounds):
        for tool in tools:
            if tool not in SLOW or turn < args.slow_rounds:
                rows[tool].append(one(tool, args, env))
    print_agreement(rows)
    print_table(rows)


if __name__ == "__main__":
    main()
