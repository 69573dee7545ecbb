"""The sweep against the loop that people run today: every candidate through the whole network.

    python sweep_vs_naive.py POLLARD ANNOTATIONS FAMILY MODEL.onnx [--images N] [--rounds R] [--threads T]

Both sides measure the same masked candidates on the same pictures with the same number of threads.
The peer (ONNX Runtime + OpenCV NMS + pycocotools, one candidate after the other) gets its pictures
decoded and letterboxed for free, before the clock starts. pollard's time is the wall time of its
whole process: start, decoding, planning, baseline and report included. The sweep is cut into R
shards; after each one the peer does one candidate drawn from it, so both see the same machine.
Agreement of mAP is shown first; a speed without it would mean nothing.
"""
import argparse
import json
import os
import random
import statistics
import subprocess
import tempfile
import time

from ort_detector import Detector, Truth


def naive_candidate(path, family, threads, inputs, truth):
    """Seconds and AP of one candidate; loading the model counts, as it does in the loop."""
    start = time.perf_counter()
    detector = Detector(path, family, threads)
    found = [detector.detections(detector.forward(t), p) for t, p in inputs]
    forward = time.perf_counter()
    ap = truth.evaluate(truth.results(found))[0]
    return time.perf_counter() - start, forward - start, ap


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pollard")
    parser.add_argument("annotations")
    parser.add_argument("family")
    parser.add_argument("model")
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for the shards")
    o = parser.parse_args()
    rng = random.Random(o.seed)
    work = o.keep or tempfile.mkdtemp()
    truth = Truth(o.annotations, o.images)
    prepare = Detector(o.model, o.family, o.threads)
    inputs = [prepare.prepare(p) for p in truth.paths]

    ours, theirs, gaps, counts = [], [], [], []
    for r in range(1, o.rounds + 1):
        shard = os.path.join(work, f"shard{r}")
        start = time.perf_counter()
        subprocess.run([o.pollard, "sweep", o.model, "--data", o.annotations, "--out", shard, "-q",
                        "--threads", str(o.threads), "--max-images", str(o.images),
                        "--shard", f"{r}/{o.rounds}"], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        rows = [json.loads(line) for line in open(os.path.join(shard, "results.jsonl"))]
        rows = [row for row in rows if row["group"]]
        counts.append(len(rows))
        ours.append(seconds)
        row = rng.choice([row for row in rows if row["removed"]])
        plan, masked = os.path.join(work, "plan.json"), os.path.join(work, "masked.onnx")
        with open(plan, "w") as f:
            json.dump({"version": 1, "groups": {row["group"]: {"ratio": row["ratio"]}}}, f)
        subprocess.run([o.pollard, "prune", o.model, "--plan", plan, "--mask", "--out", masked, "-q"],
                       check=True, stdout=subprocess.DEVNULL)
        whole, forward, ap = naive_candidate(masked, o.family, o.threads, inputs, truth)
        theirs.append(whole)
        gaps.append(abs(ap - row["metrics"]["AP"]))
        print(f"shard {r}: {len(rows)} points in {seconds:.1f} s ({seconds / len(rows):.3f} s each); peer "
              f"{row['group']} at {row['ratio']:.1f}: {whole:.2f} s ({forward:.2f} s without "
              f"pycocotools), AP {ap:.4f} against {row['metrics']['AP']:.4f}", flush=True)

    # A shard's candidate stands for all points of the shard; the whole sweep is what counts.
    points, peer = sum(counts), sum(n * t for n, t in zip(counts, theirs))
    each = [n * t / s for n, t, s in zip(counts, theirs, ours)]
    print(f"\n{points} points, {o.images} pictures, {o.threads} threads")
    print(f"largest |AP difference| {max(gaps):.4f}")
    print(f"peer     {peer:.0f} s for all points, {peer / points:.2f} s a candidate "
          f"(min {min(theirs):.2f}, max {max(theirs):.2f}, n={len(theirs)})")
    print(f"pollard  {sum(ours):.0f} s, {sum(ours) / points:.3f} s a candidate")
    print(f"ratio    {peer / sum(ours):.1f} (shard by shard: "
          + ", ".join(f"{x:.1f}" for x in each) + ")")


if __name__ == "__main__":
    main()
