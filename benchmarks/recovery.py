"""How much accuracy recovery without training brings back: models x plans x budgets x rungs.

    python recovery.py POLLARD MODEL.onnx ... --calibrate IMAGES --data annotations.json --out DIR
                       [--budgets 0.9,0.8,0.7,0.6] [--plans l1-uniform,...,obs] [--rungs none,affine,ls,sequential]
                       [--blocks 16] [--max-images N] [--threads N] [--ort]

Plans are made by `pollard plan`, models by `pollard prune`, both judged by `pollard eval`. The interval of
a drop is a paired jackknife over blocks of images: the same images are left out of both sides. With --ort
every pruned model also runs in ONNX Runtime on a random picture, and its outputs have to be those of
`pollard run` within 1e-3 of their largest. What is in DIR already is not measured again. Prints one
table; DIR/results.json holds all of it.
"""
import argparse
import json
import os
import subprocess
import sys
import time

PLANS = {  # name: options of `pollard plan`
    "l1-uniform": ["--method", "uniform", "--criterion", "l1"],
    "l1-global": ["--method", "global", "--criterion", "l1"],
    "fpgm": ["--method", "uniform", "--criterion", "fpgm"],
    "random": ["--method", "uniform", "--criterion", "random"],
    "by-loss": ["--method", "loss", "--criterion", "l1", "--trials", "1"],  # get_ratios_by_loss; needs --data
    "obs": ["--criterion", "obs"],
}


