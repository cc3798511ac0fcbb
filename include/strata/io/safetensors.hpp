// The safetensors file format (https://github.com/huggingface/safetensors): named tensors and a little text.
//
//     8 bytes   N, the length of the header, an unsigned little-endian integer
//     N bytes   the header: a JSON object, padded with spaces,
//               {"__metadata__": {"key": "text"}, "conv_1/kernel": {"dtype": "F32", "shape": [3, 3, 1, 28],
//                "data_offsets": [0, 1008]}, ...}
//     the rest  the tensors' bytes, little-endian, row-major, without holes; offsets count from here
//
// These headers know the format and nothing of networks.
#pragma once

#include <strata/io/safetensors/read.hpp>
#include <strata/io/safetensors/tensor.hpp>
#include <strata/io/safetensors/write.hpp>
