#!/usr/bin/env python3
"""Writes operators.onnx: nodes with constant inputs, and for each output NAME an initializer
NAME.want with what ONNX Runtime computes. They are operators and forms that the cases of the ONNX
project leave thin. The same nodes, by family, go to the fuzzer's corpus. Needs onnx, onnxruntime
and numpy.
"""
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

HERE = pathlib.Path(__file__).parent
RNG = np.random.default_rng(11)
nodes, initializers = [], []


def add(op, inputs, n_out=1, domain="", **attributes):
    """One node; runs it in ONNX Runtime for the wanted outputs."""
    name = f"{op}_{len(nodes)}"
    names = []
    for i, array in enumerate(inputs):
        names.append("" if array is None else f"{name}.{i}")
        if array is not None:
            initializers.append(numpy_helper.from_array(np.asarray(array), names[-1]))
    outputs = [f"{name}.y{i}" for i in range(n_out)]
    node = helper.make_node(op, names, outputs, name, **attributes)
    graph = helper.make_graph([node], "one", [], [helper.make_empty_tensor_value_info(o) for o in outputs],
                              [t for t in initializers if t.name in names])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    for output, want in zip(outputs, session.run(None, {})):
        initializers.append(numpy_helper.from_array(want, output + ".want"))
    nodes.append(node)


