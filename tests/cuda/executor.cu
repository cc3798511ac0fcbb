// cuda/executor.cuh has no kernels of its own; this file sees that it compiles.
#include <strata/cuda/executor.cuh>
