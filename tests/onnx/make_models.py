#!/usr/bin/env python3
"""Makes the small models that tests/test_onnx.c and tests/test_passes.c read.

They are committed; this needs to run only to change them (pip install onnx numpy).
Usage: make_models.py [folder]   (default: the folder of this script)
"""
import os
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
RNG = np.random.default_rng(7)
F32 = TensorProto.FLOAT


def info(name, shape, dtype=F32):
    return helper.make_tensor_value_info(name, dtype, shape)


def tensor(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def weights(name, *shape):
    return tensor(name, (RNG.standard_normal(shape) * 0.4).astype(np.float32))


def model(nodes, inputs, outputs, initializers=(), opset=13, ir=8, **extra):
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, list(initializers))
    m = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], **extra)
    m.ir_version = ir
    return m


def save(name, m):
    data = m if isinstance(m, bytes) else m.SerializeToString(deterministic=True)
    path = os.path.join(FOLDER, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def node(op, inputs, outputs, name=None, **attrs):
    return helper.make_node(op, inputs, outputs, name=name, **attrs)


def relu(x="x", y="y", name=None):
    return node("Relu", [x], [y], name)


def simple(nodes=None, initializers=(), outputs=None):
    return model(nodes or [relu()], [info("x", [2, 3])], outputs or [info("y", [2, 3])],
                 initializers)


# ---- storage forms ----


def typed(name, dtype, dims, values):
    """A tensor in its typed field, as opposed to raw_data."""
    return helper.make_tensor(name, dtype, dims, values)


def forms():
    half = np.array([1.5, -2.0, 65504.0, 0.0], np.float16)
    tensors = [
        typed("float_typed", F32, [2, 2], [1.5, -2.0, 3.25, 0.0]),
        tensor("float_raw", np.array([[1.5, -2.0], [3.25, 0.0]], np.float32)),
        typed("double_typed", TensorProto.DOUBLE, [2], [1e300, -0.5]),
        tensor("double_raw", np.array([1e300, -0.5])),
        typed("int64_typed", TensorProto.INT64, [3], [-1, 0, 1 << 40]),
        tensor("int64_raw", np.array([-1, 0, 1 << 40])),
        typed("int32_typed", TensorProto.INT32, [2], [-7, 2**31 - 1]),
        tensor("int32_raw", np.array([-7, 2**31 - 1], np.int32)),
        typed("int8_typed", TensorProto.INT8, [3], [-128, 0, 127]),
        tensor("int8_raw", np.array([-128, 0, 127], np.int8)),
        typed("uint8_typed", TensorProto.UINT8, [3], [0, 128, 255]),
        tensor("uint8_raw", np.array([0, 128, 255], np.uint8)),
        typed("int16_typed", TensorProto.INT16, [2], [-32768, 7]),
        tensor("int16_raw", np.array([-32768, 7], np.int16)),
        typed("uint16_typed", TensorProto.UINT16, [2], [65535, 7]),
        tensor("uint16_raw", np.array([65535, 7], np.uint16)),
        typed("uint32_typed", TensorProto.UINT32, [2], [2**32 - 1, 7]),
        tensor("uint32_raw", np.array([2**32 - 1, 7], np.uint32)),
        typed("uint64_typed", TensorProto.UINT64, [2], [2**64 - 1, 7]),
        tensor("uint64_raw", np.array([2**64 - 1, 7], np.uint64)),
        typed("bfloat_typed", TensorProto.BFLOAT16, [2], [1.5, -2.0]),
        helper.make_tensor("bfloat_raw", TensorProto.BFLOAT16, [2], b"\xc0\x3f\x00\xc0", raw=True),
        typed("bool_typed", TensorProto.BOOL, [3], [True, False, True]),
        helper.make_tensor("bool_raw", TensorProto.BOOL, [3], b"\x07\x00\x01", raw=True),
        tensor("half_raw", half),
        typed("scalar", F32, [], [4.0]),
        typed("empty", F32, [0, 3], []),
    ]
    half_typed = TensorProto(name="half_typed", data_type=TensorProto.FLOAT16, dims=[4])
    half_typed.int32_data.extend(int(x) for x in half.view(np.uint16))
    tensors.append(half_typed)
    nodes = [node("Identity", [t.name], [t.name + "_out"]) for t in tensors]
    outputs = [info(t.name + "_out", list(t.dims), t.data_type) for t in tensors]
    return model(nodes, [], outputs, tensors)


def external(location, offset=None, length=None):
    t = TensorProto(name="w", data_type=F32, dims=[2, 3], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            t.external_data.add(key=key, value=str(value))
    return simple([node("Add", ["x", "w"], ["y"])], [t])


# ---- structure ----


def unordered():
    nodes = [relu("c", "y", "last"), node("Add", ["a", "b"], ["c"], "join"),
             node("Neg", ["a"], ["b"], "middle"), relu("x", "a", "first")]
    return simple(nodes)


def symbolic():
    """Symbolic axes, metadata, an optional input left out, a listed initializer, documentation."""
    nodes = [node("Conv", ["image", "w", "b"], ["conv"], "conv", pads=[1, 1, 1, 1]),
             node("Clip", ["conv", "", "six"], ["out"], "clip")]
    inputs = [info("image", ["batch", 3, "height", "width"]), info("b", [4])]
    m = model(nodes, inputs, [info("out", ["batch", 4, "height", "width"])],
              [weights("w", 4, 3, 3, 3), weights("b", 4), tensor("six", np.float32(6))],
              producer_name="maker", doc_string="about the model")
    m.graph.doc_string = "about the graph"
    m.graph.node[0].doc_string = "about the node"
    helper.set_model_props(m, {"names": "{0: 'cat'}", "stride": "32"})
    m.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    return m


def old():
    """IR version 3: every initializer is listed as an input."""
    return model([node("Add", ["x", "w"], ["y"])], [info("x", [2, 3]), info("w", [2, 3])],
                 [info("y", [2, 3])], [weights("w", 2, 3)], opset=9, ir=3)


def unknown():
    """Operators and types that are not ours survive a save."""
    then = helper.make_graph([relu("x", "t")], "then", [], [info("t", [2, 3])])
    other = helper.make_graph([node("Neg", ["x"], ["e"])], "else", [], [info("e", [2, 3])])
    nodes = [node("If", ["flag"], ["a"], "choice", then_branch=then, else_branch=other),
             node("Foo", ["a", "odd"], ["y"], "custom", domain="my.ops", names=["p", "q"],
                  ratios=[0.5, 0.25], mode="fast")]
    odd = helper.make_tensor("odd", TensorProto.COMPLEX64, [2], [1.0j, 2.0j])
    m = simple(nodes, [tensor("flag", np.array(True)), odd])
    m.opset_import.append(helper.make_opsetid("my.ops", 1))
    return m


def nested(depth):
    graph = helper.make_graph([relu()], "g", [], [info("y", [2, 3])])
    for _ in range(depth):
        inner = node("If", ["x"], ["y"], then_branch=graph)
        graph = helper.make_graph([inner], "g", [], [info("y", [2, 3])])
    return simple(list(graph.node))


def bad():
    good = simple().SerializeToString()
    add = [node("Add", ["x", "w"], ["y"])]
    yield "empty", b""
    yield "text", b"this is not a model, it is a sentence\n"
    yield "truncated", good[:len(good) // 2]
    m = simple()
    m.ClearField("graph")
    yield "no_graph", m
    m = simple()
    m.ClearField("ir_version")
    yield "no_ir_version", m
    m = simple()
    del m.graph.node[:]
    yield "no_nodes", m
    m = simple()
    del m.graph.output[:]
    yield "no_outputs", m
    yield "missing_input", simple([node("Add", ["x", "nowhere"], ["y"], "sum")])
    yield "missing_output", simple(outputs=[info("z", [2, 3])])
    yield "duplicate_value", simple([relu(), node("Neg", ["x"], ["y"])])
    yield "duplicate_initializer", simple(add, [weights("w", 2, 3), weights("w", 2, 3)])
    m = simple()
    m.graph.input.append(info("x", [2, 3]))
    yield "duplicate_input", m
    yield "unnamed_initializer", simple(None, [weights("", 2, 3)])
    m = simple([node("LeakyRelu", ["x"], ["y"], "leaky", alpha=0.5)])
    m.graph.node[0].attribute.append(helper.make_attribute("alpha", 0.25))
    yield "duplicate_attribute", m
    yield "cycle", simple([node("Add", ["x", "b"], ["a"], "one"), relu("a", "b", "two"),
                           relu("b", "y", "three")])
    yield "self_loop", simple([node("Add", ["x", "y"], ["y"], "one")])
    for name, change in (("short_raw", lambda t: setattr(t, "raw_data", t.raw_data[:-1])),
                         ("negative_dim", lambda t: t.dims.__setitem__(0, -2)),
                         ("rank9", lambda t: t.dims.extend([1] * 7)),
                         ("segment", lambda t: setattr(t.segment, "end", 3)),
                         ("huge_dims", lambda t: t.dims.extend([1 << 40, 1 << 40]))):
        t = weights("w", 2, 3)
        change(t)
        yield name, simple(add, [t])
    t = typed("w", F32, [2, 3], [0.0] * 6)
    t.float_data.pop()
    yield "short_float", simple(add, [t])
    t = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[2])
    t.int32_data.extend([1, 300])
    yield "range_uint8", simple(add, [t])
    yield "complex64", simple(add, [helper.make_tensor("w", TensorProto.COMPLEX64, [1], [1.0 + 2.0j])])
    yield "string", simple(add, [helper.make_tensor("w", TensorProto.STRING, [1], [b"s"])])
    m = simple(add)
    m.graph.sparse_initializer.append(helper.make_sparse_tensor(
        tensor("w", np.float32([1.0])), tensor("i", np.int64([2])), [6]))
    yield "sparse", m
    yield "nested", nested(25)
    yield "external_escape", external("../external.bin")
    yield "external_absolute", external("/etc/hostname")
    yield "external_missing", external("nothing.bin")
    yield "external_folder", external(".")
    yield "external_short", external("short.bin", 8)
    yield "external_length", external("short.bin", 0, 20)
    yield "external_offset", external("short.bin", -1)
    yield "external_nowhere", external(None)
    m = simple()
    m.graph.input[0].type.tensor_type.shape.dim.extend(
        m.graph.input[0].type.tensor_type.shape.dim[0] for _ in range(9))
    yield "input_rank", m


# ---- networks for the passes ----


def detector():
    """A small detector as an exporter for one image writes it: BN not folded, SiLU in two nodes, a
    C2f split, an upsample by sizes, a baked batch of 1 in the Reshapes."""
    init, nodes = [], []

    def conv(x, y, c_in, c_out, k=3, stride=1, bn=True, act=True):
        init.append(weights(y + ".w", c_out, c_in, k, k))
        out = y + ".conv" if bn or act else y
        inputs = [x, y + ".w"]
        if not bn:
            init.append(weights(y + ".b", c_out))
            inputs.append(y + ".b")
        nodes.append(node("Conv", inputs, [out], y + "/Conv", kernel_shape=[k, k],
                          pads=[k // 2] * 4, strides=[stride] * 2))
        if bn:
            init.append(tensor(y + ".var", (RNG.random(c_out) + 0.5).astype(np.float32)))
            init.extend(weights(y + s, c_out) for s in (".gamma", ".beta", ".mean"))
            z = y + ".bn" if act else y
            nodes.append(node("BatchNormalization",
                              [out, y + ".gamma", y + ".beta", y + ".mean", y + ".var"], [z],
                              y + "/BatchNormalization"))
            out = z
        if act:
            nodes.append(node("Sigmoid", [out], [y + ".gate"], y + "/Sigmoid"))
            nodes.append(node("Mul", [out, y + ".gate"], [y], y + "/Mul"))

    def ints(name, values):
        init.append(tensor(name, np.array(values, np.int64)))
        return name

    conv("images", "p1", 3, 8, stride=2)
    conv("p1", "p2", 8, 8)
    nodes.append(node("Split", ["p2", ints("halves", [4, 4])], ["s0", "s1"], "split", axis=1))
    conv("s1", "s2", 4, 4)
    nodes.append(node("Add", ["s1", "s2"], ["s3"], "residual"))
    nodes.append(node("Concat", ["s0", "s1", "s3"], ["cat"], "concat", axis=1))
    conv("cat", "p3", 12, 8, k=1)
    nodes.append(node("MaxPool", ["p3"], ["down"], "pool", kernel_shape=[2, 2], strides=[2, 2]))
    init.append(tensor("none", np.zeros(0, np.float32)))
    nodes.append(node("Resize", ["down", "", "none", ints("up.sizes", [1, 8, 8, 8])], ["up"], "up",
                      mode="nearest", coordinate_transformation_mode="asymmetric",
                      nearest_mode="floor"))
    nodes.append(node("Concat", ["up", "p3"], ["neck"], "neck", axis=1))
    conv("neck", "box", 16, 4, k=1, bn=False, act=False)
    conv("neck", "cls", 16, 3, k=1, bn=False, act=False)
    nodes.append(node("Reshape", ["box", ints("box.shape", [1, 4, -1])], ["box.flat"], "box.flat"))
    nodes.append(node("Reshape", ["cls", ints("cls.shape", [1, 3, 64])], ["cls.flat"], "cls.flat"))
    nodes.append(node("Sigmoid", ["cls.flat"], ["scores"], "scores"))
    nodes.append(node("Concat", ["box.flat", "scores"], ["output0"], "output", axis=1))
    return model(nodes, [info("images", [1, 3, 16, 16])], [info("output0", [1, 7, 64])], init)


def squashed():
    """The batch cannot be told from the pixels in the output."""
    nodes = [node("Conv", ["x", "w"], ["a"], "conv"),
             node("Reshape", ["a", "shape"], ["y"], "squash")]
    return model(nodes, [info("x", [1, 2, 4, 4])], [info("y", [5, 16])],
                 [weights("w", 5, 2, 1, 1), tensor("shape", np.array([5, -1], np.int64))])


def tail():
    """How many elements are found depends on the data, and what is behind is as long."""
    nodes = [node("Log", ["x"], ["a"], "log"),
             node("Relu", ["a"], ["y"], "relu"),
             node("NonZero", ["x"], ["found"], "find"),
             node("Shape", ["found"], ["s"], "size"),
             node("ConstantOfShape", ["s"], ["zeroes"], "fill")]
    return model(nodes, [info("x", [1, 4])],
                 [info("y", [1, 4]), info("found", None, TensorProto.INT64),
                  info("zeroes", None)], [])


def main():
    save("forms.onnx", forms())
    save("external.onnx", external("external.bin", 4, 24))
    save("external.bin", np.float32([99, 1, 2, 3, 4, 5, 6]).tobytes())
    save("bad/short.bin", bytes(24))
    for make in (unordered, symbolic, old, unknown, detector, squashed, tail):
        save(make.__name__ + ".onnx", make())
    for name, m in bad():
        save(f"bad/{name}.onnx", m)


if __name__ == "__main__":
    main()