def normal(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def whole(low, high, *shape, dtype=np.int64):
    return RNG.integers(low, high, shape).astype(dtype)


def elementwise():
    for op in ("Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh", "Asinh", "Sign", "Softsign", "Round"):
        add(op, [2 * normal(3, 4)])
    for op in ("Asin", "Acos", "Atanh"):
        add(op, [np.tanh(normal(3, 4))])
    add("Acosh", [1 + np.abs(normal(3, 4))])
    add("Sign", [whole(-3, 3, 5)])
    odd = np.float32([1, np.nan, np.inf, -np.inf, 0])
    add("IsNaN", [odd])
    add("IsInf", [odd])
    add("IsInf", [odd], detect_negative=0)
    add("Xor", [whole(0, 2, 3, 1).astype(bool), whole(0, 2, 4).astype(bool)])
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        add(op, [whole(-99, 99, 3, 1, dtype=np.int32), whole(-99, 99, 4, dtype=np.int32)])
    add("BitwiseNot", [whole(0, 65536, 4, dtype=np.uint16)])
    for direction in ("LEFT", "RIGHT"):
        add("BitShift", [whole(0, 200, 5, dtype=np.uint8), whole(0, 8, 5, dtype=np.uint8)],
            direction=direction)
    add("Mean", [normal(2, 3), normal(3), normal(2, 1)])
    add("Mod", [whole(-9, 9, 12), np.int64([3, -4] * 6)])
    add("Max", [np.uint64([2**63 + 5, 7]), np.uint64([9, 8])])
    add("Div", [np.int32([7, -7, 9]), np.int32([2, 2, -4])])


def reductions():
    x = normal(2, 3, 4)
    for op in ("ReduceL1", "ReduceSumSquare", "ReduceLogSumExp"):
        add(op, [x, np.int64([-1, 0])], keepdims=0)
    add("ReduceLogSum", [np.abs(x), np.int64([1])])
    add("ReduceSumSquare", [whole(-5, 5, 3, 4, dtype=np.int32), np.int64([1])])
    add("ArgMin", [whole(0, 3, 4, 6).astype(np.float32)], axis=1)
    add("ArgMin", [whole(0, 3, 4, 6).astype(np.float32)], axis=0, keepdims=0, select_last_index=1)
    for op in ("LogSoftmax", "Hardmax"):
        add(op, [x], axis=1)
    for axis in (0, 1, -1):
        add("LpNormalization", [x], axis=axis, p=1 + axis % 2)
    add("CumSum", [x, np.int64(1)])
    add("CumSum", [x, np.int64(-1)], exclusive=1)
    add("CumSum", [whole(-9, 9, 3, 4), np.int64(0)], reverse=1)
    add("CumSum", [x, np.int64(2)], exclusive=1, reverse=1)
    add("MeanVarianceNormalization", [normal(2, 3, 4, 5)])
    add("MeanVarianceNormalization", [normal(2, 3, 4, 5)], axes=[1, 2])
    for axis in (1, 2):
        add("LayerNormalization", [x, normal(*x.shape[axis:]), normal(*x.shape[axis:])], 3, axis=axis)
    add("InstanceNormalization", [normal(2, 3, 4, 5), normal(3), normal(3)], epsilon=1e-3)


def pools():
    x = normal(1, 2, 7, 6)
    add("LpPool", [x], kernel_shape=[3, 2], strides=[2, 1], p=3)
    add("LpPool", [x], kernel_shape=[2, 2], pads=[1, 0, 1, 1], p=1)
    add("GlobalLpPool", [x], p=2)
    add("MaxPool", [x], 2, kernel_shape=[2, 3], strides=[2, 2], pads=[0, 1, 1, 0])
    add("MaxPool", [x], 2, kernel_shape=[2, 2], storage_order=1)
    add("MaxPool", [normal(1, 1, 5, 6, 4)], 2, kernel_shape=[2, 3, 2], strides=[2, 1, 2])
    indices = np.int64([[[[5, 7], [13, 15]]]])
    add("MaxUnpool", [normal(1, 1, 2, 2), indices], kernel_shape=[2, 2], strides=[2, 2])
    # With output_shape ONNX Runtime and the ONNX project's cases disagree on what indices count.
    add("Conv", [normal(1, 4, 5, 6, 7), normal(6, 2, 3, 2, 3), normal(6)], group=2,
        strides=[2, 1, 1], pads=[1, 0, 1, 1, 1, 0], dilations=[1, 2, 1])
    add("ConvTranspose", [normal(1, 4, 3, 2, 3), normal(4, 3, 2, 3, 2)], group=2,
        strides=[1, 2, 2], pads=[0, 1, 0, 1, 0, 1])


def indexing():
    x = normal(3, 4, 5)
    add("GatherElements", [x, whole(-4, 4, 3, 2, 5)], axis=1)
    add("GatherND", [x, whole(0, 3, 2, 2, 2)])
    add("GatherND", [x, whole(0, 4, 3, 2, 1)], batch_dims=1)
    for reduction in ("none", "add", "mul", "max", "min"):
        distinct = np.int64([[[0]] * 4, [[2]] * 4, [[1]] * 4]).repeat(5, 2)
        add("ScatterElements", [x, distinct, normal(3, 4, 5)], axis=0, reduction=reduction)
        add("ScatterND", [x, np.int64([[2, 3], [0, -1]]), normal(2, 5)], reduction=reduction)
    ties = whole(0, 3, 2, 9).astype(np.float32)
    for largest in (0, 1):
        add("TopK", [ties, np.int64([4])], 2, largest=largest)
        add("TopK", [whole(-9, 9, 6, 2), np.int64([3])], 2, axis=0, largest=largest)
    add("OneHot", [whole(-4, 6, 3), np.int64(5), np.float32([-1, 2])])
    add("OneHot", [whole(0, 5, 2, 3), np.int64([5]), np.float32([0, 1])], axis=0)
    for upper in (0, 1):
        add("Trilu", [x], upper=upper)
        add("Trilu", [x, np.int64(-1)], upper=upper)
    add("EyeLike", [x[0]], k=1)
    add("EyeLike", [whole(0, 9, 4, 3)], k=-1, dtype=onnx.TensorProto.FLOAT)
    add("NonZero", [whole(0, 2, 3, 4)])
    add("Compress", [x, np.array([True, False, True])], axis=1)
    add("Compress", [x, np.array([False, True, True, False, True])])
    repeats = whole(0, 4, 9).astype(np.float32)
    for ordered in (0, 1):
        add("Unique", [repeats], 4, sorted=ordered)
    add("Unique", [whole(0, 2, 5, 2).astype(np.float32)], 4, axis=0)
    boxes = RNG.random((2, 12, 4)).astype(np.float32)
    add("NonMaxSuppression", [boxes, RNG.random((2, 3, 12)).astype(np.float32), np.int64([4]),
                              np.float32([0.3]), np.float32([0.2])])
    add("NonMaxSuppression", [boxes, RNG.random((2, 3, 12)).astype(np.float32), np.int64([9]),
                              np.float32([0.1])], center_point_box=1)


def products():
    add("Einsum", [normal(2, 3, 4), normal(2, 4, 5)], equation="bij,bjk->bik")
    add("Einsum", [normal(2, 3), normal(4, 3)], equation="ij, kj")
    add("Einsum", [normal(3, 3)], equation="ii->i")
    add("Einsum", [normal(3, 3)], equation="ii")
    add("Einsum", [normal(2, 3, 4), normal(4, 5)], equation="...j,jk->...k")
    add("Einsum", [normal(2, 3, 4, 5), normal(2, 6, 4, 5)], equation="bqhd,bkhd->bhqk")
    add("Einsum", [normal(3), normal(4), normal(2, 3)], equation="i,j,ki->kj")


def sampling():
    x, grid = normal(2, 3, 5, 6), 1.3 * normal(2, 4, 3, 2)
    for mode in ("linear", "nearest", "cubic"):
        for padding in ("zeros", "border", "reflection"):
            for align in (0, 1):
                add("GridSample", [x, grid], mode=mode, padding_mode=padding, align_corners=align)
    for mode in ("linear", "nearest"):
        add("GridSample", [normal(1, 2, 3, 4, 5), 0.9 * normal(1, 2, 2, 3, 3)], mode=mode)
    add("Resize", [x, None, np.float32([1, 1, 1.7, 0.6])], mode="linear",
        coordinate_transformation_mode="half_pixel_symmetric")
    add("Resize", [x, np.float32([0, 0, 0.2, 0.3, 1, 1, 0.9, 1.1]), None, np.int64([2, 3, 4, 7])],
        mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=9.0)
    add("Pad", [x, np.int64([0, 0, 2, 1, 0, 0, 3, 2])], mode="wrap")


def quantization():
    x = 3 * normal(2, 3, 4)
    add("QuantizeLinear", [x, np.float32(0.02), np.uint8(128)])
    add("QuantizeLinear", [x, np.float32([0.1, 0.02, 0.3]), np.int8([0, -5, 7])], axis=1)
    add("DequantizeLinear", [whole(-99, 99, 2, 3, dtype=np.int8), np.float32([0.1, 2, 0.3]),
                             np.int8([0, -5, 7])])
    add("DequantizeLinear", [whole(-99, 99, 4, dtype=np.int32), np.float32(0.5)])


def save(path, chosen, keep):
    """A model of some nodes, with the initializers that `keep` says."""
    outputs = [helper.make_empty_tensor_value_info(o) for n in chosen for o in n.output]
    mine = {n.name for n in chosen}
    tensors = [t for t in initializers if t.name.split(".")[0] in mine and keep(t.name)]
    graph = helper.make_graph(chosen, "operators", [], outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9,
                              producer_name="make_operators.py")
    path.write_bytes(model.SerializeToString())


def main():
    corpus = HERE.parent / "fuzz" / "corpus" / "onnx"
    for family in (elementwise, reductions, pools, indexing, products, sampling, quantization):
        first = len(nodes)
        family()
        save(corpus / f"op_{family.__name__}.onnx", nodes[first:], lambda n: ".want" not in n)
    save(HERE / "operators.onnx", nodes, lambda n: True)
    print(len(nodes), "nodes")


if __name__ == "__main__":
    main()
