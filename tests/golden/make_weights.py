#!/usr/bin/env python3
"""VGG-16 by Keras and PyTorch with random weights: the files that they write, and what they compute.

    KERAS_BACKEND=torch make_weights.py            the golden files beside this script: weights_*.bin, of one filter
    KERAS_BACKEND=torch make_weights.py --full DIR  64 filters and 1,000 classes, for check_full_vgg16

It needs keras, torch, numpy, h5py and safetensors. The networks have torchvision's and Keras' names; the golden ones
take 64 x 64 pixels and end in small dense layers, the full ones are torchvision's and Keras' own. The tests that read
the files need none of the libraries.
"""

import os
import pathlib
import subprocess
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
import safetensors.torch
import torch
from keras import layers
from safetensors.numpy import save_file
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
CONVERT = HERE.parent.parent / "tools/convert_weights"
BLOCKS = (2, 2, 3, 3, 3)
random = np.random.default_rng(20261128)


def picture(side):
    """Bytes that tests/model/import.cpp draws likewise."""
    state, out = 7, np.empty(side * side * 3, np.uint8)
    for i in range(out.size):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = state >> 24
    return out.reshape(1, side, side, 3)


def torch_pixels(bytes_):
    x = (bytes_ / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    return torch.tensor(x.transpose(0, 3, 1, 2).astype(np.float32))


def caffe_pixels(bytes_):
    return bytes_[..., ::-1].astype(np.float32) - np.array([103.939, 116.779, 123.68], np.float32)


def torch_net(width, side, dense, normalised):
    features, channels = [], 3
    for block, convolutions in enumerate(BLOCKS):
        for _ in range(convolutions):
            filters = width * min(2**block, 8)
            features += [nn.Conv2d(channels, filters, 3, padding=1)]
            features += [nn.BatchNorm2d(filters)] if normalised else []
            features += [nn.ReLU()]
            channels = filters
        features += [nn.MaxPool2d(2)]
    at = (side // 32)**2 * channels
    net = nn.Sequential()
    net.add_module("features", nn.Sequential(*features))
    net.add_module("flatten", nn.Flatten())
    net.add_module("classifier", nn.Sequential(nn.Linear(at, dense[0]), nn.ReLU(), nn.Dropout(), nn.Linear(dense[0], dense[1]),
                                               nn.ReLU(), nn.Dropout(), nn.Linear(dense[1], dense[2])))
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if value.dim() > 1:
                fresh = random.standard_normal(value.shape, np.float32) * np.sqrt(2 / value[0].numel())
            elif name.endswith("running_var") or (normalised and name.startswith("features") and name.endswith("weight")):
                fresh = random.uniform(0.5, 1.5, value.shape)
            elif value.dim() == 1:
                fresh = random.uniform(-0.1, 0.3, value.shape)
            else:
                continue
            value.copy_(torch.tensor(fresh.astype(np.float32)))
    return net.eval()


def keras_net(width, side, dense):
    stack = [layers.Input((side, side, 3))]
    for block, convolutions in enumerate(BLOCKS):
        stack += [layers.Conv2D(width * min(2**block, 8), 3, padding="same", activation="relu",
                                name=f"block{block + 1}_conv{k + 1}") for k in range(convolutions)]
        stack += [layers.MaxPooling2D(2, name=f"block{block + 1}_pool")]
    stack += [layers.Flatten(), layers.Dense(dense[0], activation="relu", name="fc1"),
              layers.Dense(dense[1], activation="relu", name="fc2"), layers.Dense(dense[2], name="predictions")]
    net = keras.Sequential(stack, name="vgg16")
    # Caffe's pixels reach 150: the first kernels are smaller.
    net.set_weights([random.standard_normal(w.shape, np.float32) * np.sqrt(2 / w[..., 0].size) / (60 if i == 0 else 1)
                     if w.ndim > 1 else random.uniform(-0.1, 0.3, w.shape) for i, w in enumerate(net.get_weights())])
    return net


def array(value):
    return np.ascontiguousarray(value.detach().numpy() if torch.is_tensor(value) else value, np.float32)


def main():
    full = len(sys.argv) == 3 and sys.argv[1] == "--full"
    if len(sys.argv) != 1 and not full:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[2]) if full else HERE
    out.mkdir(parents=True, exist_ok=True)
    width, side, dense = (64, 224, (4096, 4096, 1000)) if full else (1, 64, (6, 6, 5))
    wide = 256 if full else 96
    expected = {}
    with torch.no_grad():
        for name in ("torch", "torch_bn"):
            net = torch_net(width, side, dense, name == "torch_bn")
            expected[f"{name}/logits"] = array(net(torch_pixels(picture(side))))
            expected[f"{name}/features"] = array(net.features(torch_pixels(picture(wide))).permute(0, 2, 3, 1))
            if full:
                torch.save(net.state_dict(), out / f"{name}.pth")
            else:  # by the format's own package, which sorts by name
                safetensors.torch.save_file(net.state_dict(), out / f"weights_{name}.bin", metadata={"format": "pt"})
        net = keras_net(width, side, dense)
        # Keras' own applications are this network where it is full.
        if full:
            own = keras.applications.VGG16(weights=None, classifier_activation=None)
            own.set_weights(net.get_weights())
            net = own
        expected["keras/logits"] = array(net(caffe_pixels(picture(side))))
        base = keras_net(width, wide, dense)
        base = keras.Model(base.inputs[0], base.get_layer("block5_pool").output)
        base.set_weights(net.get_weights()[:26])
        expected["keras/features"] = array(base(caffe_pixels(picture(wide))))
        if full:
            net.save(out / "keras.h5")
            net.save_weights(out / "keras.weights.h5")
            net.save(out / "keras.keras")
        else:
            path = out / "weights_keras.keras"
            net.save(path)
            subprocess.run([CONVERT, "--quiet", "--preprocessing", "caffe", path, out / "weights_keras.bin"], check=True,
                           env=os.environ | {"PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"})
            path.unlink()
    versions = f"keras {keras.__version__}, torch {torch.__version__}, numpy {np.__version__}, safetensors {safetensors.__version__}"
    save_file(expected, out / "weights_expected.bin", metadata={"made_by": versions})
    for file in out.glob("weights_*.bin"):
        file.chmod(0o644)
    for name, value in expected.items():
        print(name, value.shape, "norm", np.linalg.norm(value), "above zero", (value > 0).mean())


main()
