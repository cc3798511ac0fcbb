#!/usr/bin/env python3
"""Makes torch_training.bin, a safetensors file with values of PyTorch's schedules and losses.

    make_torch_training.py FILE

It needs torch (1.13 will do) and numpy; the tests that read the file need neither. tests/train/schedule.cpp has
the same schedules, tests/loss/losses.cpp the same losses.
"""

import json
import struct
import sys
import warnings

import numpy as np
import torch
from torch.nn import functional

warnings.filterwarnings("ignore")  # a scheduler that is asked before its optimizer
EPOCH = 10  # steps of an epoch
torch.manual_seed(20240817)
tensors = {}


def rates(make, steps):
    """What a schedule makes of a learning rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = make(optimizer)
    result = []
    for _ in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    return np.array(result, np.float64)


def schedules():
    of = torch.optim.lr_scheduler
    tensors["schedule/one_cycle"] = rates(lambda o: of.OneCycleLR(o, 1.0, total_steps=60, cycle_momentum=False), 60)
    tensors["schedule/one_cycle_other"] = rates(
        lambda o: of.OneCycleLR(o, 1.0, total_steps=60, pct_start=0.55, div_factor=10, final_div_factor=50,
                                cycle_momentum=False), 60)
    tensors["schedule/warm_up"] = rates(lambda o: of.LinearLR(o, 1 / 20, 1.0, total_iters=19), 60)
    epochs = rates(lambda o: of.CosineAnnealingLR(o, 5, eta_min=0.1), 6)
    tensors["schedule/cosine_of_epochs"] = epochs
    figures = np.array([1, 0.8, 0.9, 0.85, 0.81, 0.79995, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.4, 0.5, 0.5, 0.5,
                        0.5, 0.5, 0.5], np.float64)
    tensors["plateau/figures"] = figures
    for name, options in {"plain": {}, "cooldown": {"cooldown": 2}, "least_rate": {"min_lr": 0.05}}.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        # PyTorch waits for one epoch more than Keras and strata: it lowers the rate behind patience + 1 of them.
        schedule = of.ReduceLROnPlateau(optimizer, factor=0.2, patience=2, threshold=1e-4, threshold_mode="abs", **options)
        result = []
        for figure in figures:
            schedule.step(figure)
            result.append(optimizer.param_groups[0]["lr"])
        tensors[f"plateau/{name}"] = np.array(result, np.float64)


def losses():
    """Losses and gradients in double, of float inputs."""
    samples, classes = 6, 5
    logits = (torch.randn(samples, classes) * 3).float()
    labels = torch.randint(0, classes, (samples,))
    targets = torch.softmax(torch.randn(samples, classes) * 2, 1).float()
    targets[0] = 0
    targets[0, 2] = 1
    bits = torch.randint(0, 2, (samples, classes)).float()
    tensors.update({"loss/logits": logits, "loss/labels": labels.int(), "loss/targets": targets, "loss/bits": bits})

    def put(name, f):
        z = logits.double().requires_grad_()
        loss = f(z)
        loss.backward()
        tensors[f"loss/{name}"] = np.array([loss.item()])
        tensors[f"loss/{name}/gradient"] = z.grad.numpy()

    t, b = targets.double(), bits.double()
    put("cross_entropy", lambda z: functional.cross_entropy(z, labels))
    put("smoothed", lambda z: functional.cross_entropy(z, labels, label_smoothing=0.1))
    put("smoothed_targets", lambda z: functional.cross_entropy(z, t, label_smoothing=0.2))
    put("nll", lambda z: functional.nll_loss(functional.log_softmax(z, 1), labels))
    put("kl", lambda z: functional.kl_div(functional.log_softmax(z, 1), t, reduction="batchmean"))
    put("mse", lambda z: functional.mse_loss(z, t))
    put("mse_of_softmax", lambda z: functional.mse_loss(torch.softmax(z, 1), t))
    put("bce", lambda z: functional.binary_cross_entropy_with_logits(z, b))


def save(path, metadata):
    """The safetensors format, so that the package is not needed."""
    kinds = {"float64": "F64", "float32": "F32", "int32": "I32"}
    header, data = {"__metadata__": metadata}, b""
    for name, value in tensors.items():
        value = np.ascontiguousarray(value.numpy() if isinstance(value, torch.Tensor) else value)
        header[name] = {"dtype": kinds[str(value.dtype)], "shape": list(value.shape),
                        "data_offsets": [len(data), len(data) + value.nbytes]}
        data += value.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    schedules()
    losses()
    made_by = f"torch {torch.__version__}, numpy {np.__version__}"
    save(sys.argv[1], {"made_by": made_by})
    print(f"{sys.argv[1]}: {len(tensors)} tensors by {made_by}")
