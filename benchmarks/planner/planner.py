#!/usr/bin/env python3
"""Plans of equal cost against each other: pollard's planner, PaddleSlim's get_ratios_by_loss, uniform
and global ranking, from one sweep.

  planner.py POLLARD SWEEP_DIR DATA [--targets 0.9,0.8,..] [--max-images N] [--steps N]

Every method gets the sweep's own order of removal and hits the same MACs; the model is masked and
evaluated on the images of DATA. Differences are paired over images (jackknife): `behind` is how far
a plan is behind the best one. The planner's row is its first answer, not the best of its variants.
With --steps, a row is added for the planner that measures again on the way, on the first
--step-images images; it is evaluated on the same images as the others. Nothing is fine-tuned.
Prints a Markdown table.
"""
import argparse
import json
import os
import subprocess
import tempfile

METHODS = ["sweep", "loss", "uniform", "global"]


def call(args, *words):
    done = subprocess.run([args.pollard, *words], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(words)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def images(args):
    return ["--max-images", str(args.max_images)] if args.max_images else []


def one_sweep(args, folder, target):
    """All variants of the plan command, measured on the same images: {name: trial}."""
    result = call(args, "plan", args.sweep, "--target", f"macs={target}", "--method", "sweep",
                  "--trials", "7", "--out", os.path.join(folder, "plan.json"), "--data", args.data,
                  "--json", "-q", *images(args))
    return {trial["name"]: trial for trial in result["trials"]}


def in_steps(args, folder, target):
    """AP of the plan that measures again on the way, on all images."""
    out, masked = (os.path.join(folder, name) for name in ("steps.json", "masked.onnx"))
    call(args, "plan", args.sweep, "--target", f"macs={target}", "--method", "sweep", "--steps",
         str(args.steps), "--max-images", str(args.step_images), "--out", out, "--data", args.data,
         "--json", "-q")
    model = json.load(open(os.path.join(args.sweep, "manifest.json")))["model"]["path"]
    call(args, "prune", model, "--plan", out, "--mask", "--out", masked, "--json")
    return call(args, "eval", masked, "--data", args.data, "--json", "-q",
                *images(args))["metrics"]["AP"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pollard")
    parser.add_argument("sweep")
    parser.add_argument("data")
    parser.add_argument("--targets", default="0.9,0.8,0.7,0.6,0.5")
    parser.add_argument("--max-images", type=int, default=0)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--step-images", type=int, default=32)
    args = parser.parse_args()
    print("| MACs | plan | AP | behind the best, 95 % |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for target in args.targets.split(","):
            trials = one_sweep(args, folder, target)
            for name in METHODS:
                if name not in trials:
                    continue  # the same plan as another method's
                t = trials[name]
                low, high = t["behind_ci95"]
                print(f"| {target} | {name} | {t['map']:.4f} | {t['behind']:.4f} "
                      f"({low or 0:.4f} to {high or 0:.4f}) |", flush=True)
            if args.steps > 1:
                print(f"| {target} | sweep, {args.steps} steps | "
                      f"{in_steps(args, folder, target):.4f} | |", flush=True)


if __name__ == "__main__":
    main()
