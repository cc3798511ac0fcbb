// The CUDA backend: Model<Net, Cuda<>>. Adds nothing where another compiler than nvcc is at work, so that one header of
// a program's own may serve both; strata.hpp includes it by itself.
#pragma once

#if defined(__CUDACC__)
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/model/cuda_runner.cuh>
#include <strata/train/cuda_trainer.cuh>
#endif
