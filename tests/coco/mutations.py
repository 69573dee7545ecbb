"""Plants faults in the evaluator, one at a time, and sees whether the tests notice.

    python3 tests/coco/mutations.py --build build [--only WORD]

The sources are left alone: a changed copy is compiled and linked before the library of the build
folder. A fault that no test notices, or whose place is not found any more, is a failure. Takes a few
seconds a fault.
"""

import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
COCO, PROTOCOLS = ["test_coco"], ["test_coco_custom", "test_protocols", "test_analysis"]

# name, file, text, text in its place, test programs that may notice
FAULTS = [
    ("no epsilon in precision", "coco_accumulate.c", "SPACING 0x1p-52", "SPACING 0", COCO),
    ("naive IoU grid", "coco_gt.c", "0x1.cccccccccccccp-1", "0.9", COCO),
    ("naive recall grid", "coco_gt.c", "r * 0.01", "r / 100.0", COCO),
    ("unstable short sort", "coco_order.c", "keys[j - 1].order > key.order",
     "keys[j - 1].order >= key.order", COCO),
    ("unstable radix sort", "coco_order.c", "for (size_t i = 0; i < n; i++)\n        to[",
     "for (size_t i = n; i-- > 0;)\n        to[", COCO),
    ("scores rounded to 32 bits", "coco_order.c", "score += 0.0;", "score = (float)score + 0.0;", COCO),
    ("low bits of scores ignored", "coco_order.c", "if (bottom == low) return;", "return;", COCO),
    ("-0.0 below 0.0", "coco_order.c", "score += 0.0;", "", COCO),
    ("exclusive lower end of an area", "coco_impl.h", "!(area < pld_coco_area", "!(area <= pld_coco_area",
     COCO),
    ("exclusive upper end of an area", "coco_impl.h", "area > pld_coco_area", "area >= pld_coco_area",
     COCO),
    ("> for >= at a threshold", "coco_match.c", "(iou >= pld_coco_iou[n])", "(iou > pld_coco_iou[n])",
     COCO),
    ("next threshold not looked at", "coco_match.c", " + (iou >= pld_coco_iou[n + 1])", "", COCO),
    ("> for >= at 0.95", "coco_match.c",
     "if (iou >= pld_coco_iou[T - 1]) return COCO_LANES; /* an infinity too */",
     "if (iou > pld_coco_iou[T - 1]) return COCO_LANES;\n"
     "    if (iou == pld_coco_iou[T - 1]) return first[T - 1];", COCO),
    ("> for >= at 0.5", "coco_match.c", "if (iou < pld_coco_iou[0]) continue;",
     "if (iou <= pld_coco_iou[0]) continue;", COCO),
    ("earlier of equal overlaps", "coco_match.c", "out[at - 1].iou > iou", "out[at - 1].iou >= iou", COCO),
    ("ignored boxes first", "coco_match.c", "pass == 0 ? ~truths[g].ignored : truths[g].ignored",
     "pass == 1 ? ~truths[g].ignored : truths[g].ignored", COCO),
    ("a crowd taken once", "coco_match.c", "truth->crowd ? COCO_LANES : COCO_LANES & ~taken",
     "COCO_LANES & ~taken", COCO),
    ("crowd by union", "coco_match.c", "truth->crowd ? det->size :", "0 ? det->size :", COCO),
    ("box with id 0 as any other", "coco_match.c", "if (!truth->zero_id) out->hit", "out->hit", COCO),
    ("a pixel added", "coco_match.c", "double i = w * h, u", "double i = (w + 1) * (h + 1), u", COCO),
    ("101 detections", "coco_gt.c", "{1, 10, 100}", "{1, 10, 101}", COCO),
    ("11 detections", "coco_gt.c", "{1, 10, 100}", "{1, 11, 100}", COCO),
    ("recall need one too high", "coco_gt.c", "tp / n < recall", "tp / n <= recall", COCO),
    ("recall need by division", "coco_gt.c", "if (fabs(x - near) > 1e-6 && x < 1e8)", "if (near != x)", COCO),
    ("sums one by one", "coco_stats.c", "if (n < 8)", "if (n < 8000000)", COCO),
    ("sums in blocks of 64", "coco_stats.c", "if (n > 128)", "if (n > 64)", COCO),
    ("curves that may rise", "coco_accumulate.c", "if (n * best_total <= best * total) continue;", "", COCO),
    ("rules: > for >=", "match_cell.c", "overlap[best] >= rules->iou[t]", "overlap[best] > rules->iou[t]",
     PROTOCOLS),
    ("rules: >= for > (VOC)", "match_cell.c", "rules->above ? overlap[best] > rules->iou[t]",
     "rules->above ? overlap[best] >= rules->iou[t]", PROTOCOLS),
    ("rules: no clamp of threshold 1", "match_cell.c", "smaller(rules->iou[t], 1 - 1e-10)", "rules->iou[t]",
     PROTOCOLS),
    ("rules: later of equal best boxes", "match_cell.c", "overlap[g] > overlap[best]) best",
     "overlap[g] >= overlap[best]) best", PROTOCOLS),
    ("rules: no pixel added (VOC)", "match_cell.c", "larger(note->x, det->x) + 1.0", "larger(note->x, det->x)",
     PROTOCOLS),
    ("rules: a taken box is no false positive", "match_cell.c", "    else\n        item->miss |= bit;", "",
     PROTOCOLS),
    ("rules: overlaps in 64 bits (Ultralytics)", "match_cell.c", "kind == PLD_OVERLAP_FLOAT", "kind == 77",
     PROTOCOLS),
    ("11 points: recall above", "curve.c", "(double)curve->positives < p * 0.1", "(double)curve->positives <= p * 0.1",
     PROTOCOLS),
    ("area: no envelope", "curve.c", "if (precision > best) best = precision;\n        out[i] = best;",
     "out[i] = precision;", PROTOCOLS),
    ("ramp also in 8.4", "curve.c", "beyond && (cut || x >= 1)", "beyond && x >= 1", PROTOCOLS),
    ("resample: copies score by score", "curve.c", "items[last].image == items[i].image)", "0)", PROTOCOLS),
    ("resample: boxes counted once", "curve.c", "sum += weight[class->positives[i]];", "sum++;", PROTOCOLS),
    ("TIDE: Cls before Loc", "tide.c", "t->options.background <= same", "other < t->options.iou && t->options.background <= same",
     PROTOCOLS),
    ("TIDE: repair of the lowest score", "tide.c", "score < item->score", "score > item->score", PROTOCOLS),
    ("TIDE: crowds not ignored", "tide.c", "item->state = IGNORED", "(void)0", PROTOCOLS),
    ("confusion: least overlap first", "confusion.c", "x->iou > y->iou ? -1 : 1", "x->iou > y->iou ? 1 : -1",
     PROTOCOLS),
]


