#!/usr/bin/env python3
"""Writes pillow.bin: pictures resized by Pillow's BILINEAR, for tests/data/resize.cpp.

For each size: height, width, channels, height and width wanted (int32 each), the picture, and what Pillow makes of it.
Made with Pillow 9.4.0.
"""
import pathlib
import struct

from PIL import Image

state = 1


def noise(count):
    global state
    values = bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return bytes(values)


out = bytearray()
for height, width, channels, to_height, to_width in [(9, 13, 3, 4, 5), (5, 7, 1, 5, 3), (6, 4, 3, 17, 9), (40, 3, 1, 2, 30),
                                                     (1, 50, 3, 8, 8)]:
    pixels = noise(height * width * channels)
    picture = Image.frombytes("L" if channels == 1 else "RGB", (width, height), pixels)
    result = picture.resize((to_width, to_height), Image.BILINEAR).tobytes()
    out += struct.pack("<5i", height, width, channels, to_height, to_width) + pixels + result
pathlib.Path(__file__).with_name("pillow.bin").write_bytes(out)
