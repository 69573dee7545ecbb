"""The sweep against the loop that people run today: every candidate through the whole network.

    python sweep_vs_naive.py POLLARD ANNOTATIONS FAMILY MODEL.onnx [--images N] [--rounds R] [--threads T]

Both sides measure the same masked candidates on the same pictures with the same number of threads.
The peer (ONNX Runtime + OpenCV NMS + pycocotools, one candidate after the other) gets its pictures
decoded and letterboxed for free, before the clock starts. pollard's time is the wall time of its
whole process: start, decoding, planning, baseline and report included. The sweep is cut into R
shards; after each one the peer does candidates drawn from it, in proportion to the shard's points, so
both see the same machine.
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
    ap = truth.evaluate(truth.results(found))[0]
    return time.perf_counter() - start, ap


def points_of(options, rows):
    """Points of the whole sweep: groups times ratios, from the program itself."""
    out = subprocess.run([options.pollard, "groups", options.model, "--json", "-q"], check=True,
                         capture_output=True)
    ratios = {row["ratio"] for row in rows}
    return sum(g["prunable"] for g in json.loads(out.stdout)["groups"]) * len(ratios)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pollard")
    parser.add_argument("annotations")
    parser.add_argument("family")
    parser.add_argument("model")
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--samples", type=int, default=24, help="candidates for the peer in all")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for the shards")
    o = parser.parse_args()
    rng = random.Random(o.seed)
    work = o.keep or tempfile.mkdtemp()
    truth = Truth(o.annotations, o.images)
    prepare = Detector(o.model, o.family, o.threads)
    inputs = [prepare.prepare(p) for p in truth.paths]

    ours, theirs, gaps, counts, spread = [], [], [], [], []
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
        total = points_of(o, rows)
        sample = rng.sample([row for row in rows if row["removed"]],
                            max(1, round(o.samples * len(rows) / total)))
        times = []
        for row in sample:
            plan, masked = os.path.join(work, "plan.json"), os.path.join(work, "masked.onnx")
            with open(plan, "w") as f:
                json.dump({"version": 1, "groups": {row["group"]: {"ratio": row["ratio"]}}}, f)
            subprocess.run([o.pollard, "prune", o.model, "--plan", plan, "--mask", "--out", masked,
                            "-q"], check=True, stdout=subprocess.DEVNULL)
            whole, ap = naive_candidate(masked, o.family, o.threads, inputs, truth)
            times.append(whole)
            gaps.append(abs(ap - row["metrics"]["AP"]))
        theirs.append(statistics.mean(times))
        spread += times
        print(f"shard {r}: {len(rows)} points in {seconds:.1f} s ({seconds / len(rows):.3f} s each); "
              f"peer {theirs[-1]:.2f} s each (n={len(times)})", flush=True)

    # A shard's candidates stand for all points of the shard; the whole sweep is what counts.
    points, peer = sum(counts), sum(n * t for n, t in zip(counts, theirs))
    each = [n * t / s for n, t, s in zip(counts, theirs, ours)]
    print(f"\n{points} points, {o.images} pictures, {o.threads} threads")
    print(f"largest |AP difference| {max(gaps):.4f}")
    print(f"peer     {peer:.0f} s for all points, {peer / points:.2f} s a candidate "
          f"(min {min(spread):.2f}, median {statistics.median(spread):.2f}, max {max(spread):.2f}, "
          f"n={len(spread)})")
    print(f"pollard  {sum(ours):.0f} s, {sum(ours) / points:.3f} s a candidate")
    print(f"ratio    {peer / sum(ours):.1f} (shard by shard: "
          + ", ".join(f"{x:.1f}" for x in each) + ")")


if __name__ == "__main__":
    main()
