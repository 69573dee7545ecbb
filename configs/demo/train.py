#!/usr/bin/env python3
"""Trains the demo's detector (panels.onnx) from pictures that pollard draws itself.

    python3 configs/demo/train.py --pollard build/pollard --work WORKDIR --out panels.onnx

Needs PyTorch (1.13 is enough), NumPy, Pillow and onnx; --evaluate also onnxruntime and pycocotools.
The network is written from the papers: CSPNet blocks with a split (Wang et al. 2020), SPP pooling
(He et al. 2015), FPN and PAN (Lin et al. 2017, Liu et al. 2018), box distances as distributions
(Generalized Focal Loss, Li et al. 2020), task-aligned assignment (TOOD, Feng et al. 2021) and the
CIoU loss (Zheng et al. 2020). The exported file has the layout that YOLOv8 exports have: input
`images` [1,3,256,256], output `output0` [1,4+classes,1344] with cx, cy, w, h in input pixels and class
scores; batch normalisation is folded into the convolutions.
"""
import argparse
import inspect
import json
import math
import os
import subprocess
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import panels_data as data

BINS = 16
STRIDES = (8, 16, 32)
WIDTHS = (16, 24, 48, 64, 80)


# ---- network ---------------------------------------------------------------------------------------

class ConvUnit(nn.Module):
    """Convolution, batch norm, SiLU. fold() moves the batch norm into the convolution."""

    def __init__(self, cin, cout, kernel=1, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(cout, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU()

    def forward(self, x):
        x = self.conv(x)
        if self.norm is not None:
            x = self.norm(x)
        return self.act(x)

    def fold(self):
        norm, old = self.norm, self.conv
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        conv = nn.Conv2d(old.in_channels, old.out_channels, old.kernel_size, old.stride, old.padding)
        conv.weight.data = old.weight.data * gain.data.view(-1, 1, 1, 1)
        conv.bias.data = norm.bias.data - norm.running_mean * gain.data
        self.conv, self.norm = conv, None


class Residual(nn.Module):
    """Two 3x3 convolutions, with a shortcut in the backbone."""

    def __init__(self, channels, shortcut):
        super().__init__()
        self.cv1 = ConvUnit(channels, channels, 3)
        self.cv2 = ConvUnit(channels, channels, 3)
        self.shortcut = shortcut

    def forward(self, x):
        y = self.cv2(self.cv1(x))
        return x + y if self.shortcut else y


class SplitStage(nn.Module):
    """Cross-stage block: split in two, deepen one half step by step, join every step."""

    def __init__(self, cin, cout, depth=1, shortcut=True):
        super().__init__()
        self.half = cout // 2
        self.cv1 = ConvUnit(cin, 2 * self.half)
        self.blocks = nn.ModuleList(Residual(self.half, shortcut) for _ in range(depth))
        self.cv2 = ConvUnit((2 + depth) * self.half, cout)

    def forward(self, x):
        parts = list(torch.split(self.cv1(x), [self.half, self.half], dim=1))
        for block in self.blocks:
            parts.append(block(parts[-1]))
        return self.cv2(torch.cat(parts, dim=1))


class PoolPyramid(nn.Module):
    """Three 5x5 max poolings in a row, all of them joined."""

    def __init__(self, channels):
        super().__init__()
        self.cv1 = ConvUnit(channels, channels // 2)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.cv2 = ConvUnit(2 * channels, channels)

    def forward(self, x):
        parts = [self.cv1(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.cv2(torch.cat(parts, dim=1))


class Backbone(nn.Module):
    def __init__(self, widths):
        super().__init__()
        c1, c2, c3, c4, c5 = widths
        self.stem = ConvUnit(3, c1, 3, 2)
        self.down2 = ConvUnit(c1, c2, 3, 2)
        self.stage2 = SplitStage(c2, c2, 1)
        self.down3 = ConvUnit(c2, c3, 3, 2)
        self.stage3 = SplitStage(c3, c3, 2)
        self.down4 = ConvUnit(c3, c4, 3, 2)
        self.stage4 = SplitStage(c4, c4, 2)
        self.down5 = ConvUnit(c4, c5, 3, 2)
        self.stage5 = SplitStage(c5, c5, 1)
        self.pool = PoolPyramid(c5)

    def forward(self, x):
        p3 = self.stage3(self.down3(self.stage2(self.down2(self.stem(x)))))
        p4 = self.stage4(self.down4(p3))
        return p3, p4, self.pool(self.stage5(self.down5(p4)))


class Neck(nn.Module):
    def __init__(self, widths):
        super().__init__()
        c3, c4, c5 = widths[2:]
        self.upsample = nn.Upsample(scale_factor=2.0, mode="nearest")
        self.top4 = SplitStage(c5 + c4, c4, 1, False)
        self.top3 = SplitStage(c4 + c3, c3, 1, False)
        self.down3 = ConvUnit(c3, c3, 3, 2)
        self.out4 = SplitStage(c3 + c4, c4, 1, False)
        self.down4 = ConvUnit(c4, c4, 3, 2)
        self.out5 = SplitStage(c4 + c5, c5, 1, False)

    def forward(self, p3, p4, p5):
        t4 = self.top4(torch.cat([self.upsample(p5), p4], dim=1))
        n3 = self.top3(torch.cat([self.upsample(t4), p3], dim=1))
        n4 = self.out4(torch.cat([self.down3(n3), t4], dim=1))
        n5 = self.out5(torch.cat([self.down4(n4), p5], dim=1))
        return n3, n4, n5


class Head(nn.Module):
    """Separate branches for boxes (4 x BINS logits) and classes, at each scale."""

    def __init__(self, widths, classes, box_width=32, cls_width=24):
        super().__init__()
        self.classes = classes

        def branch(width, hidden, out):
            return nn.Sequential(ConvUnit(width, hidden, 3), ConvUnit(hidden, hidden, 3),
                                 nn.Conv2d(hidden, out, 1))
        self.box = nn.ModuleList(branch(w, box_width, 4 * BINS) for w in widths)
        self.cls = nn.ModuleList(branch(w, cls_width, classes) for w in widths)
        for box, cls in zip(self.box, self.cls):
            nn.init.constant_(box[2].bias, 1.0)
            nn.init.constant_(cls[2].bias, math.log(0.01 / 0.99))

    def forward(self, features):
        joined = [torch.cat([box(x), cls(x)], dim=1)
                  for box, cls, x in zip(self.box, self.cls, features)]
        flat = torch.cat([x.reshape(x.shape[0], 4 * BINS + self.classes, -1) for x in joined], dim=2)
        return torch.split(flat, [4 * BINS, self.classes], dim=1)


class Detector(nn.Module):
    """forward() gives box logits [B, 4 BINS, A] and class logits [B, classes, A]."""

    def __init__(self, classes, size):
        super().__init__()
        self.backbone, self.neck = Backbone(WIDTHS), Neck(WIDTHS)
        self.head = Head(WIDTHS[2:], classes)
        points, strides = [], []
        for stride in STRIDES:
            n = size // stride
            y, x = torch.meshgrid(torch.arange(n) + 0.5, torch.arange(n) + 0.5, indexing="ij")
            points.append(torch.stack([x.reshape(-1), y.reshape(-1)]))
            strides.append(torch.full((1, n * n), float(stride)))
        self.register_buffer("points", torch.cat(points, dim=1), persistent=False)    # cells
        self.register_buffer("strides", torch.cat(strides, dim=1), persistent=False)  # pixels a cell

    def forward(self, x):
        return self.head(self.neck(*self.backbone(x)))


class Decode(nn.Module):
    """Box logits to cx, cy, w, h in pixels: the mean of each side's distribution, from its anchor."""

    def __init__(self, points, strides):
        super().__init__()
        self.dfl = nn.Conv2d(BINS, 1, 1, bias=False)
        self.dfl.weight.data = torch.arange(BINS, dtype=torch.float32).view(1, BINS, 1, 1)
        self.register_buffer("points", points[None])
        self.register_buffer("strides", strides[None])

    def forward(self, logits):
        anchors = self.points.shape[2]
        bins = logits.reshape(1, 4, BINS, anchors).transpose(1, 2)
        sides = self.dfl(torch.softmax(bins, dim=1)).reshape(1, 4, anchors)
        left_top, right_bottom = torch.split(sides, [2, 2], dim=1)
        first, second = self.points - left_top, self.points + right_bottom
        return torch.cat([(first + second) / 2, second - first], dim=1) * self.strides


class Deployed(nn.Module):
    """The detector as it is exported: decoded boxes and scores in one tensor."""

    def __init__(self, detector):
        super().__init__()
        self.backbone, self.neck, self.head = detector.backbone, detector.neck, detector.head
        self.decode = Decode(detector.points, detector.strides)

    def forward(self, images):
        logits, classes = self.head(self.neck(*self.backbone(images)))
        return torch.cat([self.decode(logits), torch.sigmoid(classes)], dim=1)


# ---- loss ------------------------------------------------------------------------------------------

def iou(a, b, complete=False):
    """IoU of boxes x1 y1 x2 y2 (last axis, broadcast); with `complete` the CIoU."""
    wh_a, wh_b = a[..., 2:] - a[..., :2], b[..., 2:] - b[..., :2]
    overlap = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(0)
    inter = overlap[..., 0] * overlap[..., 1]
    union = wh_a[..., 0] * wh_a[..., 1] + wh_b[..., 0] * wh_b[..., 1] - inter
    value = inter / (union + 1e-7)
    if not complete:
        return value
    hull = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    diagonal = (hull ** 2).sum(-1) + 1e-7
    centre = ((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) ** 2).sum(-1) / 4
    angle = (torch.atan(wh_b[..., 0] / (wh_b[..., 1] + 1e-7)) -
             torch.atan(wh_a[..., 0] / (wh_a[..., 1] + 1e-7)))
    shape = (4 / math.pi ** 2) * angle ** 2
    with torch.no_grad():
        weight = shape / (1 - value + shape + 1e-7)
    return value - centre / diagonal - weight * shape


@torch.no_grad()
def assign(scores, boxes, points, truth, labels, valid, topk=10, alpha=0.5, beta=6.0):
    """Task-aligned assignment. scores [B,A,K], boxes [B,A,4] px, truth [B,M,4] px, labels [B,M],
    valid [B,M]. Returns for each anchor: positive [B,A], index of its object [B,A], score [B,A]."""
    # An anchor is a candidate inside the object; a thin object is widened to the finest cell.
    centre, half = (truth[..., :2] + truth[..., 2:]) / 2, (truth[..., 2:] - truth[..., :2]) / 2
    half = half.clamp(min=STRIDES[0] * 0.51)
    inside = ((points[None, None] - centre[:, :, None]).abs() < half[:, :, None]).all(-1)
    inside &= valid[..., None]
    count, anchors = inside.shape[1:]
    wanted = labels[..., None].expand(-1, -1, anchors)
    score = scores.transpose(1, 2).gather(1, wanted)
    overlap = iou(truth[:, :, None], boxes[:, None]).clamp(0) * inside
    aligned = score ** alpha * overlap ** beta * inside
    best = aligned.topk(topk, dim=2)
    chosen = torch.zeros_like(aligned).scatter_(2, best.indices, 1.0).bool()
    chosen &= inside & (aligned >= best.values[..., -1:])
    # An anchor chosen by several objects goes to the one it overlaps most.
    shared = torch.where(chosen, overlap, overlap.new_tensor(-1.0))
    value, owner = shared.max(1)
    positive = value >= 0
    keep = F.one_hot(owner, count).transpose(1, 2).bool() & chosen & positive[:, None]
    aligned = aligned * keep
    peak = aligned.amax(2, keepdim=True)
    quality = (overlap * keep).amax(2, keepdim=True)
    target = (aligned / (peak + 1e-9) * quality).amax(1)
    return positive, owner, target


class Loss:
    def __init__(self, detector, box=7.5, cls=0.5, dfl=1.5):
        self.weights = (box, cls, dfl)
        self.cells = detector.points.t().contiguous()       # [A, 2]
        self.strides = detector.strides.t().contiguous()    # [A, 1]
        self.bins = torch.arange(BINS, dtype=torch.float32)

    def __call__(self, logits, classes, truth, labels, valid):
        batch, _, anchors = logits.shape
        logits = logits.reshape(batch, 4, BINS, anchors).permute(0, 3, 1, 2)    # [B, A, 4, BINS]
        classes = classes.transpose(1, 2)                                       # [B, A, K]
        sides = logits.softmax(-1) @ self.bins
        boxes = torch.cat([self.cells - sides[..., :2], self.cells + sides[..., 2:]], -1)
        positive, owner, target = assign(classes.detach().sigmoid(), boxes.detach() * self.strides,
                                         self.cells * self.strides, truth, labels, valid)
        want = torch.zeros_like(classes)
        label = labels.gather(1, owner)
        want.scatter_(2, label[..., None], (target * positive)[..., None])
        total = target[positive].sum().clamp(min=1.0)
        loss_cls = F.binary_cross_entropy_with_logits(classes, want, reduction="sum") / total
        if positive.any():
            goal = truth.gather(1, owner[..., None].expand(-1, -1, 4)) / self.strides
            cells = self.cells.expand(batch, -1, -1)[positive]
            goal, weight = goal[positive], target[positive]
            loss_box = ((1 - iou(boxes[positive], goal, complete=True)) * weight).sum() / total
            reach = torch.cat([cells - goal[:, :2], goal[:, 2:] - cells], -1).clamp(0, BINS - 1.01)
            low = reach.floor().long()
            part = reach - low
            log = logits[positive].log_softmax(-1)
            left = log.gather(2, low[..., None])[..., 0]
            right = log.gather(2, low[..., None] + 1)[..., 0]
            loss_dfl = -((left * (1 - part) + right * part).mean(-1) * weight).sum() / total
        else:
            loss_box = loss_dfl = logits.sum() * 0
        parts = [w * p for w, p in zip(self.weights, (loss_box, loss_cls, loss_dfl))]
        return sum(parts), [float(p.detach()) for p in parts]


# ---- training --------------------------------------------------------------------------------------

class Average:
    """Moving average of all weights and statistics, with a short memory at first."""

    def __init__(self, model, decay=0.999):
        self.decay, self.steps = decay, 0
        self.state = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model):
        self.steps += 1
        keep = self.decay * (1 - math.exp(-self.steps / 500))
        for key, value in model.state_dict().items():
            if value.dtype.is_floating_point:
                self.state[key].mul_(keep).add_(value, alpha=1 - keep)
            else:
                self.state[key].copy_(value)


def train(options, names):
    torch.manual_seed(options.init_seed)
    rng = np.random.default_rng(options.init_seed)
    pictures = data.load(os.path.join(options.work, "train"), options.size)
    model = Detector(len(names), options.size).to(memory_format=torch.channels_last)
    loss_of, average = Loss(model), Average(model)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": options.weight_decay},
                                   {"params": others, "weight_decay": 0.0}], lr=options.lr)
    steps = len(pictures) // options.batch
    total, warm = steps * options.epochs, min(200, steps)
    checkpoint = os.path.join(options.work, "checkpoint.pt")
    first = 0
    if options.resume and os.path.exists(checkpoint):
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        average.state, average.steps, first = saved["average"], saved["steps"], saved["epoch"]
        rng.bit_generator.state = saved["rng"]
    start = time.time()
    for epoch in range(first, options.epochs):
        model.train()
        order, sums = rng.permutation(len(pictures)), np.zeros(3)
        for step in range(steps):
            now = epoch * steps + step
            rate = (now + 1) / warm if now < warm else \
                0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (now - warm) / (total - warm)))
            for group in optimizer.param_groups:
                group["lr"] = options.lr * rate
            chosen = order[step * options.batch:(step + 1) * options.batch]
            images, truth, labels, valid = pictures.batch(chosen, rng)
            images = images.contiguous(memory_format=torch.channels_last)
            loss, parts = loss_of(*model(images), truth, labels, valid)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimizer.step()
            average.update(model)
            sums += parts
            if step % 50 == 49 or step + 1 == steps:
                box, cls, dfl = sums / (step + 1)
                print(f"epoch {epoch + 1}/{options.epochs} step {step + 1}/{steps} box {box:.3f} "
                      f"cls {cls:.3f} dfl {dfl:.3f} {time.time() - start:.0f} s", flush=True)
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                    "average": average.state, "steps": average.steps, "epoch": epoch + 1,
                    "rng": rng.bit_generator.state}, checkpoint + ".tmp")
        os.replace(checkpoint + ".tmp", checkpoint)
        if options.export_every and (epoch + 1) % options.export_every == 0:
            export(average.state, names, options)
            if options.evaluate:
                data.evaluate(options.out, os.path.join(options.work, "val"), options.size, 96)
    return average.state


