"""Reads weights as Keras and PyTorch store them: names, arrays and whether they lie in the model's order."""

import dataclasses
import io
import json
import re
import zipfile

import numpy as np


class Refused(Exception):
    """What is wrong with a file, for its user."""


@dataclasses.dataclass
class Weights:
    framework: str                   # keras or torch
    tensors: dict                    # name: array, or Bfloat16
    is_ordered: bool                 # whether they lie in the order of the model's layers
    left_out: list = dataclasses.field(default_factory=list)  # of the file: what is no weight


@dataclasses.dataclass
class Bfloat16:
    """An array of bfloat16, which numpy does not know, as its bits."""
    bits: np.ndarray


def needed(module, why):
    """The module, or the line that tells how to get it."""
    try:
        return __import__(module)
    except ImportError:
        raise Refused(f"{why} need Python's {module}: pip install {module}") from None


def text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def add(weights, layer, part, array):
    name = f"{layer}/{part}"
    if name in weights.tensors:
        raise Refused(f"two of its tensors are called {name!r}")
    weights.tensors[name] = array


# --- Keras ------------------------------------------------------------------------------------------------------------

# Keras 1 called the parts so, and put a number behind them: block1_conv1_W_1:0. Its running_std holds the variance.
KERAS_1 = {"W": "kernel", "b": "bias", "gamma": "gamma", "beta": "beta", "running_mean": "moving_mean",
           "running_std": "moving_variance"}


def keras_part(layer, leaf):
    leaf = leaf.removesuffix(":0")
    old = re.fullmatch(re.escape(layer) + r"_(W|b|gamma|beta|running_mean|running_std)(_\d+)?", leaf)
    return KERAS_1[old[1]] if old else leaf


def dataset(h5py, group, name):
    if name not in group or not isinstance(group[name], h5py.Dataset):
        raise Refused(f"it names a tensor {name!r} of layer {group.name!r} and does not hold it")
    return group[name][()]


def read_named_h5(h5py, root):
    """Keras' legacy files: the layers' names in an attribute, in order, and the names of each one's tensors likewise."""
    weights = Weights("keras", {}, True)
    for layer in map(text, root.attrs["layer_names"]):
        if layer not in root or "weight_names" not in root[layer].attrs:
            raise Refused(f"it names a layer {layer!r} and does not hold it")
        for path in map(text, root[layer].attrs["weight_names"]):
            *folders, leaf = path.split("/")
            # A model inside the model is one layer here; its own layers' names stand before the tensor's.
            own = folders[-1] if folders else layer
            add(weights, own, keras_part(own, leaf), dataset(h5py, root[layer], path))
    return weights


def keras_parts(path, arrays):
    """What the numbered tensors of a layer are, by their ranks."""
    ranks = [a.ndim for a in arrays]
    if ranks and ranks[0] > 1 and ranks[1:] in ([], [1]):
        return ["kernel", "bias"]
    if ranks == [1, 1, 1, 1]:
        return ["gamma", "beta", "moving_mean", "moving_variance"]
    if ranks == [1, 1, 1]:
        raise Refused(f"layer {path!r} is a batch normalisation without scale or center, and the file does not say which: "
                      "save the model as .h5, which has names")
    return [str(i) for i in range(len(ranks))]


def read_numbered_h5(h5py, root, order):
    """Keras 3: layers/<kind>/vars/0, 1, ..., with the layer's own name as an attribute."""
    found = {}

    def visit(path, item):
        if path.split("/")[-1] != "vars" or path.startswith("optimizer") or not isinstance(item, h5py.Group) or len(item) == 0:
            return
        layer = text(item.attrs["name"]) if "name" in item.attrs else path.split("/")[-2] if "/" in path else "model"
        if not all(k.isdigit() for k in item):
            raise Refused(f"the tensors of {path!r} are not numbered")
        arrays = [dataset(h5py, item, k) for k in sorted(item, key=int)]
        if layer in found:
            raise Refused(f"two of its layers are called {layer!r}")
        found[layer] = dict(zip(keras_parts(path, arrays), arrays))

    root.visititems(visit)
    is_ordered = all(layer in order for layer in found)
    weights = Weights("keras", {}, is_ordered)
    for layer in sorted(found, key=order.index) if is_ordered else found:
        for part, array in found[layer].items():
            add(weights, layer, part, array)
    return weights


def layers_of(config):
    """Names of the layers in a model's configuration, those of models inside it too."""
    names = []
    for layer in config.get("layers", []) if isinstance(config, dict) else []:
        inner = layer.get("config", {}) if isinstance(layer, dict) else {}
        if inner.get("data_format") == "channels_first":
            raise Refused(f"layer {inner.get('name')!r} has its channels first; save the model with channels last")
        names += [inner["name"]] if "name" in inner else []
        names += layers_of(inner)
    return names


def read_keras_h5(file, order=()):
    h5py = needed("h5py", "Keras' files")
    try:
        with h5py.File(file, "r") as h5:
            root = h5["model_weights"] if "model_weights" in h5 else h5
            if "layer_names" in root.attrs:
                if "model_config" in h5.attrs:
                    layers_of(json.loads(text(h5.attrs["model_config"])).get("config", {}))
                return read_named_h5(h5py, root)
            return read_numbered_h5(h5py, root, list(order))
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as e:
        raise Refused(f"h5py cannot read it as Keras' weights: {str(e).splitlines()[0] if str(e) else e!r}") from None


def read_keras_archive(path):
    try:
        with zipfile.ZipFile(path) as archive:
            order = layers_of(json.loads(archive.read("config.json")).get("config", {}))
            return read_keras_h5(io.BytesIO(archive.read("model.weights.h5")), order)
    except (zipfile.BadZipFile, KeyError, ValueError, AttributeError, OSError) as e:
        raise Refused(f"it is no .keras file: {str(e).splitlines()[0]}") from None


# --- PyTorch ----------------------------------------------------------------------------------------------------------

WRAPPERS = ("state_dict", "model_state_dict", "model", "net")  # what people call the part with the weights


def torch_array(torch, name, tensor):
    if tensor.layout != torch.strided or tensor.is_quantized:
        raise Refused(f"tensor {name!r} is sparse or quantised")
    tensor = tensor.detach().contiguous()
    return Bfloat16(tensor.view(torch.int16).numpy()) if tensor.dtype == torch.bfloat16 else tensor.numpy()


def read_torch(path):
    torch = needed("torch", ".pth and .pt files")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)  # no code of the file's runs
    except Exception as e:  # pylint: disable=broad-except  # its unpickler throws whatever it meets
        raise Refused("torch.load(weights_only=True) does not read it: " + str(e).splitlines()[0][:200] +
                      "; a file with a whole module holds code: save its state_dict()") from None
    for key in WRAPPERS:
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict):
        raise Refused(f"it holds a {type(state).__name__}, and a state dict is expected")
    weights = Weights("torch", {}, True)
    for name, value in state.items():
        if isinstance(value, torch.Tensor):
            weights.tensors[str(name)] = torch_array(torch, name, value)
        else:
            weights.left_out.append(f"{name}, a {type(value).__name__}")
    return weights
