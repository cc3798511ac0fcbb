#!/usr/bin/env python3
"""Makes keras.bin, a safetensors file with what Keras computes: the steps of optimizers, and a small net in training.

    KERAS_BACKEND=jax make_keras.py FILE

It needs keras, jax, numpy and safetensors; the tests that read the file need none of them. tests/train/keras.cpp has
the same net and the same optimizers.
"""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
import jax
import keras
import numpy as np
from keras import layers
from safetensors.numpy import save_file

OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(0.05, momentum=0.8, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(),
    "adam_other": lambda: keras.optimizers.Adam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3),
}
STEPS, BATCH, SIDE, CHANNELS, CLASSES = 3, 8, 12, 2, 5

random = np.random.default_rng(20240229)
tensors = {}


def array(value):
    return np.ascontiguousarray(keras.ops.convert_to_numpy(value), np.float32)


def steps_of_optimizers():
    start = np.array([1, -0.5, 2, 1e-3, -3], np.float32)
    gradients = random.normal(size=(8, start.size)).astype(np.float32) * np.array([1, 1e-3, 1e3, 1e-6, 0], np.float32)
    tensors["optimizer/gradients"] = gradients
    for name, make in OPTIMIZERS.items():
        weights, optimizer = keras.Variable(start), make()
        history = [array(weights)]
        for g in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(g)], [weights])
            history.append(array(weights))
        tensors[f"optimizer/{name}"] = np.stack(history)


def net():
    """Names are those that strata gives: the kind and a running number of that kind."""
    return keras.Sequential([
        layers.Input((SIDE, SIDE, CHANNELS)),
        layers.Conv2D(5, 3, name="conv_1"),
        layers.LeakyReLU(negative_slope=0.08),
        layers.MaxPooling2D(2),
        layers.Conv2D(6, (3, 2), strides=2, padding="same", activation="relu", name="conv_2"),
        layers.AveragePooling2D(2, strides=1),
        layers.BatchNormalization(name="batch_norm_1"),
        layers.Flatten(),
        layers.Dense(7, name="dense_1"),
        layers.ReLU(),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-2, name="batch_norm_2"),
        layers.Dense(CLASSES, name="dense_2"),
    ])


def weights_of(model):
    return {f"{layer.name}/{w.name}": array(w) for layer in model.layers for w in layer.weights}


def training_of_a_net():
    images = random.normal(size=(STEPS * BATCH, SIDE, SIDE, CHANNELS)).astype(np.float32)
    labels = random.integers(0, CLASSES, STEPS * BATCH).astype(np.int32)
    tensors["net/images"], tensors["net/labels"] = images, labels
    model = net()
    for layer in model.layers:
        for w in layer.weights:
            low, high = (0.5, 1.5) if w.name in ("gamma", "moving_variance") else (-0.4, 0.4)
            w.assign(random.uniform(low, high, w.shape).astype(np.float32))
    start = weights_of(model)
    tensors.update({f"net/start/{name}": value for name, value in start.items()})
    for name, make in OPTIMIZERS.items():
        for layer in model.layers:
            for w in layer.weights:
                w.assign(start[f"{layer.name}/{w.name}"])
        model.compile(make(), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        batches = range(0, len(images), BATCH)
        loss = [model.train_on_batch(images[b:b + BATCH], labels[b:b + BATCH]) for b in batches]
        tensors[f"net/{name}/loss"] = np.array(loss, np.float32)
        tensors.update({f"net/{name}/{key}": value for key, value in weights_of(model).items()})
        tensors[f"net/{name}/probabilities"] = array(keras.ops.softmax(model(images, training=False)))


def main():
    steps_of_optimizers()
    training_of_a_net()
    versions = f"keras {keras.__version__}, jax {jax.__version__}, numpy {np.__version__}"
    save_file(tensors, sys.argv[1], {"made_by": versions})
    print(f"{sys.argv[1]}: {len(tensors)} tensors by {versions}")


if __name__ == "__main__":
    main()
