#!/usr/bin/env python3
"""The other side of tests/io/safetensors/python.cpp: the format's own package writes and reads the same sample.

    interop.py write FILE    write the sample (also how tests/golden/safetensors_python.bin was made)
    interop.py check FILE    fail unless FILE, written by strata, holds the sample
"""

import sys

import numpy as np
import safetensors

# The same sample stands in tests/io/safetensors/sample.hpp.
TENSORS = {
    "conv_1/kernel": (np.arange(18, dtype=np.float32) / 8 - 1).reshape(3, 3, 1, 2),
    "conv_1/bias": np.array([-0.0, np.inf], np.float32),
    "scalar": np.array(42, np.float32),
    "empty": np.zeros((0, 3), np.float32),
    "f64": np.array([0.1, -1e300], np.float64),
    "f16": np.array([1, -2, 65504, 2.0**-24], np.float16),
    "i64": np.array([-(2**63), 2**63 - 1], np.int64),
    "i32": np.array([-(2**31), 2**31 - 1], np.int32),
    "i16": np.array([-(2**15), 2**15 - 1], np.int16),
    "i8": np.array([-128, 127], np.int8),
    "u64": np.array([0, 2**64 - 1], np.uint64),
    "u32": np.array([0, 2**32 - 1], np.uint32),
    "u16": np.array([0, 2**16 - 1], np.uint16),
    "u8": np.array([0, 255], np.uint8),
    "bool": np.array([True, False, True]),
    'name "\u00e4\\\U0001f600"\n\t\x01': np.array([7], np.int8),
}
BF16 = np.array([0x3F80, 0xC000], np.uint16)  # 1, -2; numpy has no type for it
METADATA = {"format": "strata", "line\n1": 'quote " backslash \\ \u00e4 \U0001f600 \x01', "": ""}


def write(path):
    spec = {}
    for name, array in (TENSORS | {"bf16": BF16}).items():
        dtype = "bfloat16" if name == "bf16" else array.dtype.name
        if hasattr(safetensors, "TensorSpec"):  # since 0.8
            spec[name] = safetensors.TensorSpec(
                dtype=dtype, shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes
            )
        else:
            spec[name] = {"dtype": dtype, "shape": array.shape, "data": array.tobytes()}
    made_by = {"made_by": f"safetensors {safetensors.__version__}, numpy {np.__version__}"}
    with open(path, "wb") as file:
        file.write(safetensors.serialize(spec, metadata=METADATA | made_by))


def check(path):
    with safetensors.safe_open(path, framework="np") as file:
        assert sorted(file.keys()) == sorted([*TENSORS, "bf16"]), file.keys()
        assert file.metadata() == METADATA, file.metadata()
        for name, expected in TENSORS.items():
            found = file.get_tensor(name)
            assert found.dtype == expected.dtype, (name, found.dtype)
            assert found.shape == expected.shape, (name, found.shape)
            assert found.tobytes() == expected.tobytes(), (name, found)
    with open(path, "rb") as file:
        raw = dict(safetensors.deserialize(file.read()))["bf16"]
    assert raw["dtype"] == "BF16" and raw["shape"] == [2] and bytes(raw["data"]) == BF16.tobytes(), raw


if len(sys.argv) != 3 or sys.argv[1] not in ("write", "check"):
    sys.exit(__doc__)
{"write": write, "check": check}[sys.argv[1]](sys.argv[2])
