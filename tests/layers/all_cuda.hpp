// The kernels of every layer that has some of its own. (Where nvcc compiles, layers bring theirs by themselves.)
#pragma once

#include <strata/layers.hpp>
#include <strata/layers/avg_pool/cuda.cuh>
#include <strata/layers/batch_norm/cuda.cuh>
#include <strata/layers/conv/cuda.cuh>
#include <strata/layers/dense/cuda.cuh>
#include <strata/layers/global_avg_pool/cuda.cuh>
#include <strata/layers/global_max_pool/cuda.cuh>
#include <strata/layers/log_softmax/cuda.cuh>
#include <strata/layers/max_pool/cuda.cuh>
#include <strata/layers/softmax/cuda.cuh>