def export(state, names, options):
    import onnx
    model = Detector(len(names), options.size)
    model.load_state_dict(state)
    model.eval()
    for module in list(model.modules()):
        if isinstance(module, ConvUnit):
            module.fold()
    deployed = Deployed(model).eval()
    temporary = options.out + ".tmp"
    # PyTorch 2.5 has two exporters; this file's node names come from the older one.
    chosen = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(deployed, torch.zeros(1, 3, options.size, options.size), temporary,
                      opset_version=13, input_names=["images"], output_names=["output0"], **chosen)
    proto = onnx.load(temporary)
    proto.producer_name, proto.producer_version = "pollard demo", "1"
    proto.graph.name = "panels"
    facts = {"description": "panel defect detector, the demo model of pollard", "author": "pollard",
             "license": "Apache-2.0", "task": "detect", "stride": "32", "batch": "1",
             "imgsz": str([options.size, options.size]), "names": str(dict(enumerate(names)))}
    onnx.helper.set_model_props(proto, facts)
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, temporary)
    os.replace(temporary, options.out)
    print(f"wrote {options.out}: {os.path.getsize(options.out)} bytes", flush=True)


def draw(options, part, seed, count):
    """Has pollard draw one part of the data, unless it is there already."""
    folder = os.path.join(options.work, part)
    if not os.path.exists(os.path.join(folder, "annotations.json")):
        subprocess.run([options.pollard, "demo", "--images-only", "--out", folder, "--seed", str(seed),
                        "--count", str(count)], check=True)
    with open(os.path.join(folder, "annotations.json"), encoding="utf-8") as file:
        return [c["name"] for c in sorted(json.load(file)["categories"], key=lambda c: c["id"])]


