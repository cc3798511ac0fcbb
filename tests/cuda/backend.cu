// cuda/backend.cuh, for tools/check_cuda: it has no kernel of its own.
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/layers/max_pool/cuda.cuh>

static_assert(strata::Cuda<>::has_kernel<strata::ReLU>(strata::Mode::training));
static_assert(strata::Cuda<>::has_kernel<strata::MaxPool<2>>(strata::Mode::inference));