class Bench:
    def __init__(self, o):
        self.o = o
        self.results_path = os.path.join(o.out, "results.json")
        self.results = json.load(open(self.results_path)) if os.path.exists(self.results_path) else {}
        self.gt = json.load(open(o.data))
        ids = sorted(i["id"] for i in self.gt["images"])
        self.ids = ids[:o.max_images] if o.max_images else ids

    def pollard(self, *args):
        """The parsed JSON of a command, and its seconds."""
        common = ["--json", "-q"] + (["--threads", str(self.o.threads)] if self.o.threads else [])
        start = time.time()
        done = subprocess.run([self.o.pollard, *args, *common], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(" ".join(args) + ": " + done.stderr.strip() + done.stdout.strip())
        return json.loads(done.stdout), time.time() - start

    def keep(self, key, make):
        """A result that was stored, or a new one, stored at once."""
        if key not in self.results:
            self.results[key] = make()
            with open(self.results_path + ".new", "w") as f:
                json.dump(self.results, f, indent=1)
            os.replace(self.results_path + ".new", self.results_path)
        return self.results[key]

    # ---- accuracy ----

    def images(self):
        return ["--max-images", str(self.o.max_images)] if self.o.max_images else []

    def blocks(self):
        """Annotation files, each without one block of images."""
        paths = []
        for b in range(self.o.blocks):
            left = {i for k, i in enumerate(self.ids) if k * self.o.blocks // len(self.ids) != b}
            path = os.path.join(self.o.out, f"gt-{b}.json")
            if not os.path.exists(path):
                part = dict(self.gt, images=[i for i in self.gt["images"] if i["id"] in left],
                            annotations=[a for a in self.gt["annotations"] if a["image_id"] in left])
                json.dump(part, open(path, "w"))
            paths.append((path, left))
        return paths

    def ap_without_blocks(self, found):
        scratch, values = os.path.join(self.o.out, "scratch.json"), []
        for path, left in self.blocks():
            json.dump([d for d in found if d["image_id"] in left], open(scratch, "w"))
            values.append(self.pollard("eval", "--detections", scratch, "--data", path)[0]["metrics"]["AP"])
        return values

    def accuracy(self, model):
        found = os.path.join(self.o.out, "found.json")
        result, seconds = self.pollard("eval", model, "--data", self.o.data, "--save-detections", found,
                                       *self.images())
        return {"metrics": result["metrics"], "jackknife": self.ap_without_blocks(json.load(open(found))),
                "seconds": seconds}

    # ---- plans and models ----

    def plans(self, model, name, stem):
        """{budget: (plan.json, seconds)}; obs makes all of them in one run."""
        args = ["plan", model, *PLANS[name], "--calibrate", self.o.calibrate]
        paths = {b: f"{stem}-{b:g}.json" for b in self.o.budgets}

        def make_obs():
            targets = [w for b in self.o.budgets for w in ("--target", f"macs={b:g}")]
            out = stem + ".json" if len(self.o.budgets) > 1 else paths[self.o.budgets[0]]
            return self.pollard(*args, *targets, "--out", out)[1]

        def make_one(budget):
            data = ["--data", self.o.data, *self.images()] if name == "by-loss" else []
            return self.pollard(*args, *data, "--target", f"macs={budget:g}", "--out", paths[budget])[1]

        for b in self.o.budgets:
            key = f"{stem} {'all' if name == 'obs' else format(b, 'g')} plan"
            seconds = self.keep(key, make_obs if name == "obs" else lambda b=b: make_one(b))
            yield b, paths[b], seconds

    def prune(self, model, plan, rung, out):
        refit = [] if rung == "none" else ["--calibrate", self.o.calibrate, "--compensate", rung]
        result, seconds = self.pollard("prune", model, "--plan", plan, "--out", out, *refit)
        result["seconds"] = seconds
        if self.o.ort:
            result["ort"] = self.difference_to_ort(out)
        return result

    def difference_to_ort(self, path):
        """Largest difference to ONNX Runtime, as a part of the largest output."""
        import numpy as np
        import onnxruntime
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        shape = [d if isinstance(d, int) else 1 for d in session.get_inputs()[0].shape]
        picture, folder = os.path.join(self.o.out, "x.npy"), os.path.join(self.o.out, "y")
        np.save(picture, np.random.default_rng(1).random(shape, np.float32))
        self.pollard("run", path, "--input", picture, "--output", folder)
        worst = 0.0
        wanted = session.run(None, {session.get_inputs()[0].name: np.load(picture)})
        for node, want in zip(session.get_outputs(), wanted):
            name = "".join(c if c.isalnum() or c in "._-" else "_" for c in node.name)
            got = np.load(os.path.join(folder, name + ".npy"))
            worst = max(worst, float(np.abs(got - want).max() / max(np.abs(want).max(), 1e-9)))
        if worst > 1e-3:
            raise RuntimeError(f"{path}: differs from ONNX Runtime by {worst:g}")
        return worst

    # ---- the table ----

    def drop(self, base, now):
        """Paired drop of AP and half its 95 % interval."""
        parts = [b - n for b, n in zip(base["jackknife"], now["jackknife"])]
        mean = sum(parts) / len(parts)
        variance = (len(parts) - 1) / len(parts) * sum((p - mean) ** 2 for p in parts)
        return base["metrics"]["AP"] - now["metrics"]["AP"], 1.96 * variance ** 0.5

    def row(self, model, name, budget, rung, plan, plan_seconds, base):
        out = f"{plan[:-5]}-{rung}.onnx"
        made = self.keep(f"{out} prune", lambda: self.prune(model, plan, rung, out))
        now = self.keep(f"{out} eval", lambda: self.accuracy(out))
        drop, half = self.drop(base, now)
        m = now["metrics"]
        print(f"{os.path.basename(model):36s} {name:11s} {budget:5.2f} {made['macs'] / made['macs_before']:6.3f} "
              f"{rung:10s} {m['AP']:6.4f} {drop:7.4f} +-{half:.4f} {m['APs']:6.3f} {m['APm']:6.3f} {m['APl']:6.3f} "
              f"{plan_seconds:7.1f} {made['seconds']:7.1f}", flush=True)

    def run(self):
        print(f"{'model':36s} {'plan':11s} {'want':>5s} {'MACs':>6s} {'rung':10s} {'AP':>6s} {'drop':>7s} 95 %    "
              f"{'small':>6s} {'medium':>6s} {'large':>6s} {'plan s':>7s} {'prune s':>7s}")
        for model in self.o.models:
            base = self.keep(f"{model} eval", lambda: self.accuracy(model))
            print(f"{os.path.basename(model):36s} {'-':11s} {1:5.2f} {1:6.3f} {'-':10s} {base['metrics']['AP']:6.4f}",
                  flush=True)
            for name in self.o.plans:
                stem = os.path.join(self.o.out, f"{os.path.basename(model)[:-5]}-{name}")
                for budget, plan, seconds in self.plans(model, name, stem):
                    for rung in self.o.rungs:
                        self.row(model, name, budget, rung, plan, seconds, base)


def words(text):
    return text.split(",")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("pollard")
    p.add_argument("models", nargs="+")
    p.add_argument("--calibrate", required=True)
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--budgets", type=lambda t: sorted(map(float, t.split(",")), reverse=True),
                   default=[0.9, 0.8, 0.7, 0.6])
    p.add_argument("--plans", type=words, default=list(PLANS))
    p.add_argument("--rungs", type=words, default=["none", "affine", "ls", "sequential"])
    p.add_argument("--blocks", type=int, default=16)
    p.add_argument("--max-images", type=int, default=0)
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--ort", action="store_true")
    o = p.parse_args()
    unknown = [n for n in o.plans if n not in PLANS]
    if unknown:
        sys.exit(f"no such plan: {', '.join(unknown)}; there are {', '.join(PLANS)}")
    os.makedirs(o.out, exist_ok=True)
    Bench(o).run()


if __name__ == "__main__":
    main()
