#!/usr/bin/env python3
"""Makes keras_training.bin, a safetensors file with steps of Keras' optimizers and values of its schedules.

    KERAS_BACKEND=jax make_keras_training.py FILE

It needs keras, jax, numpy and safetensors; the tests that read the file need none of them. tests/train/keras_training.cpp
has the same optimizers and schedules.
"""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
import jax
import keras
import numpy as np
from safetensors.numpy import save_file

optimizers = keras.optimizers
OPTIMIZERS = {
    "adamw": lambda: optimizers.AdamW(),
    "adamw_other": lambda: optimizers.AdamW(0.1, weight_decay=0.3, beta_1=0.8, beta_2=0.95, epsilon=1e-3),
    "nadam": lambda: optimizers.Nadam(),
    "nadam_other": lambda: optimizers.Nadam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3),
    "rmsprop": lambda: optimizers.RMSprop(),
    "rmsprop_momentum": lambda: optimizers.RMSprop(0.05, rho=0.8, momentum=0.7, epsilon=1e-3),
    "adagrad": lambda: optimizers.Adagrad(),
    "adagrad_other": lambda: optimizers.Adagrad(0.2, initial_accumulator_value=0.5, epsilon=1e-3),
    "adadelta": lambda: optimizers.Adadelta(),
    "adadelta_other": lambda: optimizers.Adadelta(1.0, rho=0.8, epsilon=1e-3),
    "decayed": lambda: optimizers.SGD(0.05, momentum=0.9, weight_decay=0.4),
}
STEPS, WEIGHTS = 12, 5

SCHEDULES = {  # 10 steps are an epoch
    "step": optimizers.schedules.ExponentialDecay(1.0, 20, 0.3, staircase=True),
    "exponential": optimizers.schedules.ExponentialDecay(1.0, 10, 0.7),
    "cosine": optimizers.schedules.CosineDecay(1.0, 50),
    "cosine_last": optimizers.schedules.CosineDecay(1.0, 30, alpha=0.2),
    "linear": optimizers.schedules.PolynomialDecay(1.0, 40, end_learning_rate=0.1, power=1.0),
}

random = np.random.default_rng(20240817)
tensors = {}


def array(value):
    return np.ascontiguousarray(keras.ops.convert_to_numpy(value), np.float32)


def steps_of(name, optimizer, start, gradients):
    weights = keras.Variable(start)
    history = [array(weights)]
    for g in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g)], [weights])
        history.append(array(weights))
    tensors[f"optimizer/{name}"] = np.stack(history)


def main():
    start = np.array([1, -0.5, 2, 1e-3, -3], np.float32)
    scales = np.array([1, 1e-3, 1e3, 1e-6, 0], np.float32)
    gradients = random.normal(size=(STEPS, WEIGHTS)).astype(np.float32) * scales
    tensors["optimizer/gradients"] = gradients
    for name, make in OPTIMIZERS.items():
        steps_of(name, make(), start, gradients)
    # The norm of the gradient of step 1 is about 1e3.
    steps_of("clipped", optimizers.SGD(0.1, global_clipnorm=0.75), start, gradients)
    for name, schedule in SCHEDULES.items():
        tensors[f"schedule/{name}"] = np.array([float(schedule(i)) for i in range(60)], np.float32)
    versions = f"keras {keras.__version__}, jax {jax.__version__}, numpy {np.__version__}"
    save_file(tensors, sys.argv[1], {"made_by": versions})
    print(f"{sys.argv[1]}: {len(tensors)} tensors by {versions}")


if __name__ == "__main__":
    main()
