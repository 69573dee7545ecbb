"""Channel groups of pollard against those of Torch-Pruning, on networks of torchvision.

    python groups_vs_torch_pruning.py POLLARD [NAME ...] [--size N]

Every network (default: all classifiers of torchvision) is exported to ONNX as it stands, with random
weights, and grouped by both. A root of Torch-Pruning is a layer whose output channels it can prune; for
each of them pollard's groups of the same layer are looked up by the name of its weight:

    finer    they couple a proper part of the layers that Torch-Pruning couples
    same     the same layers
    coarser  other layers too
    locked   pollard does not prune the layer, for the reason that is printed

Times are of the grouping alone: DependencyGraph.build_dependency and get_all_groups; for pollard the whole
process (`pollard groups`), reading the file included. Torch-Pruning's weights never leave PyTorch, pollard
sees the ONNX file only.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import torch
import torch_pruning
import torchvision

LAYERS = (torch.nn.modules.conv._ConvNd, torch.nn.Linear)


def peer_groups(network, example):
    """{root layer: names of all layers whose output channels go with it}, and seconds."""
    names = {m: n for n, m in network.named_modules()}
    start = time.perf_counter()
    graph = torch_pruning.DependencyGraph().build_dependency(network, example)
    groups = {}
    for group in graph.get_all_groups(root_module_types=list(LAYERS)):
        coupled = {names[d.target.module] for d, _ in group
                   if isinstance(d.target.module, LAYERS) and graph.is_out_channel_pruning_fn(d.handler)}
        groups[names[group[0][0].target.module]] = coupled
    return groups, time.perf_counter() - start


def our_groups(pollard, path):
    """{layer: [group]} for every layer that makes channels, and seconds."""
    start = time.perf_counter()
    text = subprocess.run([pollard, "groups", path, "--json", "-q"], check=True, capture_output=True).stdout
    seconds = time.perf_counter() - start
    layers = {}
    for group in json.loads(text)["groups"]:
        group["layers"] = {m["tensor"].rpartition(".weight")[0] for m in group["members"]
                           if m["role"] == "out"}
        for layer in group["layers"]:
            layers.setdefault(layer, []).append(group)
    return layers, seconds


def verdict(ours, theirs):
    if not any(g["prunable"] for g in ours):
        return "locked"
    coupled = set().union(*(g["layers"] for g in ours))
    # Depthwise filters carry channels and make none: they are layers of the group to Torch-Pruning.
    if coupled < theirs and len(ours) == 1 and coupled != theirs:
        return "same" if all(l in theirs for l in coupled) else "coarser"
    if coupled <= theirs:
        return "finer" if len(ours) > 1 else "same"
    return "coarser"


def compare(pollard, name, size, folder):
    network = torchvision.models.get_model(name, weights=None).eval()
    example, path = torch.rand(1, 3, size, size), os.path.join(folder, "network.onnx")
    torch.onnx.export(network, example, path, opset_version=13, do_constant_folding=False,
                      training=torch.onnx.TrainingMode.PRESERVE)
    layers, seconds = our_groups(pollard, path)
    try:
        roots, peer_seconds = peer_groups(network, example)
    except Exception as fault:  # it gives up on some networks; ours is worth printing all the same
        prunable = {g["id"] for groups in layers.values() for g in groups if g["prunable"]}
        print(f"| {name} | failed: {type(fault).__name__} | | {len(prunable)} prunable groups | | "
              f"| {seconds:.2f} |", flush=True)
        return
    count = dict.fromkeys(("finer", "same", "coarser", "locked", "absent"), 0)
    for root, coupled in roots.items():
        if root not in layers:
            count["absent"] += 1
            continue
        kind = verdict(layers[root], coupled)
        count[kind] += 1
        if kind in ("locked", "coarser"):
            print(f"{name}: {root}: {kind}: {layers[root][0]['reason'] or sorted(coupled)[:4]}", file=sys.stderr)
    print(f"| {name} | {len(roots)} | {peer_seconds:.2f} | {count['finer']} finer, {count['same']} same, "
          f"{count['coarser']} coarser, {count['absent']} absent | {count['locked']} | {seconds:.2f} |", flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("pollard")
    p.add_argument("names", nargs="*")
    p.add_argument("--size", type=int, default=224)
    o = p.parse_args()
    names = o.names or torchvision.models.list_models(module=torchvision.models)
    print("| network | roots of Torch-Pruning | s | pollard on the same layers | locked | s |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            compare(o.pollard, name, o.size, folder)


if __name__ == "__main__":
    main()
