// layers/conv/cuda_window_patch.cuh, for tools/check_cuda: it has no kernel of its own.
#include <strata/layers/conv/cuda_window_patch.cuh>
