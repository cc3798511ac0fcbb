// CUDA's run time: the GPU, its memory, streams and graphs, every call checked.
#pragma once

#include <strata/cuda/runtime/buffer.hpp>
#include <strata/cuda/runtime/check.hpp>
#include <strata/cuda/runtime/device.hpp>
#include <strata/cuda/runtime/graph.hpp>
#include <strata/cuda/runtime/stream.hpp>
