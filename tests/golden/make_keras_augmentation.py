#!/usr/bin/env python3
"""Makes keras_augmentation.bin, a safetensors file with images that Keras' affine transformation changed.

    KERAS_BACKEND=jax make_keras_augmentation.py FILE

It needs keras, jax, numpy, scipy and safetensors; the test that reads the file, tests/augment/warp.cpp, needs none of
them. Keras fills with scipy's "nearest" and "reflect"; "constant" is scipy's "grid-constant", which interpolates with
what lies outside.
"""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np
import scipy
from keras.src.legacy.preprocessing import image
from safetensors.numpy import save_file

SIDE, CHANNELS = 12, 2
# theta, tx, ty, shear, zx, zy
CASES = [
    (0, 0, 0, 0, 1, 1),
    (8, 0, 0, 0, 1, 1),
    (-150, 0, 0, 0, 1, 1),
    (0, 1.25, -2.5, 0, 1, 1),
    (0, 0, 0, 20, 1, 1),
    (0, 0, 0, 0, 0.7, 1.3),
    (25, 2.75, -1.5, -15, 1.2, 0.85),
    (90, 15.5, 3, 0, 1.5, 1.5),
]

tensors = {"cases": np.array(CASES, np.float64)}
picture = np.random.default_rng(20240817).uniform(0, 255, (SIDE, SIDE, CHANNELS)).astype(np.float32)
tensors["image"] = picture
for fill in ("nearest", "reflect", "grid-constant"):
    for i, (theta, tx, ty, shear, zx, zy) in enumerate(CASES):
        changed = image.apply_affine_transform(picture.astype(np.float64), theta, tx, ty, shear, zx, zy, row_axis=0,
                                               col_axis=1, channel_axis=2, fill_mode=fill, cval=40.0)
        tensors[f"{fill}/{i}"] = np.ascontiguousarray(changed, np.float32)
made_by = f"keras {keras.__version__}, scipy {scipy.__version__}, numpy {np.__version__}"
save_file(tensors, sys.argv[1], {"made_by": made_by})
print(f"{sys.argv[1]}: {len(tensors)} tensors by {made_by}")
