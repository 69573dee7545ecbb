#!/usr/bin/env python3
"""Writes a small Darknet model with every kind of layer that is read, and what it computes:

    pip install numpy
    python3 make_darknet.py

tiny.cfg and tiny.weights are the model, tiny.h its input and outputs, computed below by plain loops over the
rules of Darknet's layers (numpy, double precision). The fuzzer's corpus gets .cfg, a zero byte and .weights."""
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "fuzz" / "corpus" / "darknet"

CFG = """# every kind of layer
[net]
width=32
height=24
channels=3
letter_box=1

[convolutional]
batch_normalize=1
filters=8
size=3
stride=2
pad=1
activation=leaky

[maxpool]
size=2
stride=2

[convolutional]
batch_normalize=1
filters=8
groups=8
size=5
stride=1
pad=1
activation=mish

[convolutional]
filters=8
size=1
stride=1
pad=1   ; none at size 1
activation=swish

[dropout]
probability=.5

[shortcut]
from=-4
activation=linear

[route]
layers=-1
groups=2
group_id=1

[maxpool]
size=3
stride=1

[avgpool]

[convolutional]
filters=4
size=1
activation=logistic

[scale_channels]
from=-3

[route]
layers=-1, 1

[convolutional]
filters=6
size=3
stride=2
padding=1
activation=relu6

[convolutional]
filters=18
size=1
activation=linear

[yolo]
mask=3,4,5
anchors=4,5, 6,7, 8,9, 10,11, 12,13, 14,15.5
classes=1
scale_x_y=1.05

[route]
layers=12

[upsample]
stride=2

[route]
layers=-1,7,5

[convolutional]
filters=18
size=1
activation=linear

[yolo]
mask=0,1,2
anchors=4,5, 6,7, 8,9, 10,11, 12,13, 14,15.5
classes=1
"""


def sections():
    for block in CFG.split("[")[1:]:
        kind, rest = block.split("]", 1)
        pairs = [line.split("#")[0].split(";")[0] for line in rest.splitlines()]
        yield kind, {k.strip(): v.strip() for k, v in (p.split("=") for p in pairs if "=" in p)}


def conv(x, weight, stride, pad, groups):
    n, _, k, _ = weight.shape
    c, h, w = x.shape
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    oh, ow = (h + 2 * pad - k) // stride + 1, (w + 2 * pad - k) // stride + 1
    out = np.zeros((n, oh, ow))
    for f in range(n):
        g = f // (n // groups)
        part = x[g * (c // groups):(g + 1) * (c // groups)]
        for i in range(oh):
            for j in range(ow):
                out[f, i, j] = (part[:, i * stride:i * stride + k, j * stride:j * stride + k] * weight[f]).sum()
    return out


def maxpool(x, size, stride):
    pad = size - 1
    c, h, w = x.shape
    oh, ow = (h + pad - size) // stride + 1, (w + pad - size) // stride + 1
    out = np.full((c, oh, ow), -np.inf)
    for i in range(oh):
        for j in range(ow):
            for y in range(size):
                for z in range(size):
                    a, b = i * stride + y - pad // 2, j * stride + z - pad // 2
                    if 0 <= a < h and 0 <= b < w:
                        out[:, i, j] = np.maximum(out[:, i, j], x[:, a, b])
    return out


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


ACTIVATIONS = {
    "linear": lambda x: x, "leaky": lambda x: np.where(x > 0, x, 0.1 * x), "logistic": sigmoid,
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))), "swish": lambda x: x * sigmoid(x),
    "relu6": lambda x: np.clip(x, 0, 6),
}


def run(rng):
    """Input, outputs in order of the file, and the numbers of the .weights file."""
    x = rng.standard_normal((3, 24, 32)).astype(np.float32)
    given, numbers, outputs = x, [], []
    layers, x = [], x.astype(np.float64)

    def draw(*shape, low=-1.0, high=1.0):
        values = rng.uniform(low, high, shape).astype(np.float32)
        numbers.append(values.ravel())
        return values.astype(np.float64)

    for kind, o in list(sections())[1:]:
        at = lambda key: [int(v) + (len(layers) if int(v) < 0 else 0) for v in o[key].split(",")]
        if kind == "convolutional":
            n, k, groups = int(o["filters"]), int(o["size"]), int(o.get("groups", 1))
            pad = k // 2 if o.get("pad") == "1" else int(o.get("padding", 0))
            bias = draw(n)
            if o.get("batch_normalize") == "1":
                scale, mean, variance = draw(n), draw(n), draw(n, low=0.2)
                weight = draw(n, len(x) // groups, k, k)
                x = conv(x, weight, int(o.get("stride", 1)), pad, groups)
                v = lambda a: a[:, None, None]
                x = (x - v(mean)) / np.sqrt(v(variance) + 1e-5) * v(scale) + v(bias)
            else:
                x = conv(x, draw(n, len(x) // groups, k, k), int(o.get("stride", 1)), pad, groups)
                x = x + bias[:, None, None]
        elif kind == "maxpool":
            x = maxpool(x, int(o["size"]), int(o["stride"]))
        elif kind == "avgpool":
            x = x.mean((1, 2), keepdims=True)
        elif kind == "upsample":
            x = x.repeat(2, 1).repeat(2, 2)
        elif kind == "shortcut":
            x = x + layers[at("from")[0]]
        elif kind == "scale_channels":
            x = x * layers[at("from")[0]]
        elif kind == "route":
            x = np.concatenate([layers[i] for i in at("layers")])
            width = len(x) // int(o.get("groups", 1))
            x = x[int(o.get("group_id", 0)) * width:][:width]
        elif kind == "yolo":
            outputs.append(x)
        x = ACTIVATIONS[o.get("activation", "linear")](x)
        layers.append(x)
    return given, outputs, np.concatenate(numbers)


def array(name, values):
    text = [f"{float(np.float32(v))!r}f" for v in values.ravel()]
    rows = [", ".join(text[i:i + 8]) for i in range(0, len(text), 8)]
    return f"static const float {name}[{len(text)}] = {{\n    " + ",\n    ".join(rows) + "};\n"


def main():
    given, outputs, numbers = run(np.random.default_rng(5))
    header = np.array([0, 2, 5], "<i4").tobytes() + np.array([7], "<i8").tobytes()
    weights = header + numbers.astype("<f4").tobytes()
    (HERE / "tiny.cfg").write_text(CFG)
    (HERE / "tiny.weights").write_bytes(weights)
    note = "/* Made by make_darknet.py; do not edit. */\n/* clang-format off */\n"
    text = note + array("tiny_input", given)
    for i, out in enumerate(outputs):
        text += f"/* {' x '.join(map(str, out.shape))} */\n" + array(f"tiny_output{i}", out)
    (HERE / "tiny.h").write_text(text)
    CORPUS.mkdir(parents=True, exist_ok=True)
    (CORPUS / "tiny").write_bytes(CFG.encode() + b"\0" + weights)
    small = "[net]\nwidth=8\nheight=8\n[convolutional]\nfilters=18\nsize=1\n[yolo]\nmask=0,1,2\nanchors=1,2,3,4,5,6\nclasses=1\n"
    (CORPUS / "small").write_bytes(small.encode() + b"\0" + header + bytes(4 * (18 + 54)))


if __name__ == "__main__":
    main()