def main():
    parser = argparse.ArgumentParser(description="train the demo detector")
    add = parser.add_argument
    add("--pollard", default="build/pollard", help="the pollard program, which draws the pictures")
    add("--work", default="demo-train", help="folder for pictures and checkpoints")
    add("--out", default="panels.onnx", help="the ONNX file to write")
    add("--size", type=int, default=256)
    add("--train-seed", type=int, default=1001)
    add("--train-count", type=int, default=6000)
    add("--val-seed", type=int, default=7)
    add("--val-count", type=int, default=300)
    add("--epochs", type=int, default=10)
    add("--batch", type=int, default=16)
    add("--lr", type=float, default=2.5e-3)
    add("--weight-decay", type=float, default=0.02)
    add("--init-seed", type=int, default=1)
    add("--threads", type=int, default=2)
    add("--export-every", type=int, default=0, metavar="EPOCHS")
    add("--resume", action="store_true", help="go on from the checkpoint in --work")
    add("--evaluate", action="store_true", help="COCO AP of the exported file on the val pictures")
    add("--export-only", action="store_true", help="export the checkpoint in --work, train nothing")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    os.makedirs(options.work, exist_ok=True)
    names = draw(options, "train", options.train_seed, options.train_count)
    draw(options, "val", options.val_seed, options.val_count)
    if options.export_only:
        state = torch.load(os.path.join(options.work, "checkpoint.pt"))["average"]
    else:
        state = train(options, names)
    export(state, names, options)
    if options.evaluate:
        data.evaluate(options.out, os.path.join(options.work, "val"), options.size)


if __name__ == "__main__":
    main()
