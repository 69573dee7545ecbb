"""Carries a plan of pollard over to the PyTorch network that the ONNX file was exported from.

    pollard prune model.onnx --plan plan.json --out small.onnx --keep-index keep.json

    from prune_in_torch import prune
    missing = prune(network, "keep.json")      # changes the network in place

Every parameter and buffer with the name of an initializer is sliced, and the modules that hold them get
their new widths (Conv, ConvTranspose, Linear, BatchNorm, InstanceNorm, PReLU). Returned are the tensors of
the plan that the network does not have under that name: exporters rename weights that they fold or
transpose. Where that happens, `history` in the file serves Torch-Pruning, which finds the coupled layers
itself: DependencyGraph().build_dependency(network, x).load_pruning_history(json.load(f)["history"]).
Code of the network that speaks of widths (view(), split() with numbers) is its author's to change.
"""
import json

import torch


def sliced(tensor, keep):
    for axis, indices in keep.items():
        tensor = tensor.index_select(int(axis), torch.tensor(indices, device=tensor.device))
    return tensor.contiguous()


def set_widths(module):
    """Attributes that repeat what the shapes of the parameters say."""
    weight = getattr(module, "weight", None)
    if isinstance(module, torch.nn.modules.conv._ConvNd):
        outer, inner = weight.shape[0], weight.shape[1]
        if module.groups > 1 and module.groups == module.in_channels:
            module.groups = outer if module.transposed else outer * module.groups // module.out_channels
        if module.transposed:
            module.in_channels, module.out_channels = outer, inner * module.groups
        else:
            module.in_channels, module.out_channels = inner * module.groups, outer
    elif isinstance(module, torch.nn.Linear):
        module.out_features, module.in_features = weight.shape
    elif isinstance(module, (torch.nn.modules.batchnorm._NormBase,)):
        kept = next(t for t in (weight, module.running_mean) if t is not None)
        module.num_features = kept.shape[0]
    elif isinstance(module, torch.nn.PReLU):
        module.num_parameters = weight.shape[0]


def prune(network, path):
    with open(path) as f:
        tensors = json.load(f)["tensors"]
    missing = []
    for name, entry in tensors.items():
        owner, _, leaf = name.rpartition(".")
        try:
            module = network.get_submodule(owner)
            old = getattr(module, leaf)
        except AttributeError:
            missing.append(name)
            continue
        if list(old.shape) != entry["shape"]:
            missing.append(name)
            continue
        with torch.no_grad():
            new = sliced(old.detach(), entry["keep"])
        if isinstance(old, torch.nn.Parameter):
            new = torch.nn.Parameter(new, requires_grad=old.requires_grad)
        setattr(module, leaf, new)
    for module in network.modules():
        set_widths(module)
    return missing
