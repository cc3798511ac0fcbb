// cuda/features.cuh has no kernels of its own; this file sees that it compiles.
#include <strata/cuda/features.cuh>