def commands(build, target):
    done = subprocess.run(["ninja", "-C", build, "-t", "commands", target], capture_output=True, text=True, check=True)
    return [shlex.split(line) for line in done.stdout.splitlines()]


def compile_command(build, target, source):
    for words in commands(build, target):
        if "-c" in words and words[words.index("-c") + 1].endswith("/" + source):
            return words
    raise SystemExit(f"{source} is not compiled for {target}")


def compile_copy(build, target, source, copy, include, out):
    """Compiles `copy` as the build compiles `source`, headers in `include` first."""
    words = compile_command(build, target, source)
    words = [w for w in words if w not in ("-MD",)]
    for flag in ("-MT", "-MF"):
        if flag in words:
            at = words.index(flag)
            del words[at:at + 2]
    words[words.index("-o") + 1] = str(out)
    words[words.index("-c") + 1] = str(copy)
    first = next(i for i, word in enumerate(words) if word.startswith("-"))
    words[first:first] = [f"-I{include}", "-w"]
    subprocess.run(words, cwd=build, check=True)


def link(build, test, objects, out):
    words = commands(build, f"tests/{test}")[-1]
    words = [w for w in words if w not in (":", "&&")]
    at = words.index("-o")
    words[at + 1] = str(out)
    words[at:at] = [str(o) for o in objects]
    subprocess.run(words, cwd=build, check=True)


def noticed(build, fault, folder):
    """Name of the first test program that fails with the fault, or None."""
    _, name, text, other, tests = fault
    source = ROOT / "eval" / "metrics" / name
    code = source.read_text()
    if text not in code:
        raise SystemExit(f"{fault[0]}: '{text}' is not in {name} any more")
    include = folder / "include" / "eval" / "metrics"
    include.mkdir(parents=True)
    copy = (include if name.endswith(".h") else folder) / name
    copy.write_text(code.replace(text, other))
    users = [name]
    if name.endswith(".h"):
        users = [p.name for p in source.parent.glob("*.c") if f'"eval/metrics/{name}"' in p.read_text()]
    objects = []
    for user in users:
        objects.append(folder / (user + ".o"))
        place = copy if user == name else source.parent / user
        compile_copy(build, f"tests/{tests[0]}", f"eval/metrics/{user}", place, folder / "include", objects[-1])
    for test in tests:
        link(build, test, objects, folder / test)
        try:
            done = subprocess.run([folder / test], cwd=folder, capture_output=True, timeout=120,
                                  env={"POLLARD_DATA": "/nonexistent", "PATH": "/usr/bin:/bin"})
        except subprocess.TimeoutExpired:
            return test
        if done.returncode:
            return test
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="a finished Ninja build (default: %(default)s)")
    parser.add_argument("--only", default="", metavar="WORD", help="faults whose name holds WORD")
    args = parser.parse_args()
    build, survived, tried = str(pathlib.Path(args.build).resolve()), 0, 0
    for fault in FAULTS:
        if args.only not in fault[0]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            test = noticed(build, fault, pathlib.Path(folder))
        tried += 1
        survived += test is None
        print(f"{'SURVIVED' if test is None else 'noticed by ' + test}: {fault[0]}", flush=True)
    print(f"{tried} faults, {survived} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
