"""Random cases through `pollard eval` and through pycocotools: all numbers must be equal, bit for bit.

    python3 tests/coco/random_vs_pycocotools.py --pollard build/pollard --cases 10000

Needs pycocotools and numpy. A case takes about 30 ms, most of it in pycocotools. A case that differs
is named by its seed and kept with --keep. With --params, thresholds, area ranges, limits and classes are
those of make_custom_expected.py in turn.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")

from cases import case
from make_custom_expected import PARAMS, change
from reference import Reference

NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
REFUSED = 5  # exit code of pollard for unusable data


def same(a, b):
    """Equal as doubles, bit for bit; null stands for -1."""
    return struct.pack("<d", -1.0 if a is None else a) == struct.pack("<d", b)


def flags(row):
    """Options of pollard for params."""
    iou, areas, limits, agnostic = row
    return (["--iou-thrs", ",".join(map(repr, iou)), "--max-dets", ",".join(map(str, limits)),
             "--area-ranges", ",".join(f"{label}={low}:{high}" for label, low, high in areas)] +
            ["--class-agnostic"] * agnostic)


def run(pollard, truth, found, folder, options=()):
    gt, dt = folder / "gt.json", folder / "dt.json"
    gt.write_text(json.dumps(truth))
    dt.write_text(json.dumps(found))
    command = [pollard, "eval", "--detections", str(dt), "--data", str(gt), "--json", *options]
    return subprocess.run(command, capture_output=True, text=True)


def compare(done, truth, found, row=None):
    """What is wrong with a finished run, as a list of lines."""
    if done.returncode != 0:
        return [f"exit code {done.returncode}: {done.stderr.strip()}"]
    result, ref = json.loads(done.stdout), Reference(truth, found, row and change(row))
    wrong = [f"{name} is {result['metrics'][name]!r}, not {want!r}"
             for name, want in zip(NAMES, ref.stats) if not same(result["metrics"][name], want)]
    if row:
        return wrong
    classes = result.get("per_class", [])
    if len(classes) != len(truth["categories"]):
        wrong.append(f"{len(classes)} classes, not {len(truth['categories'])}")
    for k, entry in enumerate(classes):
        want = ref.class_ap(k)
        if not same(entry["AP"], want[0]) or not same(entry["AP50"], want[1]):
            wrong.append(f"class {k}: {entry['AP']!r}, {entry['AP50']!r}, not {want}")
    return wrong


def check(job):
    """(seed, lines) of one case; no lines where all is well."""
    seed, pollard, keep, params = job
    truth, found = case(seed)
    row = PARAMS[seed % len(PARAMS)] if params else None
    ids = [note["id"] for note in truth["annotations"]]
    with tempfile.TemporaryDirectory() as folder:
        done = run(pollard, truth, found, pathlib.Path(folder), flags(row) if row else ())
    if len(set(ids)) < len(ids):  # the reader of annotations does not take repeated ids
        wrong = [] if done.returncode == REFUSED else [f"exit code {done.returncode}, not {REFUSED}"]
    else:
        wrong = compare(done, truth, found, row)
    if wrong and keep:
        folder = pathlib.Path(keep) / str(seed)
        folder.mkdir(parents=True, exist_ok=True)
        run(pollard, truth, found, folder)
    return seed, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pollard", default="build/pollard", help="the program (default: %(default)s)")
    parser.add_argument("--cases", type=int, default=1000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="first seed (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--keep", metavar="DIR", help="write cases that differ to DIR/SEED")
    parser.add_argument("--params", action="store_true", help="with params other than COCO's")
    args = parser.parse_args()
    jobs = ((seed, args.pollard, args.keep, args.params) for seed in range(args.first, args.first + args.cases))
    differ = 0
    with multiprocessing.Pool(args.jobs) as pool:
        for seed, wrong in pool.imap_unordered(check, jobs, chunksize=16):
            differ += bool(wrong)
            for line in wrong[:3] if differ <= 10 else []:
                print(f"case {seed}: {line}")
    print(f"{args.cases} cases, {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
